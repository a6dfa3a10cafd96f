#include "api/dispatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

#include "auth/credentials.h"
#include "runtime/io_threads.h"
#include "sigv4/signer.h"

namespace tidemark::api {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kKey[] = "AKIDEXAMPLE";
constexpr char kSecret[] = "secret";

Task<std::string> Echo(table::Caller caller, codec::JsonValue body) {
  co_return fmt::format("{} {} {} {}", caller.account.value, caller.region.value,
                        caller.origin.access_key, simdjson::minify(body));
}
Task<std::string> Refuse(table::Caller, codec::JsonValue) {
  co_return Fail(ErrorKind::kValidation, "no");
}
Task<std::string> Throw(table::Caller, codec::JsonValue) {
  throw std::runtime_error("bad");
  co_return "";
}
Task<std::string> Page() { co_return std::string("figure 1\n"); }
Task<void> Reset(table::Caller) { co_return Result<void>(); }

// One key, of root or of a user.
struct OneKey : auth::CredentialStore {
  bool is_root = true;
  std::shared_ptr<const auth::Credential> Lookup(const AccessKeyId& id,
                                                 std::string_view) const override {
    if (id.value != kKey) return nullptr;
    return std::make_shared<const auth::Credential>(
        auth::Credential{.secret = kSecret,
                         .account = AccountId("123456789012"),
                         .arn = "arn:aws:iam::123456789012:user/alice",
                         .is_root = is_root});
  }
};

class DispatcherTest : public testing::Test {
 protected:
  ~DispatcherTest() override {
    threads_.Stop();
    threads_.Join();
  }

  // A request and the strings its views point to.
  struct Wire {
    std::string method = "POST";
    std::string path = "/";
    std::string target = "DynamoDB_20120810.PutItem";
    std::string content_type = "application/x-amz-json-1.0";
    std::string body = "{}";
    bool sign = true;
  };

  http::Response Send(const Wire& wire) {
    http::Request request;
    request.method = wire.method;
    request.path = wire.path;
    request.body = request.raw_body = wire.body;
    request.headers = {
        {"Host", "localhost"}, {"Content-Type", wire.content_type}, {"X-Amz-Target", wire.target}};
    std::vector<std::pair<std::string, std::string>> signature;
    if (wire.sign) {
      sigv4::Signer signer({kKey, kSecret, ""}, "eu-west-1", "dynamodb");
      std::vector<sigv4::HeaderField> fields;
      for (const auto& header : request.headers) fields.push_back({header.name, header.value});
      signature = signer.Sign({wire.method, wire.path, "", fields, wire.body}, clock_.Now());
      for (const auto& [name, value] : signature) request.headers.push_back({name, value});
    }
    auto handle = [](Dispatcher& dispatcher, const http::Request& request) -> Task<http::Response> {
      co_return co_await dispatcher.Handle(request);
    };
    auto response = runtime::RunBlocking(threads_.context(0), handle(*dispatcher_, request));
    EXPECT_TRUE(response);
    return *response;
  }

  void Open(DispatcherOptions options = {}) {
    dispatcher_.emplace(std::vector<Operation>{{"PutItem", "DynamoDB_20120810.", Echo},
                                               {"GetItem", "DynamoDB_20120810.", Refuse},
                                               {"Query", "DynamoDB_20120810.", Throw},
                                               {"ListStreams", "DynamoDBStreams_20120810.", Echo}},
                        authenticator_, std::move(options));
    threads_.Start();
  }

  SystemClock clock_;
  OneKey credentials_;
  auth::Authenticator authenticator_{credentials_, clock_};
  std::optional<Dispatcher> dispatcher_;
  runtime::IoThreads threads_{1};
};

TEST_F(DispatcherTest, RunsTheOperationForTheCaller) {
  Open();
  auto response = Send({.body = R"({"a": [1]})"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"(123456789012 eu-west-1 AKIDEXAMPLE {"a":[1]})");
}

TEST_F(DispatcherTest, KnowsAnOperationByItsServiceAndItsName) {
  Open();
  EXPECT_EQ(Send({.target = "DynamoDBStreams_20120810.ListStreams"}).status, 200);
  for (const char* target :
       {"DynamoDB_20120810.ListStreams", "DynamoDBStreams_20120810.PutItem", "ListStreams"})
    EXPECT_THAT(Send({.target = target}).body, HasSubstr("UnknownOperationException")) << target;
}

TEST_F(DispatcherTest, AnswersErrorsAndExceptions) {
  Open();
  EXPECT_THAT(Send({.target = "DynamoDB_20120810.GetItem"}).body, HasSubstr("ValidationException"));
  auto response = Send({.target = "DynamoDB_20120810.Query"});
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("InternalServerError"));
}

TEST_F(DispatcherTest, ChecksInTheServicesOrder) {
  Open();
  // Each request has all the faults that follow, too.
  const std::string unknown = "DynamoDB_20120810.Nonsense";
  EXPECT_EQ(Send({.method = "PUT", .target = unknown, .body = "{", .sign = false}).body,
            "<UnknownOperationException/>\n");
  EXPECT_EQ(
      Send({.target = unknown, .content_type = "text/plain", .body = "{", .sign = false}).status,
      404);
  EXPECT_EQ(Send({.target = unknown, .body = "{", .sign = false}).body,
            R"({"__type":"com.amazon.coral.service#SerializationException"})");
  EXPECT_EQ(Send({.target = unknown, .sign = false}).body,
            R"({"__type":"com.amazon.coral.service#UnknownOperationException"})");
  EXPECT_THAT(Send({.target = "DynamoDB_20120810.GetItem", .sign = false}).body,
              HasSubstr("MissingAuthenticationTokenException"));
}

TEST_F(DispatcherTest, TakesBothJsonTypesInAnyCaseAndWithParameters) {
  Open();
  for (auto type :
       {"application/json", "Application/X-Amz-Json-1.0", "application/json; charset=utf-8"})
    EXPECT_EQ(Send({.content_type = type}).status, 200) << type;
  EXPECT_EQ(Send({.content_type = "application/jsonx"}).status, 404);
}

TEST_F(DispatcherTest, KnowsOperationsItLacksByName) {
  Open();
  auto response = Send({.target = "DynamoDB_20120810.ExecuteTransaction"});
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("ExecuteTransaction is not available in this version"));
  EXPECT_THAT(Send({.target = "PutItem"}).body, HasSubstr("UnknownOperationException"));
  EXPECT_THAT(Send({.target = ""}).body, HasSubstr("UnknownOperationException"));
}

TEST_F(DispatcherTest, AnswersHealthChecks) {
  bool ready = false;
  Open({.default_region = "eu-west-1", .ready = [&]() -> Result<void> {
          if (ready) return {};
          return Fail(ErrorKind::kUnavailable, "replaying the log");
        }});
  auto get = [&](std::string path) { return Send({.method = "GET", .path = path, .sign = false}); };
  EXPECT_EQ(get("/").body, "healthy: dynamodb.eu-west-1.amazonaws.com ");
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/readyz").body, "not ready: replaying the log\n");
  ready = true;
  EXPECT_EQ(get("/readyz").status, 200);
  EXPECT_EQ(get("/nonsense").status, 404);
}

TEST_F(DispatcherTest, ShowsTheMetricsPageUnsigned) {
  Open({.metrics = Page});
  auto response = Send({.method = "GET", .path = "/metrics", .sign = false});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "figure 1\n");
  EXPECT_THAT(response.content_type, StartsWith("text/plain; version=0.0.4"));
}

TEST_F(DispatcherTest, CountsEveryPostOnceByOperationAndEnding) {
  Open();
  Send({});
  Send({});
  Send({.sign = false});
  Send({.target = "DynamoDB_20120810.Query"});
  Send({.target = "DynamoDB_20120810.Nonsense"});
  Send({.body = "{"});
  Send({.method = "GET", .path = "/healthz"});
  std::map<std::string, uint64_t> counted;
  for (const auto& operation : dispatcher_->figures().all()) {
    for (size_t i = 0; i < operation.times.size(); ++i) {
      const auto count = operation.times[i].Snapshot().count;
      const auto name = fmt::format("{} {}", operation.name, RequestFigures::kEndingNames[i]);
      if (count > 0) counted[name] = count;
    }
  }
  EXPECT_THAT(counted, testing::UnorderedElementsAre(
                           testing::Pair("PutItem 2xx", 2), testing::Pair("PutItem 4xx", 1),
                           testing::Pair("Query 5xx", 1), testing::Pair("other 4xx", 2)));
}

TEST_F(DispatcherTest, AsksWhetherARequestIsAllowed) {
  std::string asked;
  Open({.authorize = [&](const auth::Principal& principal, const http::Request&,
                         std::string_view operation, codec::JsonValue body) -> Result<AccountId> {
    asked = fmt::format("{} {} {}", principal.arn, operation, simdjson::minify(body));
    if (principal.is_root) return principal.account;
    return Fail(ErrorKind::kAccessDenied, "not you");
  }});
  EXPECT_EQ(Send({}).status, 200);
  credentials_.is_root = false;
  EXPECT_EQ(Send({.body = R"({"a":1})"}).body,
            R"({"__type":"com.amazon.coral.service#AccessDeniedException","Message":"not you"})");
  EXPECT_EQ(asked, R"(arn:aws:iam::123456789012:user/alice PutItem {"a":1})");
}

TEST_F(DispatcherTest, RefusesUsersWhereNobodyCanBeAskedAndAtTestHooks) {
  Open({.reset = Reset});
  credentials_.is_root = false;
  EXPECT_THAT(Send({}).body, HasSubstr("AccessDeniedException"));
  EXPECT_THAT(Send({.path = "/_test/reset"}).body, HasSubstr("AccessDeniedException"));
}

TEST_F(DispatcherTest, HandsFormsToTheQueryServices) {
  const Wire form{.content_type = "application/x-www-form-urlencoded; charset=utf-8",
                  .body = "Action=ListUsers"};
  Open({.query = [](const http::Request& request,
                    const std::string&) -> asio::awaitable<http::Response> {
          return [](std::string body) -> asio::awaitable<http::Response> {
            http::Response response;
            response.body = std::move(body);
            co_return response;
          }(std::string(request.body));
        },
        .query_operations = {"iam:ListUsers"},
        .query_operation = [](const http::Request&) { return std::optional<size_t>(0); }});
  EXPECT_EQ(Send(form).body, "Action=ListUsers");
  EXPECT_THAT(Send({}).body, StartsWith("123456789012"));
}

TEST_F(DispatcherTest, RefusesInTheServicesWords) {
  EXPECT_THAT(Dispatcher::Refuse(413).body, HasSubstr("RequestEntityTooLargeException"));
  EXPECT_THAT(Dispatcher::Refuse(400).body, HasSubstr("SerializationException"));
  EXPECT_EQ(Dispatcher::Refuse(408).body, "");
}

TEST_F(DispatcherTest, RefusesTestHooksUnlessEnabled) {
  Open();
  auto response = Send({.path = "/_test/reset"});
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("--test-hooks"));
  EXPECT_THAT(Send({.path = "/_test/clock"}).body, HasSubstr("--test-clock"));
  EXPECT_EQ(Send({.path = "/_test/other"}).status, 404);
}

TEST_F(DispatcherTest, ResetsForAuthenticatedCallersOnly) {
  Open({.reset = Reset});
  EXPECT_EQ(Send({.path = "/_test/reset"}).status, 200);
  EXPECT_THAT(Send({.path = "/_test/reset", .sign = false}).body,
              HasSubstr("MissingAuthenticationTokenException"));
}

TEST_F(DispatcherTest, MovesTheTestClockForwardOnly) {
  SteppedClock test_clock;
  Open({.test_clock = &test_clock});
  auto move = [&](std::string body) { return Send({.path = "/_test/clock", .body = body}); };
  const auto before = test_clock.Now();
  EXPECT_THAT(move(R"({"advance_seconds": 3600.5})").body, StartsWith(R"({"now":)"));
  EXPECT_GE(test_clock.Now() - before, std::chrono::milliseconds(3600500));
  EXPECT_EQ(move(R"({"now": 4000000000})").status, 200);
  EXPECT_GE(ToEpochSeconds(test_clock.Now()), 4000000000);
  EXPECT_EQ(test_clock.StepCount(), 2u);
  for (auto body :
       {R"({"now": 1})", R"({"advance_seconds": -5})", R"({"advance_seconds": "x"})", "[]",
        R"({"advance_seconds": 1e300})", "{}", R"({"advance_seconds": 1, "now": 4000000001})"}) {
    EXPECT_EQ(move(body).status, 400) << body;
  }
  EXPECT_EQ(test_clock.StepCount(), 2u);
}

}  // namespace
}  // namespace tidemark::api
