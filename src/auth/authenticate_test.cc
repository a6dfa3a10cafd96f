#include "auth/authenticate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crypto/hash.h"
#include "sigv4/amz_date.h"
#include "sigv4/signer.h"

namespace tidemark::auth {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::EndsWith;
using testing::StartsWith;

constexpr char kKeyId[] = "AKIDEXAMPLE";
constexpr char kSecret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const Timestamp kNow = sigv4::ParseAmzDate("20241105T170309Z").value();

// A request and the strings its views point to.
struct Wire {
  std::string path = "/";
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers = {
      {"Host", "localhost:8000"},
      {"Content-Type", "application/x-amz-json-1.0"},
      {"X-Amz-Target", "DynamoDB_20120810.ListTables"}};
  std::string body = "{}";

  http::Request Request() const {
    http::Request request;
    request.method = "POST";
    request.path = path;
    request.query = query;
    request.body = "decoded, not what is signed";
    request.raw_body = body;
    for (const auto& [name, value] : headers) request.headers.push_back({name, value});
    return request;
  }
  std::string& Header(const std::string& name) {
    for (auto& [known, value] : headers) {
      if (known == name) return value;
    }
    return headers.emplace_back(name, "").second;
  }
  void Drop(const std::string& name) {
    std::erase_if(headers, [&](const auto& header) { return header.first == name; });
  }
  void SetAuthorization(const std::string& value) { Header("Authorization") = value; }
};

struct FakeStore : CredentialStore {
  std::map<std::string, Credential> credentials;
  std::shared_ptr<const Credential> Lookup(const AccessKeyId& id, std::string_view) const override {
    auto found = credentials.find(id.value);
    if (found == credentials.end()) return nullptr;
    return std::make_shared<const Credential>(found->second);
  }
};

class AuthenticateTest : public testing::Test {
 protected:
  AuthenticateTest() {
    store_.credentials[kKeyId] = {.secret = kSecret,
                                  .account = AccountId("123456789012"),
                                  .arn = "arn:aws:iam::123456789012:root",
                                  .is_root = true};
  }

  Wire Signed(Wire wire = {}, const std::string& region = "us-east-1", Timestamp at = kNow,
              const std::string& token = "") {
    sigv4::Signer signer({kKeyId, kSecret, token}, region, "dynamodb");
    std::vector<sigv4::HeaderField> headers;
    for (const auto& [name, value] : wire.headers) headers.push_back({name, value});
    auto added = signer.Sign({.method = "POST",
                              .path = wire.path,
                              .query = wire.query,
                              .headers = headers,
                              .body = wire.body},
                             at);
    for (auto& header : added) wire.headers.push_back(std::move(header));
    return wire;
  }
  // A header form that passes up to the look-up of the key, with the given credential.
  Wire Unchecked(const std::string& credential, const std::string& algorithm = "AWS4-HMAC-SHA256") {
    Wire wire;
    wire.Header("X-Amz-Date") = "20241105T170309Z";
    wire.SetAuthorization(algorithm + " Credential=" + credential +
                          ", SignedHeaders=host, Signature=00");
    return wire;
  }
  void ExpectError(const Wire& wire, ErrorKind kind, const std::string& message) {
    auto result = authenticator_.Authenticate(wire.Request());
    ASSERT_FALSE(result);
    EXPECT_EQ(ToString(result.error().kind), ToString(kind));
    EXPECT_EQ(result.error().message, message);
  }

  FakeStore store_;
  ManualClock clock_{kNow};
  Authenticator authenticator_{store_, clock_};
};

TEST_F(AuthenticateTest, GivesThePrincipal) {
  auto principal = authenticator_.Authenticate(Signed({}, "eu-central-1").Request());
  ASSERT_TRUE(principal) << principal.error().message;
  EXPECT_EQ(principal->account.value, "123456789012");
  EXPECT_EQ(principal->region.value, "eu-central-1");
  EXPECT_EQ(principal->access_key.value, kKeyId);
  EXPECT_EQ(principal->arn, "arn:aws:iam::123456789012:root");
  EXPECT_TRUE(principal->is_root);
}

TEST_F(AuthenticateTest, AcceptsRepeatsAndManyHeaders) {
  Wire wire;
  for (int i = 0; i < 40; ++i) wire.headers.emplace_back("X-Extra-" + std::to_string(i), "v");
  wire = Signed(wire);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(authenticator_.Authenticate(wire.Request()));
}

TEST_F(AuthenticateTest, AcceptsAnySyntacticallyValidRegion) {
  for (const char* region : {"local", "us-east-1", "us-gov-west-1", "ddblocal", "a", "moon-3"}) {
    EXPECT_TRUE(authenticator_.Authenticate(Signed({}, region).Request())) << region;
  }
}

// Computed with botocore's SigV4QueryAuth.
constexpr char kPresigned[] =
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20241105%2Fus-east-1%2F"
    "dynamodb%2Faws4_request&X-Amz-Date=20241105T170309Z&X-Amz-Expires=60&X-Amz-SignedHeaders="
    "host";
constexpr char kPresignedSignature[] =
    "&X-Amz-Signature=46ece1f6f8b15db0020622a0758fd8b21139910d1b15aa8a1ef17e325e1d404a";

TEST_F(AuthenticateTest, AcceptsASignedQueryUntilItExpires) {
  Wire wire;
  wire.query = std::string(kPresigned) + kPresignedSignature;
  wire.body = "";
  auto principal = authenticator_.Authenticate(wire.Request());
  ASSERT_TRUE(principal) << principal.error().message;
  EXPECT_EQ(principal->access_key.value, kKeyId);
  clock_.Advance(seconds(60));
  EXPECT_TRUE(authenticator_.Authenticate(wire.Request()));
  clock_.Advance(seconds(1));
  ExpectError(wire, ErrorKind::kInvalidSignature,
              "Signature expired: 20241105T170309Z is now earlier than 20241105T170310Z "
              "(20241105T170410Z - 1 min.)");
}

TEST_F(AuthenticateTest, AcceptsASignedQueryWithASessionToken) {
  store_.credentials[kKeyId].session_token = "tok/en==";
  Wire wire;
  wire.body = "";
  wire.query = std::string(kPresigned) +
               "&X-Amz-Security-Token=tok%2Fen%3D%3D&X-Amz-Signature="
               "69ab55f656bb13d0a6dcd1f622738a82beed93184cb94873ee23f7eed324f890";
  EXPECT_TRUE(authenticator_.Authenticate(wire.Request()));
}

TEST_F(AuthenticateTest, Step3RefusesBothForms) {
  Wire wire = Signed();
  wire.query = "X-Amz-Algorithm=";
  ExpectError(wire, ErrorKind::kInvalidSignature,
              "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP "
              "header.");
}

TEST_F(AuthenticateTest, Step4WantsAnAuthenticationToken) {
  Wire wire;
  ExpectError(wire, ErrorKind::kMissingAuthentication, "Request is missing Authentication Token");
  for (const char* header : {"", "Basic abc", "AWS3 x", "aws4-hmac-sha256 Credential=a"}) {
    wire.SetAuthorization(header);
    ExpectError(wire, ErrorKind::kMissingAuthentication, "Request is missing Authentication Token");
  }
}

TEST_F(AuthenticateTest, Step5NamesEveryMissingPart) {
  Wire wire;
  wire.SetAuthorization("AWS4-");
  ExpectError(wire, ErrorKind::kIncompleteSignature,
              "Authorization header requires 'Credential' parameter. "
              "Authorization header requires 'Signature' parameter. "
              "Authorization header requires 'SignedHeaders' parameter. "
              "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
              "header. Authorization=AWS4-");
  wire.Header("Date") = "x";
  wire.SetAuthorization("AWS4-HMAC-SHA256 Signature=b,Credential=a");
  ExpectError(wire, ErrorKind::kIncompleteSignature,
              "Authorization header requires 'SignedHeaders' parameter. "
              "Authorization=AWS4-HMAC-SHA256 Signature=b,Credential=a");
}

TEST_F(AuthenticateTest, Step5NamesAPartWithoutEqualSign) {
  Wire wire;
  wire.SetAuthorization("AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders");
  ExpectError(wire, ErrorKind::kIncompleteSignature,
              "'Credential' not a valid key=value pair (missing equal-sign) in Authorization "
              "header: 'AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders'.");
}

TEST_F(AuthenticateTest, Step5NamesMissingQueryParameters) {
  Wire wire;
  wire.query = "X-Amz-Algorithm";
  ExpectError(wire, ErrorKind::kIncompleteSignature,
              "AWS query-string parameters must include 'X-Amz-Algorithm'. "
              "AWS query-string parameters must include 'X-Amz-Credential'. "
              "AWS query-string parameters must include 'X-Amz-Signature'. "
              "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
              "AWS query-string parameters must include 'X-Amz-Date'. "
              "Re-examine the query-string parameters.");
}

TEST_F(AuthenticateTest, Step5WantsAReadableExpiry) {
  for (const char* expires : {"", "0", "-1", "604801", "1x", "99999999999999999999"}) {
    Wire wire;
    wire.query =
        "X-Amz-Algorithm=A&X-Amz-Credential=c&X-Amz-Signature=s&X-Amz-SignedHeaders=host"
        "&X-Amz-Date=20241105T170309Z&X-Amz-Expires=" +
        std::string(expires);
    ExpectError(wire, ErrorKind::kIncompleteSignature,
                "X-Amz-Expires must be a number of seconds between 1 and 604800. Got '" +
                    std::string(expires) + "'.");
  }
}

TEST_F(AuthenticateTest, Step6WantsABasicIsoDate) {
  Wire wire = Unchecked("a/b/c/d/e");
  wire.Header("X-Amz-Date") = "201";
  wire.Header("Date") = "Tue, 05 Nov 2024 17:03:09 GMT";
  ExpectError(wire, ErrorKind::kIncompleteSignature,
              "Date must be in ISO-8601 'basic format'. Got '201'. See "
              "http://en.wikipedia.org/wiki/ISO_8601");
}

TEST_F(AuthenticateTest, Step6TakesTheDateHeaderInstead) {
  Wire wire = Unchecked("a/b/c/d");
  wire.Drop("X-Amz-Date");
  for (const char* date : {"Tue, 05 Nov 2024 17:03:09 GMT", "20241105T170309Z"}) {
    wire.Header("Date") = date;
    ExpectError(wire, ErrorKind::kIncompleteSignature,
                "Credential must have exactly 5 slash-delimited elements, e.g. "
                "keyid/date/region/service/term, got 'a/b/c/d'");
  }
}

TEST_F(AuthenticateTest, Step7LimitsTheSkew) {
  auto at = [&](Timestamp time) { return Signed({}, "us-east-1", time); };
  EXPECT_TRUE(authenticator_.Authenticate(at(kNow - minutes(15)).Request()));
  EXPECT_TRUE(authenticator_.Authenticate(at(kNow + minutes(15)).Request()));
  ExpectError(at(kNow - minutes(15) - seconds(1)), ErrorKind::kInvalidSignature,
              "Signature expired: 20241105T164808Z is now earlier than 20241105T164809Z "
              "(20241105T170309Z - 15 min.)");
  ExpectError(at(kNow + minutes(15) + seconds(1)), ErrorKind::kInvalidSignature,
              "Signature not yet current: 20241105T171810Z is still later than "
              "20241105T171809Z (20241105T170309Z + 15 min.)");
}

TEST_F(AuthenticateTest, Step8WantsHostSignedInAnyCase) {
  Wire wire = Unchecked("a/b/c/d/e");
  for (const char* names : {"", "x-amz-date", "hosts;xhost"}) {
    wire.SetAuthorization("AWS4-X Credential=c, SignedHeaders=" + std::string(names) +
                          ", Signature=0");
    ExpectError(wire, ErrorKind::kInvalidSignature,
                "'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  wire.SetAuthorization("AWS4-X Credential=c, SignedHeaders=x;HoSt, Signature=0");
  ExpectError(wire, ErrorKind::kIncompleteSignature,
              "Unsupported AWS 'algorithm': 'AWS4-X' (only AWS4-HMAC-SHA256 for now). ");
}

TEST_F(AuthenticateTest, Step9KnowsOneAlgorithm) {
  ExpectError(Unchecked("c", "AWS4-HMAC-SHA25"), ErrorKind::kIncompleteSignature,
              "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). ");
}

TEST_F(AuthenticateTest, Step10WantsFiveElements) {
  ExpectError(Unchecked("a/b/c/d/"), ErrorKind::kIncompleteSignature,
              "Credential must have exactly 5 slash-delimited elements, e.g. "
              "keyid/date/region/service/term, got 'a/b/c/d/'");
}

TEST_F(AuthenticateTest, Step11NamesEveryWrongPartOfTheScope) {
  ExpectError(Unchecked("a/b/C/d/e//"), ErrorKind::kInvalidSignature,
              "Credential should be scoped to a valid region, not 'C'. "
              "Credential should be scoped to correct service: 'dynamodb'. "
              "Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. "
              "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
              "from HTTP: 'b' != '20241105', from '20241105T170309Z'.");
  ExpectError(Unchecked("a/20241105/us-east-1/DynamoDB/aws4_request"), ErrorKind::kInvalidSignature,
              "Credential should be scoped to correct service: 'dynamodb'.");
  const std::string too_long(33, 'a');
  for (const std::string& region :
       std::vector<std::string>{"", "us_east_1", "US-EAST-1", "..", too_long}) {
    ExpectError(Unchecked("a/20241105/" + region + "/dynamodb/aws4_request"),
                ErrorKind::kInvalidSignature,
                "Credential should be scoped to a valid region, not '" + region + "'.");
  }
}

TEST_F(AuthenticateTest, Step11ExpectsTheServiceAsked) {
  auto result = authenticator_.Authenticate(Signed().Request(), "backup");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "Credential should be scoped to correct service: 'backup'.");
}

TEST_F(AuthenticateTest, Step12RefusesUnknownAndInactiveKeys) {
  ExpectError(Unchecked("AKIDOTHER/20241105/us-east-1/dynamodb/aws4_request"),
              ErrorKind::kUnrecognizedClient,
              "The security token included in the request is invalid.");
  store_.credentials[kKeyId].active = false;
  ExpectError(Signed(), ErrorKind::kUnrecognizedClient,
              "The security token included in the request is invalid.");
}

TEST_F(AuthenticateTest, Step13ShowsTheTextsItExpected) {
  Wire wire;
  wire.headers = {{"Host", "localhost:8000"}};
  wire = Signed(wire);
  wire.body = "";
  std::string hash = crypto::Sha256Hex(
      "POST\n/\n\nhost:localhost:8000\nx-amz-date:"
      "20241105T170309Z\n\nhost;x-amz-date\n" +
      crypto::Sha256Hex(""));
  ExpectError(wire, ErrorKind::kInvalidSignature,
              "The request signature we calculated does not match the signature you provided. "
              "Check your AWS Secret Access Key and signing method. Consult the service "
              "documentation for details.\n\nThe Canonical String for this request should have "
              "been\n'POST\n/\n\nhost:localhost:8000\nx-amz-date:20241105T170309Z\n\n"
              "host;x-amz-date\n"
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\n\n"
              "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20241105T170309Z\n"
              "20241105/us-east-1/dynamodb/aws4_request\n" +
                  hash + "'\n");
}

TEST_F(AuthenticateTest, Step13NoticesEveryChange) {
  const Wire good = Signed();
  auto refused = [&](auto change) {
    Wire wire = good;
    change(wire);
    auto result = authenticator_.Authenticate(wire.Request());
    return !result && result.error().kind == ErrorKind::kInvalidSignature;
  };
  ASSERT_TRUE(authenticator_.Authenticate(good.Request()));
  EXPECT_TRUE(refused([](Wire& w) { w.body = "{} "; }));
  EXPECT_TRUE(refused([](Wire& w) { w.path = "/x"; }));
  EXPECT_TRUE(refused([](Wire& w) { w.query = "a=b"; }));
  EXPECT_TRUE(refused([](Wire& w) { w.Header("Host") = "other"; }));
  EXPECT_TRUE(refused([](Wire& w) { w.Header("X-Amz-Target") = "DynamoDB_20120810.Scan"; }));
  EXPECT_TRUE(refused([](Wire& w) { w.Header("X-Amz-Date") = "20241105T170310Z"; }));
  EXPECT_TRUE(refused([](Wire& w) { w.headers.emplace_back("Host", "second"); }));
  EXPECT_TRUE(refused([](Wire& w) { w.Header("Authorization").pop_back(); }));
  EXPECT_TRUE(refused([](Wire& w) { w.Header("Authorization").back() ^= 1; }));
  store_.credentials[kKeyId].secret = "another";
  EXPECT_TRUE(refused([](Wire&) {})) << "a cached key must not outlive its secret";
}

TEST_F(AuthenticateTest, Step13ChecksAClaimedPayloadHash) {
  Wire wire;
  wire.Header("x-amz-content-sha256") = "UNSIGNED-PAYLOAD";
  wire = Signed(wire);
  wire.body = "anything";
  EXPECT_TRUE(authenticator_.Authenticate(wire.Request()));

  Wire hashed;
  hashed.Header("x-amz-content-sha256") = crypto::Sha256Hex(hashed.body);
  hashed = Signed(hashed);
  EXPECT_TRUE(authenticator_.Authenticate(hashed.Request()));
  hashed.body = "other";
  EXPECT_FALSE(authenticator_.Authenticate(hashed.Request()));

  for (const char* claim : {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "unsigned-payload"}) {
    Wire wrong;
    wrong.Header("x-amz-content-sha256") = claim;
    auto result = authenticator_.Authenticate(Signed(wrong).Request());
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, StartsWith("The request signature we calculated"));
  }
}

TEST_F(AuthenticateTest, Step14ChecksTheSession) {
  const char* kInvalid = "The security token included in the request is invalid";
  ExpectError(Signed({}, "us-east-1", kNow, "token"), ErrorKind::kUnrecognizedClient, kInvalid);
  store_.credentials[kKeyId].session_token = "token";
  iam::Session session;
  session.expires = kNow + seconds(10);
  store_.credentials[kKeyId].session = std::make_shared<const iam::Session>(session);
  ExpectError(Signed(), ErrorKind::kUnrecognizedClient, kInvalid);
  ExpectError(Signed({}, "us-east-1", kNow, "nekot"), ErrorKind::kUnrecognizedClient, kInvalid);
  Wire wire = Signed({}, "us-east-1", kNow, "token");
  EXPECT_TRUE(authenticator_.Authenticate(wire.Request()));
  clock_.Advance(seconds(10));
  ExpectError(wire, ErrorKind::kExpiredToken,
              "The security token included in the request is expired");
}

TEST_F(AuthenticateTest, MessagesAreAlwaysAscii) {
  Wire wire;
  wire.SetAuthorization("AWS4-\xff\xc3\xa9");
  auto result = authenticator_.Authenticate(wire.Request());
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, EndsWith("Authorization=AWS4-???"));
}

TEST_F(AuthenticateTest, ServesManyThreads) {
  const Wire wire = Signed();
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) failures += !authenticator_.Authenticate(wire.Request());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

TEST(RootCredentials, KnowsItsAccounts) {
  RootCredentials store({{AccessKeyId("A"), "sa", AccountId("111111111111")},
                         {AccessKeyId("B"), "sb", AccountId("222222222222")}});
  auto credential = store.Lookup(AccessKeyId("B"), "");
  ASSERT_TRUE(credential);
  EXPECT_EQ(credential->secret, "sb");
  EXPECT_EQ(credential->arn, "arn:aws:iam::222222222222:root");
  EXPECT_TRUE(credential->is_root && credential->active);
  EXPECT_FALSE(store.Lookup(AccessKeyId("C"), ""));
}

TEST(SigningKeys, AreBoundedAndFollowTheSecret) {
  SigningKeys keys(3);
  auto key = std::make_shared<const crypto::HmacKey>("k");
  for (int i = 0; i < 10; ++i) {
    keys.Add("c" + std::to_string(i), "s", key);
    EXPECT_LE(keys.size(), 3u);
    EXPECT_EQ(keys.Find("c" + std::to_string(i), "s"), key);
  }
  EXPECT_EQ(keys.Find("c9", "other"), nullptr);
  EXPECT_EQ(keys.Find("absent", "s"), nullptr);
}

}  // namespace
}  // namespace tidemark::auth
