#include "item/item_json.h"

#include <gtest/gtest.h>

#include "item/item_test_values.h"

namespace tidemark::item {
namespace {

constexpr char kInvalid[] = "One or more parameter values were invalid: ";

std::string ErrorOf(std::string_view json, ErrorKind kind, Wording wording = Wording::kNewer) {
  codec::JsonParser parser(256);
  const auto document = parser.Parse(json);
  EXPECT_TRUE(document) << json;
  if (!document) return "not JSON";
  const auto value = ReadAttributeValue(*document, wording);
  if (value) return "accepted";
  EXPECT_EQ(value.error().kind, kind) << json;
  return value.error().message;
}
std::string Refusal(std::string_view json, Wording wording = Wording::kNewer) {
  return ErrorOf(json, ErrorKind::kValidation, wording);
}
std::string TypeError(std::string_view json) { return ErrorOf(json, ErrorKind::kSerialization); }

Result<AttributeValue> Read(std::string_view json) {
  codec::JsonParser parser(256);
  TM_TRY(const auto document, parser.Parse(json));
  return ReadAttributeValue(document);
}

TEST(ItemJson, ReadsBackWhatItWrote) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomItems items(seed);
  codec::JsonParser parser;
  for (int round = 0; round < 3000; ++round) {
    const Item item = items.MakeItem();
    std::string json;
    AppendJson(item, &json);
    const auto document = parser.Parse(json);
    ASSERT_TRUE(document) << json;
    const auto back = ReadItem(*document);
    ASSERT_TRUE(back) << back.error().message << json;
    ASSERT_TRUE(*back == item) << json;
  }
}

TEST(ItemJson, ReadsAllTenTypes) {
  EXPECT_EQ(*Read(R"({"S":"a\u00e9\n"})"), AttributeValue("a\u00e9\n"));
  EXPECT_EQ(*Read(R"({"S":""})"), AttributeValue(""));
  EXPECT_EQ(*Read(R"({"N":"1e3"})"), AttributeValue(Number::FromInt(1000)));
  EXPECT_EQ(*Read(R"({"B":"AAH/"})"), AttributeValue(Binary{Bytes("\0\1\xFF", 3)}));
  EXPECT_EQ(*Read(R"({"BOOL":false})"), AttributeValue(false));
  EXPECT_EQ(*Read(R"({"NULL":true})"), AttributeValue(Null{}));
  EXPECT_EQ(*Read(R"({"SS":["b","","a"]})"), AttributeValue(StringSet{{"", "a", "b"}}));
  EXPECT_EQ(*Read(R"({"NS":["10","9.0"]})"),
            AttributeValue(NumberSet{{Number::FromInt(9), Number::FromInt(10)}}));
  EXPECT_EQ(*Read(R"({"BS":["YQ=="]})"), AttributeValue(BinarySet{{Binary{"a"}}}));
  EXPECT_EQ(*Read(R"({"L":[{"S":"x"},{"L":[]}]})"),
            AttributeValue(List{{AttributeValue("x"), AttributeValue(List{})}}));
  Map map;
  map.Set("k", AttributeValue("v"));
  EXPECT_EQ(*Read(R"({"M":{"k":{"S":"v"}}})"), AttributeValue(map));
}

TEST(ItemJson, IgnoresNullAndUnknownMembers) {
  EXPECT_EQ(*Read(R"({"S":"a","N":null,"X":{}})"), AttributeValue("a"));
}

TEST(ItemJson, RefusesWhatTheServiceRefuses) {
  constexpr char kEmpty[] =
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
  for (const char* json : {"{}", R"({"a":""})", R"({"M":{"a":{}}})", R"({"L":[{}]})",
                           R"({"L":[null]})", R"({"L":[{"a":{}}]})", R"({"S":null})", "null"}) {
    EXPECT_EQ(Refusal(json), kEmpty) << json;
  }
  EXPECT_EQ(
      Refusal(R"({"S":"a","N":"1"})"),
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
      "supported datatypes");
  const std::string invalid = kInvalid;
  EXPECT_EQ(Refusal(R"({"NULL":false})"),
            invalid + "Null attribute value types must have the value of true");
  EXPECT_EQ(Refusal(R"({"SS":[]})"), invalid + "An string set  may not be empty");
  EXPECT_EQ(Refusal(R"({"NS":[]})"), invalid + "An number set  may not be empty");
  EXPECT_EQ(Refusal(R"({"BS":[]})"), invalid + "Binary sets should not be empty");
  EXPECT_EQ(Refusal(R"({"SS":["a","a"]})"),
            invalid + R"(Input collection ["a", "a"] contains duplicates.)");
  EXPECT_EQ(Refusal(R"({"BS":["Yg==","Yg=="]})"),
            invalid + R"(Input collection ["Yg==","Yg=="]of type BS contains duplicates.)");
  EXPECT_EQ(Refusal(R"({"NS":["1","1.0"]})"), invalid + "Input collection contains duplicates.");
}

TEST(ItemJson, ShowsDuplicatesInTwoWordings) {
  const std::string invalid = kInvalid;
  EXPECT_EQ(Refusal(R"({"SS":["c","b","a","b","0"]})"),
            invalid + R"(Input collection ["a", "b", "c", "b", "0"] contains duplicates.)");
  EXPECT_EQ(Refusal(R"({"BS":["/w==","AA==","AA=="]})"),
            invalid + R"(Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.)");
  EXPECT_EQ(Refusal(R"({"SS":["b","a","b"]})", Wording::kOlder),
            invalid + "Input collection [b, a, b] contains duplicates.");
  EXPECT_EQ(Refusal(R"({"BS":["/w==","AA==","AA=="]})", Wording::kOlder),
            invalid + "Input collection [/w==, AA==, AA==]of type BS contains duplicates.");
  EXPECT_EQ(Refusal(R"({"NS":["1","1.0"]})", Wording::kOlder),
            "Input collection contains duplicates");
  EXPECT_EQ(Refusal(R"({"N":""})", Wording::kOlder),
            "The parameter cannot be converted to a numeric value");
}

TEST(ItemJson, RefusesBadNumbersBeforeSeveralTypes) {
  const std::string not_numeric = "The parameter cannot be converted to a numeric value";
  EXPECT_EQ(Refusal(R"({"S":"","N":""})"), not_numeric + ": ");
  EXPECT_EQ(Refusal(R"({"S":"a","N":"b"})"), not_numeric + ": b");
  EXPECT_EQ(Refusal(R"({"NS":["1","b"]})"), not_numeric + ": b");
}

TEST(ItemJson, NamesTheJsonTypeItCannotConvert) {
  EXPECT_EQ(TypeError(R"({"S":1})"), "NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(TypeError(R"({"N":1.5})"), "DECIMAL_VALUE cannot be converted to String");
  EXPECT_EQ(TypeError(R"({"S":true})"), "TRUE_VALUE cannot be converted to String");
  EXPECT_EQ(TypeError(R"({"S":[]})"), "Unrecognized collection type class java.lang.String");
  EXPECT_EQ(TypeError(R"({"S":{}})"), "Start of structure or map found where not expected");
  EXPECT_EQ(TypeError(R"({"BOOL":"true"})"), "Unexpected token received from parser");
  EXPECT_EQ(TypeError(R"({"BOOL":1})"), "NUMBER_VALUE cannot be converted to Boolean");
  EXPECT_EQ(TypeError(R"({"B":1})"), "only base-64-encoded strings are convertible to bytes");
  EXPECT_EQ(TypeError(R"({"B":[]})"), "Unrecognized collection type class java.nio.ByteBuffer");
  EXPECT_EQ(TypeError(R"({"B":"23456"})"),
            "Base64 encoded length is expected a multiple of 4 bytes but found: 5");
  EXPECT_EQ(TypeError(R"({"B":"=+/="})"), "Invalid last non-pad Base64 character dectected");
  EXPECT_EQ(TypeError(R"({"SS":"a"})"), "Unexpected field type");
  EXPECT_EQ(TypeError(R"({"SS":[1]})"), "NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(TypeError(R"({"L":{}})"), "Start of structure or map found where not expected");
  EXPECT_EQ(TypeError(R"({"L":["a"]})"), "Unexpected value type in payload");
  EXPECT_EQ(TypeError(R"({"L":[[]]})"),
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue");
  EXPECT_EQ(TypeError(R"({"M":[]})"),
            "Unrecognized collection type java.util.Map<java.lang.String, "
            "com.amazonaws.dynamodb.v20120810.AttributeValue>");
  EXPECT_EQ(TypeError(R"({"M":1})"), "Unexpected field type");
}

TEST(ItemJson, Nests32LevelsAndNotMore) {
  const auto nested = [](int wraps) {
    std::string json = R"({"S":"leaf"})";
    for (int i = 0; i < wraps; ++i)
      json = i % 2 ? R"({"M":{"n":)" + json + "}}" : R"({"L":[)" + json + "]}";
    return json;
  };
  EXPECT_TRUE(Read(nested(31)));
  EXPECT_EQ(
      Refusal(nested(32)),
      "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "
      "beyond supported limit");
  EXPECT_EQ(Refusal(nested(60)).substr(0, 14), "Nesting Levels");
}

}  // namespace
}  // namespace tidemark::item
