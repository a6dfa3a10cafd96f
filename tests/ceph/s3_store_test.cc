// The contract suite over radosgw, and what only S3 has. Run by with_radosgw.py; a suite of blobs
// has a bucket of its own, a test a prefix.
#include "blob/s3/s3_store.h"

#include <gmock/gmock.h>

#include "blob/contract.h"
#include "blob/s3/multipart.h"
#include "blob/s3/s3_answers.h"
#include "bucket.h"

namespace tidemark::blob {
namespace {

using namespace std::chrono_literals;

// Puts other bytes under the metadata that were there.
void Damage(const S3Config& config, const std::string& name) {
  Client client(config);
  const HttpAnswer head = client.Sent({.method = "HEAD", .key = name});
  const size_t bytes = std::stoul(std::string(head.Header("content-length")));
  client.Put(name, std::string(bytes, '!'), MetadataOf(head));
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
    client.Sent({.method = "POST", .key = key, .query = "uploads="});
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
