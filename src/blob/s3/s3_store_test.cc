// The S3 store over a transport that answers as a script says; over radosgw: tests/ceph.
#include "blob/s3/s3_store.h"

#include <gmock/gmock.h>

#include <deque>

#include "blob/s3/multipart.h"
#include "blob/s3/s3_answers.h"

namespace tidemark::blob {
namespace {

using testing::HasSubstr;

// Answers in order; a body is read, as a server would.
class ScriptedTransport final : public HttpTransport {
 public:
  using Answer = std::function<Result<HttpAnswer>(const HttpRequest&)>;

  Result<HttpAnswer> Send(const HttpRequest& request) override {
    requests.push_back(request);
    bodies.emplace_back();
    if (request.body) {
      bodies.back().resize(request.body->size());
      TM_TRYV(request.body->Read(0, bodies.back().size(), bodies.back().data()));
    }
    if (script.empty()) return Fail(ErrorKind::kInternal, "nothing more was expected");
    const Answer answer = std::move(script.front());
    script.pop_front();
    return answer(request);
  }
  void Then(int status, Bytes body = "", HttpHeaders headers = {}) {
    script.push_back([=](const HttpRequest&) {
      return HttpAnswer{.status = status, .headers = headers, .body = body};
    });
  }
  void ThenReset() {
    script.push_back([](const HttpRequest&) -> Result<HttpAnswer> {
      return Fail(ErrorKind::kUnavailable, "connection reset");
    });
  }
  // The metadata of the put that was first.
  void ThenWhatWasPut() {
    script.push_back([this](const HttpRequest&) {
      HttpAnswer answer{.status = 200, .headers = {{"content-length", "1"}}};
      for (const auto& header : requests.front().headers) answer.headers.push_back(header);
      return answer;
    });
  }
  std::string HeaderOf(size_t request, std::string_view name) const {
    return std::string(HttpAnswer{.headers = requests.at(request).headers}.Header(name));
  }

  std::deque<Answer> script;
  std::vector<HttpRequest> requests;
  std::vector<Bytes> bodies;
};

class RecordedPause final : public Pause {
 public:
  Result<void> For(Micros time) override {
    waits.push_back(time);
    return {};
  }
  std::vector<Micros> waits;
};

class S3StoreTest : public testing::Test {
 protected:
  S3StoreTest() {
    config_.endpoint = "https://s3.example";
    config_.bucket = "vault";
    config_.prefix = "p/";
    config_.credentials = {.access_key = "AK", .secret = "secret", .session_token = ""};
    Open();
  }
  void Open() {
    auto transport = std::make_unique<ScriptedTransport>();
    transport_ = transport.get();
    store_ = *S3Store::Open(config_, std::move(transport), clock_, TheSystemRandom(), pause_);
  }

  ManualClock clock_{FromMicros(1'700'000'000'000'000)};
  RecordedPause pause_;
  S3Config config_;
  std::unique_ptr<S3Store> store_;
  ScriptedTransport* transport_ = nullptr;
};

TEST_F(S3StoreTest, AddressesAndSigns) {
  transport_->Then(200);
  ASSERT_TRUE(store_->Put("a b/c+d", MemorySource("x"), {.only_if_absent = true}));
  EXPECT_EQ(transport_->requests[0].url, "https://s3.example/vault/p/a%20b/c%2Bd");
  EXPECT_EQ(transport_->HeaderOf(0, "Host"), "s3.example");
  EXPECT_EQ(transport_->HeaderOf(0, "If-None-Match"), "*");
  EXPECT_EQ(transport_->HeaderOf(0, "x-amz-content-sha256"), HexOf(crypto::Sha256("x")));
  EXPECT_THAT(transport_->HeaderOf(0, "Authorization"), HasSubstr("/us-east-1/s3/aws4_request"));
  EXPECT_THAT(transport_->HeaderOf(0, "Authorization"), HasSubstr("if-none-match;"));
  EXPECT_EQ(transport_->HeaderOf(0, "X-Amz-Security-Token"), "");

  config_.path_style = false;
  config_.credentials.session_token = "token";
  Open();
  transport_->Then(204);
  ASSERT_TRUE(store_->Delete("a"));
  EXPECT_EQ(transport_->requests[0].url, "https://vault.s3.example/p/a");
  EXPECT_EQ(transport_->HeaderOf(0, "Host"), "vault.s3.example");
  EXPECT_EQ(transport_->HeaderOf(0, "X-Amz-Security-Token"), "token");
  EXPECT_THAT(transport_->HeaderOf(0, "Authorization"), HasSubstr("x-amz-security-token"));
}

TEST_F(S3StoreTest, TriesAgainWhatMayPass) {
  transport_->Then(503, "<Error><Code>SlowDown</Code></Error>");
  transport_->ThenReset();
  transport_->Then(429);
  transport_->Then(400, "<Error><Code>RequestTimeout</Code></Error>");
  transport_->Then(200);
  ASSERT_TRUE(store_->Put("a", MemorySource("x"), {}));
  EXPECT_EQ(transport_->bodies, std::vector<Bytes>(5, "x"));
  ASSERT_EQ(pause_.waits.size(), 4u);
  for (size_t i = 0; i < pause_.waits.size(); ++i) {
    EXPECT_LE(pause_.waits[i], config_.retry.delay_first * (1 << i));
  }
}

TEST_F(S3StoreTest, GivesUpAfterItsAttempts) {
  for (int i = 0; i < config_.retry.attempts_max; ++i) transport_->Then(500);
  const auto got = store_->Get("a", {});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(transport_->script.empty());
}

TEST_F(S3StoreTest, DoesNotTryAgainWhatCannotPass) {
  transport_->Then(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
  const auto got = store_->Get("a", {});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::kAccessDenied);
  EXPECT_THAT(got.error().message, HasSubstr("AccessDenied no"));
}

TEST_F(S3StoreTest, KnowsItsOwnConditionalPutAgain) {
  transport_->ThenReset();  // behind the effect
  transport_->Then(412);
  transport_->ThenWhatWasPut();
  EXPECT_TRUE(store_->Put("a", MemorySource("x"), {.only_if_absent = true}));

  Open();
  transport_->ThenReset();
  transport_->Then(412);
  transport_->Then(200, "",
                   {{"content-length", "1"},
                    {"x-amz-meta-tidemark-sha256", HexOf(crypto::Sha256("x"))},
                    {"x-amz-meta-tidemark-writer", "0123456789abcdef"}});
  const auto put = store_->Put("a", MemorySource("x"), {.only_if_absent = true});
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::kAlreadyExists);
}

TEST_F(S3StoreTest, KnowsItsOwnCompletionAgain) {
  config_.multipart_above = 0;
  Open();
  transport_->Then(200,
                   "<InitiateMultipartUploadResult><UploadId>u/1</UploadId>"
                   "</InitiateMultipartUploadResult>");
  transport_->Then(200, "", {{"etag", "\"e\""}});
  transport_->Then(200, "<Error><Code>InternalError</Code></Error>");
  transport_->Then(404, "<Error><Code>NoSuchUpload</Code></Error>");
  transport_->Then(404);  // of the abort
  transport_->ThenWhatWasPut();
  EXPECT_TRUE(store_->Put("a", MemorySource("x"), {}));
  EXPECT_THAT(transport_->requests[1].url, HasSubstr("?partNumber=1&uploadId=u%2F1"));
  EXPECT_THAT(transport_->bodies[2], HasSubstr("<PartNumber>1</PartNumber>"));
  EXPECT_EQ(transport_->requests[4].method, "DELETE");
}

TEST_F(S3StoreTest, EndsAnUploadThatFails) {
  config_.multipart_above = 0;
  config_.retry.attempts_max = 1;
  Open();
  transport_->Then(200,
                   "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                   "</InitiateMultipartUploadResult>");
  transport_->ThenReset();
  transport_->Then(204);
  const auto put = store_->Put("a", MemorySource("x"), {});
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::kUnavailable);
  ASSERT_EQ(transport_->requests.size(), 3u);
  EXPECT_EQ(transport_->requests[2].method, "DELETE");
  EXPECT_THAT(transport_->requests[2].url, HasSubstr("?uploadId=u"));
}

TEST_F(S3StoreTest, RefusesWhatItCannotCheck) {
  transport_->Then(200, "x");
  const auto got = store_->Get("a", {});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(got.error().message, HasSubstr("blob a "));
}

TEST(S3Answers, AreReadWithCare) {
  EXPECT_EQ(ParseError("").code, "");
  EXPECT_EQ(ParseError("<html>").code, "");
  EXPECT_EQ(ParseError("<Error><Code>X</Code></Error>").code, "X");
  EXPECT_FALSE(ParseListing("<Error/>", ""));
  EXPECT_FALSE(
      ParseListing("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", ""));
  EXPECT_FALSE(
      ParseListing("<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>", ""));
  const std::string_view listing =
      "<ListBucketResult><Contents><Key>p/a%20b%2B</Key><Size>17</Size></Contents>"
      "</ListBucketResult>";
  const auto page = ParseListing(listing, "p/");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->blobs.at(0).name, "a b+");
  EXPECT_EQ(page->blobs.at(0).bytes, 17u);
  EXPECT_FALSE(ParseListing(listing, "q/"));
  EXPECT_TRUE(ParseListing(listing, "p/a b+")->blobs.empty());
  EXPECT_FALSE(ParseUploadId("<InitiateMultipartUploadResult/>"));
  EXPECT_EQ(ParseTotal("bytes 0-9/100"), 100u);
  EXPECT_EQ(ParseTotal("bytes */7"), 7u);
  EXPECT_FALSE(ParseTotal("bytes 0-9/*"));
  EXPECT_FALSE(ParseRetention("COMPLIANCE", "soon"));
  EXPECT_FALSE(ParseRetention("", "2026-11-27T10:00:00Z"));
}

TEST(Backoff, WaitsAnythingUpToABoundThatDoubles) {
  const RetryPolicy policy{.delay_first = Micros(100), .delay_longest = Micros(1000)};
  for (int attempt = 1; attempt <= 8; ++attempt) {
    Micros longest{0};
    for (int i = 0; i < 200; ++i) {
      longest = std::max(longest, DelayAfter(attempt, policy, TheSystemRandom()));
    }
    const int64_t bound = std::min(1000, 100 << (attempt - 1));
    EXPECT_LE(longest.count(), bound);
    EXPECT_GT(longest.count(), bound / 2);
  }
}

TEST(Backoff, APauseCanBeEnded) {
  SystemPause pause;
  pause.Cancel();
  EXPECT_EQ(pause.For(std::chrono::hours(1)).error().kind, ErrorKind::kCancelled);
}

}  // namespace
}  // namespace tidemark::blob
