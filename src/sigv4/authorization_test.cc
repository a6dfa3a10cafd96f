#include "sigv4/authorization.h"

#include <gtest/gtest.h>

namespace tidemark::sigv4 {
namespace {

TEST(ParseAuthorization, TakesTheHeaderApart) {
  for (std::string_view header :
       {"AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host;x, Signature=0f",
        "AWS4-HMAC-SHA256 Signature=0f,SignedHeaders=host;x,Credential=a/b/c/d/e",
        "  AWS4-HMAC-SHA256   Credential=a/b/c/d/e ,, SignedHeaders = host;x , Signature= 0f , "}) {
    Authorization parts = ParseAuthorization(header);
    EXPECT_EQ(parts.algorithm, "AWS4-HMAC-SHA256");
    EXPECT_EQ(parts.credential, "a/b/c/d/e");
    EXPECT_EQ(parts.signed_headers, "host;x");
    EXPECT_EQ(parts.signature, "0f");
    EXPECT_FALSE(parts.part_without_equals);
  }
}

TEST(ParseAuthorization, TellsAbsentFromEmpty) {
  Authorization parts = ParseAuthorization("AWS4-X SignedHeaders=,Credential,Other=1");
  EXPECT_EQ(parts.algorithm, "AWS4-X");
  EXPECT_EQ(parts.signed_headers, "");
  EXPECT_FALSE(parts.credential);
  EXPECT_FALSE(parts.signature);
  EXPECT_EQ(parts.part_without_equals, "Credential");
  EXPECT_EQ(ParseAuthorization("").algorithm, "");
  EXPECT_EQ(ParseAuthorization("AWS4-").algorithm, "AWS4-");
}

TEST(ParseCredential, WantsFiveParts) {
  auto parts = ParseCredential("AKID/20130609/us-east-1/dynamodb/aws4_request//");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->access_key, "AKID");
  EXPECT_EQ(parts->date, "20130609");
  EXPECT_EQ(parts->region, "us-east-1");
  EXPECT_EQ(parts->service, "dynamodb");
  EXPECT_EQ(parts->terminator, "aws4_request");
  EXPECT_TRUE(ParseCredential("a//c/d/e")) << "parts may be empty";
  for (std::string_view text : {"", "/", "a", "a/b/c/d", "a/b/c/d/", "a/b/c/d/e/f"}) {
    EXPECT_FALSE(ParseCredential(text)) << text;
  }
}

}  // namespace
}  // namespace tidemark::sigv4
