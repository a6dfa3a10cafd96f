#include "codec/json_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace tidemark::codec {
namespace {

std::string Nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonParser, ReadsAnObject) {
  JsonParser parser;
  auto value = parser.Parse(R"({"TableName":"M\u00fcller","Limit":7,"Keys":[true,null]})");
  ASSERT_TRUE(value);
  EXPECT_EQ(std::string_view(value->at_key("TableName")), "Müller");
  EXPECT_EQ(int64_t(value->at_key("Limit")), 7);
  EXPECT_EQ(value->at_key("Keys").get_array().value().size(), 2u);
}

TEST(JsonParser, RefusesWhatIsNotJson) {
  JsonParser parser;
  for (std::string_view text : {"", " ", "{", "{\"a\":1,}", "{'a':1}", "[1 2]", "nul", "\"\xff\"",
                                "\"a\nb\"", "{\"a\":1}x", "\"\\ud800\""}) {
    auto value = parser.Parse(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().kind, ErrorKind::kSerialization) << text;
  }
}

TEST(JsonParser, LimitsDepth) {
  JsonParser parser(32);
  EXPECT_TRUE(parser.Parse(Nested(31)));
  auto value = parser.Parse(Nested(33));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind, ErrorKind::kSerialization);
  EXPECT_TRUE(parser.Parse("{}")) << "goes on after an error";
}

TEST(JsonParser, KeepsItsDepthLimitAfterLettingLargeBuffersGo) {
  JsonParser parser(32);
  std::string large = "\"" + std::string(2 << 20, 'x') + "\"";
  auto value = parser.Parse(large);
  ASSERT_TRUE(value);
  EXPECT_EQ(std::string_view(*value).size(), size_t{2} << 20);
  ASSERT_TRUE(parser.Parse("{}"));
  EXPECT_FALSE(parser.Parse(Nested(33)));
  EXPECT_TRUE(parser.Parse(large));
}

TEST(JsonParser, DoesNotReadBehindTheText) {
  JsonParser parser;
  std::string text = "{\"a\":1}garbage";
  EXPECT_TRUE(parser.Parse(std::string_view(text).substr(0, 7)));
}

}  // namespace
}  // namespace tidemark::codec
