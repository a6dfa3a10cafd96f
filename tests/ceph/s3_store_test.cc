// The contract suite over radosgw, and what only S3 has. Run by with_radosgw.py; a suite of blobs
// has a bucket of its own, a test a prefix.
#include "blob/s3/s3_store.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <atomic>

#include "blob/contract.h"
#include "blob/s3/multipart.h"
#include "blob/s3/s3_answers.h"

namespace tidemark::blob {
namespace {

using namespace std::chrono_literals;

std::string FromEnvironment(const char* name) {
  const char* const value = ::getenv(name);
  return value ? value : "";
}

struct World {
  SystemClock clock;
  SystemPause pause;
};

World& TheWorld() {
  static World world;
  return world;
}

S3Config ConfigOf(const std::string& bucket) {
  static std::atomic<int> next{0};
  return {.endpoint = FromEnvironment("TIDEMARK_S3_ENDPOINT"),
          .bucket = bucket,
          .prefix = fmt::format("test {}/", next++),
          .credentials = {.access_key = FromEnvironment("TIDEMARK_S3_ACCESS_KEY"),
                          .secret = FromEnvironment("TIDEMARK_S3_SECRET_KEY"),
                          .session_token = ""},
          .multipart_above = 8 << 20};
}

// A client beside the store, for what the seam does not offer.
struct Client {
  explicit Client(const S3Config& config)
      : transport(NewCurlTransport({})),
        s3(config, *transport, TheWorld().clock, TheSystemRandom(), TheWorld().pause) {}
  std::unique_ptr<HttpTransport> transport;
  S3Client s3;
};

void MakeBucket(const S3Config& config, const HttpHeaders& headers = {}) {
  const auto made =
      Client(config).s3.Send({.method = "PUT", .of_bucket = true, .headers = headers});
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->http.status, 200) << made->http.body;
}

std::unique_ptr<S3Store> OpenStore(const S3Config& config, CurlOptions options = {}) {
  auto store = S3Store::Open(config, NewCurlTransport(std::move(options)), TheWorld().clock,
                             TheSystemRandom(), TheWorld().pause);
  EXPECT_TRUE(store) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

// Puts other bytes under the metadata that were there.
void Damage(const S3Config& config, const std::string& name) {
  Client client(config);
  const auto head = client.s3.Send({.method = "HEAD", .key = name});
  ASSERT_TRUE(head && head->http.status == 200);
  HttpHeaders headers;
  for (const auto& header : head->http.headers) {
    if (header.first.starts_with("x-amz-meta-")) headers.push_back(header);
  }
  const std::string bytes(std::stoul(std::string(head->http.Header("content-length"))), '!');
  const MemorySource body(bytes);
  const auto put = client.s3.Send({.method = "PUT",
                                   .key = name,
                                   .headers = headers,
                                   .body = &body,
                                   .body_sha256 = crypto::Sha256(bytes)});
  ASSERT_TRUE(put && put->http.status == 200);
}

StoreUnderTest OpenForContract() {
  static const bool made = [] {
    MakeBucket(ConfigOf("contract"));
    return true;
  }();
  (void)made;
  const S3Config config = ConfigOf("contract");
  return {.keeps_alive = nullptr,
          .store = OpenStore(config),
          .damage = [config](const std::string& name) { Damage(config, name); }};
}

std::string NameOf(const testing::TestParamInfo<Contract>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Radosgw, BlobStoreContract,
    testing::Values(Contract{.name = "S3", .open = OpenForContract, .big_bytes = 64 << 20},
                    Contract{.name = "S3WithFaults",
                             .open = [] { return WithFaults(OpenForContract()); },
                             .big_bytes = 10 << 20,
                             .many = 100}),
    NameOf);

TEST(S3Store, IsAddressedByHostAsWell) {
  S3Config config = ConfigOf("by-host");
  MakeBucket(config);
  config.path_style = false;
  auto store = OpenStore(config);
  ASSERT_TRUE(store->Put("a b/c+d", MemorySource("hello"), {}));
  EXPECT_EQ(store->Get("a b/c+d", {})->bytes, "hello");
  EXPECT_EQ(store->List({})->blobs.size(), 1u);
}

TEST(S3Store, SpeaksTlsToThoseItTrusts) {
  S3Config config = ConfigOf("tls");
  MakeBucket(config);
  config.endpoint = FromEnvironment("TIDEMARK_S3_TLS_ENDPOINT");
  auto store = OpenStore(config, {.ca_file = FromEnvironment("TIDEMARK_S3_CA")});
  ASSERT_TRUE(store->Put("a", MemorySource("hello"), {}));
  EXPECT_EQ(store->Get("a", {})->bytes, "hello");
  const auto untrusted = OpenStore(config)->Get("a", {});
  ASSERT_FALSE(untrusted);
  EXPECT_EQ(untrusted.error().kind, ErrorKind::kIo) << untrusted.error().message;
}

TEST(S3Store, TellsWhenItIsRefused) {
  S3Config config = ConfigOf("refused");
  MakeBucket(config);
  config.credentials.secret = "wrong";
  const auto put = OpenStore(config)->Put("a", MemorySource("x"), {});
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::kAccessDenied);
  EXPECT_THAT(put.error().message, testing::HasSubstr("SignatureDoesNotMatch"));
}

TEST(S3Store, RetainsUntilTheTime) {
  S3Config config = ConfigOf("locked");
  MakeBucket(config, {{"x-amz-bucket-object-lock-enabled", "true"}});
  config.object_lock = true;
  auto store = OpenStore(config);
  const Retention retention{
      .mode = Retention::Mode::kCompliance,
      .until = std::chrono::floor<std::chrono::seconds>(TheWorld().clock.Now()) + 24h};
  const auto put = store->Put("kept", MemorySource("evidence"),
                              {.only_if_absent = true, .retention = retention});
  ASSERT_TRUE(put) << put.error().message;
  const auto head = store->Head("kept");
  ASSERT_TRUE(head && head->retention);
  EXPECT_EQ(*head->retention, retention);
  const auto deleted = store->Delete("kept");
  ASSERT_FALSE(deleted);
  EXPECT_EQ(deleted.error().kind, ErrorKind::kAccessDenied) << deleted.error().message;
  EXPECT_EQ(store->Get("kept", {})->bytes, "evidence");

  // What is not retained goes, with what it had replaced.
  ASSERT_TRUE(store->Put("free", MemorySource("1"), {}));
  ASSERT_TRUE(store->Put("free", MemorySource("2"), {}));
  ASSERT_TRUE(store->Delete("free"));
  EXPECT_EQ(store->Head("free").error().kind, ErrorKind::kNotFound);
}

TEST(S3Store, EndsUploadsThatACrashLeft) {
  const S3Config config = ConfigOf("uploads");
  MakeBucket(config);
  Client client(config);
  for (const char* key : {"a b", "c"}) {
    const auto begun = client.s3.Send({.method = "POST", .key = key, .query = "uploads="});
    ASSERT_TRUE(begun && begun->http.status == 200);
  }
  auto store = OpenStore(config);
  const Timestamp now = TheWorld().clock.Now();
  EXPECT_EQ(store->Sweep(now - 1h).value(), 0u);
  EXPECT_EQ(store->Sweep(now + 1h).value(), 2u);
  EXPECT_EQ(store->Sweep(now + 1h).value(), 0u);
}

// Gives other bytes than it had when it was hashed.
class FickleSource final : public BlobSource {
 public:
  explicit FickleSource(uint64_t size) : size_(size) {}
  uint64_t size() const override { return size_; }
  Result<void> Read(uint64_t, size_t bytes, char* out) const override {
    std::memset(out, 'a' + reads_++ % 26, bytes);
    return {};
  }

 private:
  uint64_t size_;
  mutable std::atomic<int> reads_{0};
};

TEST(S3Store, PutsNothingThatChangesMeanwhile) {
  const S3Config config = ConfigOf("fickle");
  MakeBucket(config);
  auto store = OpenStore(config);
  for (const uint64_t size : {uint64_t{1000}, uint64_t{20} << 20}) {
    const auto put = store->Put("a", FickleSource(size), {});
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().kind, ErrorKind::kCorruption) << put.error().message;
    EXPECT_EQ(store->Head("a").error().kind, ErrorKind::kNotFound);
  }
  EXPECT_EQ(store->Sweep(TheWorld().clock.Now() + 1h).value(), 0u);
}

}  // namespace
}  // namespace tidemark::blob
