#include "codec/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "codec/json_reader.h"

namespace tidemark::codec {
namespace {

template <class Write>
std::string Written(Write write) {
  std::string out;
  JsonWriter writer(&out);
  write(writer);
  return out;
}

TEST(JsonWriter, PlacesCommas) {
  std::string out;
  JsonWriter w(&out);
  w.BeginObject();
  w.Field("A", "x").Field("B", int64_t{-7}).FieldBool("C", true);
  w.Key("D").BeginArray().Int(1).BeginObject().EndObject().Null();
  w.BeginArray().EndArray().EndArray();
  w.Key("E").Raw("{\"r\":1}").Key("F").Double(0.5);
  w.EndObject();
  EXPECT_EQ(out, R"({"A":"x","B":-7,"C":true,"D":[1,{},null,[]],"E":{"r":1},"F":0.5})");
}

TEST(JsonWriter, PlacesCommasAroundValuesAppendedByHand) {
  std::string out;
  JsonWriter w(&out);
  w.BeginArray().Int(1);
  w.BeforeValue();
  w.out()->append("2");
  w.Int(3).EndArray();
  EXPECT_EQ(out, "[1,2,3]");
}

TEST(JsonWriter, EscapesOnlyWhatJsonAsksFor) {
  std::string out;
  AppendJsonString(std::string_view("a\"b\\c/\n\r\t\b\f\x01\x1f\x7f\0é", 17), &out);
  EXPECT_EQ(out, "\"a\\\"b\\\\c/\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\\u0000é\"");
}

TEST(JsonWriter, StringsReadBack) {
  constexpr uint64_t kSeed = 20241101;
  std::mt19937_64 random(kSeed);
  JsonParser parser;
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 40, 'x');
    for (char& c : text) c = static_cast<char>(random() % 128);
    if (random() % 2) text += "\xc3\xa9\xf0\x9f\x98\x80";
    std::string json;
    AppendJsonString(text, &json);
    auto value = parser.Parse(json);
    ASSERT_TRUE(value) << "seed " << kSeed << " round " << round;
    ASSERT_EQ(std::string_view(*value), text) << "seed " << kSeed << " round " << round;
  }
}

TEST(JsonWriter, PrintsIntegersToTheirBounds) {
  EXPECT_EQ(Written([](auto& w) { w.Int(std::numeric_limits<int64_t>::min()); }),
            "-9223372036854775808");
  EXPECT_EQ(Written([](auto& w) { w.Int(std::numeric_limits<int64_t>::max()); }),
            "9223372036854775807");
}

TEST(JsonWriter, PrintsDoublesShort) {
  EXPECT_EQ(Written([](auto& w) { w.Double(0.1); }), "0.1");
  EXPECT_EQ(Written([](auto& w) { w.Double(1.0); }), "1");
  EXPECT_EQ(Written([](auto& w) { w.Double(-2.5); }), "-2.5");
}

TEST(JsonWriter, PrintsTimes) {
  auto seconds = [](int64_t us) {
    return Written([&](auto& w) { w.EpochSeconds(FromMicros(us)); });
  };
  auto millis = [](int64_t us) { return Written([&](auto& w) { w.EpochMillis(FromMicros(us)); }); };
  EXPECT_EQ(seconds(1489602797149000), "1489602797.149");
  EXPECT_EQ(seconds(1489602797000001), "1489602797.000001");
  EXPECT_EQ(seconds(1489602797000000), "1489602797");
  EXPECT_EQ(seconds(0), "0");
  EXPECT_EQ(seconds(-1500000), "-1.5");
  EXPECT_EQ(millis(1489602797149999), "1489602797.149");
  EXPECT_EQ(millis(1489602797000999), "1489602797");
  EXPECT_EQ(millis(1489602797010000), "1489602797.01");
}

}  // namespace
}  // namespace tidemark::codec
