#include "table/tags.h"

#include <gtest/gtest.h>

namespace tidemark::table {
namespace {

using Tags = std::vector<catalog::Tag>;

std::string AddError(const std::vector<TagRequest>& added, Tags tags = {}) {
  const Tags before = tags;
  const auto done = AddTags(added, &tags);
  if (!done) {
    EXPECT_EQ(tags, before);
  }
  return done ? "" : done.error().message;
}

std::string OfKey(std::string key) { return AddError({{std::move(key), "v"}}); }
std::string OfValue(std::string value) { return AddError({{"k", std::move(value)}}); }

TEST(Tags, AreAddedInOrderAndReplacedInPlace) {
  Tags tags = {{"a", "1"}, {"b", "2"}};
  ASSERT_TRUE(AddTags({{"c", "3"}, {"a", "4"}}, &tags));
  EXPECT_EQ(tags, (Tags{{"a", "4"}, {"b", "2"}, {"c", "3"}}));
  ASSERT_TRUE(RemoveTags({"b", "never there"}, &tags));
  EXPECT_EQ(tags, (Tags{{"a", "4"}, {"c", "3"}}));
}

TEST(Tags, HaveKeysAndValuesOfLegalLength) {
  const std::string key(128, 'k'), value(256, 'v');
  EXPECT_EQ(AddError({{key, value}, {"empty", ""}}), "");
  EXPECT_EQ(OfKey(key + "k"), "The Tag Key provided is invalid, Key: " + key + "k");
  EXPECT_EQ(OfKey(""), "The Tag Key provided is invalid, Key: ");
  EXPECT_EQ(OfValue(value + "v"), "The Tag Value provided is invalid, Value: " + value + "v");
  EXPECT_EQ(AddError({{std::nullopt, "v"}}), "The Tag Key provided is invalid, Key: null");
  EXPECT_EQ(AddError({{"k", std::nullopt}}), "The Tag Value provided is invalid, Value: null");
  std::string cyrillic;
  for (int i = 0; i < 128; ++i) cyrillic += "к";
  EXPECT_EQ(OfKey(cyrillic), "") << "characters count, not bytes";
  EXPECT_NE(OfKey(cyrillic + "к"), "");
}

TEST(Tags, AreOfLettersDigitsSpacesAndSomeSigns) {
  for (const char* good : {"ключ", "café", "表", "a\u00a0b", "a\u3000b", "a+b-c=d.e_f:g/h@i", " "})
    EXPECT_EQ(OfKey(good), "") << good;
  for (const char* bad : {"🔑", "100%", "a,b", "it's", "(x)", "a&b", "a*b", "a;b", "a?b", "a|b",
                          "a\\b", "<a>", "~a", "a#b", "a\tb"})
    EXPECT_EQ(OfValue(bad), std::string("The Tag Value provided is invalid, Value: ") + bad);
}

TEST(Tags, KeepTheServicesPrefixAndCountFree) {
  EXPECT_EQ(OfKey("aws:x"), "Tag Key cannot be prefixed with aws:, Key: aws:x");
  EXPECT_EQ(OfKey("awsx"), "");
  EXPECT_EQ(AddError({{"a", "1"}, {"a", "2"}}),
            "Duplicate Tag Keys provided as input: Duplicate Tag Key found a");
  const std::string too_many =
      "Number of Tags exceed the current limit for the provided ResourceArn";
  std::vector<TagRequest> fifty;
  Tags there;
  for (int i = 0; i < 50; ++i) {
    fifty.push_back({std::to_string(i), ""});
    there.push_back({std::to_string(i), "old"});
  }
  EXPECT_EQ(AddError(fifty), "");
  EXPECT_EQ(AddError(fifty, there), "") << "the same fifty again";
  EXPECT_EQ(AddError({{"one more", ""}}, there), too_many);
  EXPECT_EQ(RemoveTags(std::vector<std::string>(51, "x"), &there).error().message, too_many);
}

}  // namespace
}  // namespace tidemark::table
