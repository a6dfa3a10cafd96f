#include "sigv4/canonical.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "sigv4/amz_date.h"
#include "sigv4/signature.h"
#include "sigv4/signer.h"

namespace tidemark::sigv4 {
namespace {

std::string Path(std::string_view path) {
  std::string out;
  AppendCanonicalPath(path, &out);
  return out;
}

std::string Query(std::string_view query) {
  std::string out;
  AppendCanonicalQuery(query, &out);
  return out;
}

TEST(CanonicalPath, EncodesEachSegmentAgain) {
  EXPECT_EQ(Path(""), "/");
  EXPECT_EQ(Path("/"), "/");
  EXPECT_EQ(Path("/a%3Ab/c"), "/a%253Ab/c");
  EXPECT_EQ(Path("/a b/~x"), "/a%20b/~x");
}

TEST(CanonicalPath, ResolvesDotsAndDoubledSlashes) {
  EXPECT_EQ(Path("/a//b/./c/../d"), "/a/b/d");
  EXPECT_EQ(Path("/../../x/"), "/x/");
  EXPECT_EQ(Path("//"), "/");
  EXPECT_EQ(Path("/a/.."), "/");
}

TEST(CanonicalQuery, SortsByEncodedNameThenValue) {
  EXPECT_EQ(Query("b=2&a=2&a=1&A=0"), "A=0&a=1&a=2&b=2");
  EXPECT_EQ(Query("flag&empty="), "empty=&flag=");
  EXPECT_EQ(Query("a=x+y&b=x%20y&c=%2f&d=/"), "a=x%20y&b=x%20y&c=%2F&d=%2F");
  EXPECT_EQ(Query("p=100%"), "p=100%25");
  EXPECT_EQ(Query("&&a=1&"), "a=1");
}

TEST(CanonicalQuery, LeavesOutTheSignature) {
  EXPECT_EQ(Query("X-Amz-Signature=abc&X-Amz-Date=1"), "X-Amz-Date=1");
}

TEST(CanonicalRequest, PutsAnyHeaderListInOrder) {
  const HeaderField headers[] = {{"HOST", "h"}, {"X-Amz-Date", "d"}, {"Unsigned", "u"}};
  auto canonical = [&](std::string_view names) {
    std::string out;
    AppendCanonicalRequest(
        {.method = "POST", .headers = headers, .signed_headers = names, .payload_hash = "hash"},
        &out);
    return out;
  };
  const std::string expected = "POST\n/\n\nhost:h\nx-amz-date:d\n\nhost;x-amz-date\nhash";
  EXPECT_EQ(canonical("host;x-amz-date"), expected);
  for (std::string_view names : {"x-amz-date;host", "Host;X-Amz-Date", "host;host;x-amz-date",
                                 ";host;x-amz-date", "host;;x-amz-date;"}) {
    EXPECT_EQ(canonical(names), expected) << names;
  }
  EXPECT_EQ(canonical("absent;host"), "POST\n/\n\nabsent:\nhost:h\n\nabsent;host\nhash");
}

// One case of testdata/botocore.txt.
struct Vector {
  std::string name, method, path, query, region, service, token, body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string canonical, string_to_sign, authorization;
};

std::vector<Vector> ReadVectors() {
  std::vector<Vector> vectors;
  std::ifstream file(TM_SOURCE_DIR "/testdata/botocore.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::string key = line.substr(0, line.find(' '));
    std::string value = line.substr(key.size() + 1);
    if (key == "case") vectors.emplace_back();
    Vector& v = vectors.back();
    auto append = [&](std::string& text) { text += (text.empty() ? "" : "\n") + value; };
    if (key == "case") v.name = value;
    if (key == "method") v.method = value;
    if (key == "path") v.path = value;
    if (key == "query") v.query = value;
    if (key == "region") v.region = value;
    if (key == "service") v.service = value;
    if (key == "token") v.token = value;
    if (key == "body") v.body = value;
    if (key == "header") {
      size_t bar = value.find('|');
      v.headers.emplace_back(value.substr(0, bar), value.substr(bar + 1));
    }
    if (key == "canonical") append(v.canonical);
    if (key == "string_to_sign") append(v.string_to_sign);
    if (key == "authorization") v.authorization = value;
  }
  return vectors;
}

TEST(Signature, AgreesWithBotocore) {
  auto vectors = ReadVectors();
  ASSERT_EQ(vectors.size(), 11u);
  constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  const Timestamp now = ParseAmzDate("20241105T170309Z").value();
  for (const Vector& v : vectors) {
    SCOPED_TRACE(v.name);
    std::vector<HeaderField> headers;
    for (const auto& [name, value] : v.headers) headers.push_back({name, value});

    Signer signer({"AKIDEXAMPLE", std::string(kSecret), v.token}, v.region, v.service);
    auto added = signer.Sign(
        {.method = v.method, .path = v.path, .query = v.query, .headers = headers, .body = v.body},
        now);
    ASSERT_EQ(added.back().first, "Authorization");
    EXPECT_EQ(added.back().second, v.authorization);

    // The way a server goes, from the headers it received.
    for (const auto& [name, value] : added) headers.push_back({name, value});
    size_t names_at = v.authorization.find("SignedHeaders=") + 14;
    size_t names_end = v.authorization.find(", Signature=");
    std::string names = v.authorization.substr(names_at, names_end - names_at);
    std::string hash = v.canonical.substr(v.canonical.rfind('\n') + 1);
    std::string canonical, string_to_sign;
    AppendCanonicalRequest({.method = v.method,
                            .path = v.path,
                            .query = v.query,
                            .headers = headers,
                            .signed_headers = names,
                            .payload_hash = hash,
                            .path_as_is = v.service == "s3"},
                           &canonical);
    EXPECT_EQ(canonical, v.canonical);
    Scope scope{.date = "20241105", .region = v.region, .service = v.service};
    AppendStringToSign("20241105T170309Z", scope, canonical, &string_to_sign);
    EXPECT_EQ(string_to_sign, v.string_to_sign);
    EXPECT_EQ(Signature(DeriveSigningKey(kSecret, scope), string_to_sign),
              v.authorization.substr(v.authorization.find("Signature=") + 10));
  }
}

TEST(Signer, ChangesItsKeyWithTheDay) {
  const HeaderField headers[] = {{"Host", "h"}};
  Signer kept({"AK", "secret", ""}, "us-east-1", "dynamodb");
  for (std::string_view day : {"20241105T235959Z", "20241106T000000Z", "20241105T235959Z"}) {
    Signer fresh({"AK", "secret", ""}, "us-east-1", "dynamodb");
    OutgoingRequest request{.method = "POST", .path = "/", .headers = headers, .body = "{}"};
    auto now = ParseAmzDate(day).value();
    EXPECT_EQ(kept.Sign(request, now), fresh.Sign(request, now));
  }
}

}  // namespace
}  // namespace tidemark::sigv4
