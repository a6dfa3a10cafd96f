#include "expr/placeholders.h"

#include <gtest/gtest.h>

#include "expr/condition.h"
#include "expr/projection.h"
#include "expr/reserved_words.h"

namespace tidemark::expr {
namespace {

std::string Message(const Result<void>& result) { return result ? "" : result.error().message; }

TEST(Placeholders, AreOnlyForExpressions) {
  NameList names = {{"#a", "a"}};
  item::Map values;
  values.Set(":v", item::AttributeValue("s"));
  Placeholders both(&names, &values);
  EXPECT_EQ(Message(both.Check(false, false, "")),
            "ExpressionAttributeNames can only be specified when using expressions");
  EXPECT_EQ(Message(both.Check(true, false, "FilterExpression and KeyConditionExpression")),
            "ExpressionAttributeValues can only be specified when using expressions: "
            "FilterExpression and KeyConditionExpression are null");
  EXPECT_EQ(Message(both.Check(true, false, "ConditionExpression")),
            "ExpressionAttributeValues can only be specified when using expressions: "
            "ConditionExpression is null");
  EXPECT_EQ(Message(both.Check(true, false, "")),
            "ExpressionAttributeValues can only be specified when using expressions");
  EXPECT_EQ(Message(both.Check(true, true, "")), "");
  EXPECT_EQ(Message(Placeholders(nullptr, nullptr).Check(false, false, "")), "");
}

TEST(Placeholders, AreNotEmptyWhereGiven) {
  NameList names;
  item::Map values;
  EXPECT_EQ(Message(Placeholders(&names, nullptr).Check(true, true, "")),
            "ExpressionAttributeNames must not be empty");
  EXPECT_EQ(Message(Placeholders(nullptr, &values).Check(true, true, "")),
            "ExpressionAttributeValues must not be empty");
  EXPECT_EQ(Message(Placeholders(nullptr, nullptr, true, false).Check(true, true, "")),
            "ExpressionAttributeNames must not be empty");
  EXPECT_EQ(Message(Placeholders(&names, &values, false, false).Check(true, true, "")), "");
}

TEST(Placeholders, HaveKeysOf255Bytes) {
  NameList good = {{"#" + std::string(254, 'a'), "a"}};
  EXPECT_EQ(Message(Placeholders(&good, nullptr).Check(true, true, "")), "");
  NameList bad = {{"#" + std::string(255, 'a'), "a"}};
  EXPECT_EQ(Message(Placeholders(&bad, nullptr).Check(true, true, "")),
            "ExpressionAttributeNames contains invalid key: The expression attribute map contains "
            "a key that is too long; size of key: 256");
}

TEST(Placeholders, CountUsesOfAllExpressionsOfARequest) {
  NameList names = {{"#a", "a"}, {"#b", "b"}};
  item::Map values;
  values.Set(":v", item::AttributeValue("s"));
  values.Set(":w", item::AttributeValue("s"));
  Placeholders placeholders(&names, &values);
  ASSERT_TRUE(Condition::Parse("#a = :v", placeholders, "ConditionExpression"));
  EXPECT_EQ(Message(placeholders.CheckAllUsed()),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}");
  ASSERT_TRUE(Projection::Parse("#b", placeholders));
  EXPECT_EQ(Message(placeholders.CheckAllUsed()),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}");
  ASSERT_TRUE(Condition::Parse("c = :w", placeholders, "FilterExpression"));
  EXPECT_EQ(Message(placeholders.CheckAllUsed()), "");
}

TEST(Placeholders, NeedNotOutliveWhatWasParsed) {
  auto parse = [] {
    NameList names = {{"#a", "a.b"}};
    item::Map values;
    values.Set(":v", item::AttributeValue("s"));
    std::string text = "begins_with(#a, :v)";
    Placeholders placeholders(&names, &values);
    return *Condition::Parse(text, placeholders, "ConditionExpression");
  };
  Condition condition = parse();
  item::Item item;
  item.Set("a.b", item::AttributeValue("sea"));
  EXPECT_TRUE(*condition.Evaluate(item));
  EXPECT_EQ(condition.ToString(), "(begins_with a.b \"s\")");
}

TEST(ReservedWords, AreFoundInAnyCase) {
  for (const char* word : {"ABORT", "abort", "Zone", "LOCALTIMESTAMP", "FLATTERN", "ttl", "Name"}) {
    EXPECT_TRUE(IsReservedWord(word)) << word;
  }
  for (const char* word : {"", "pk", "abor", "abortt", "localtimestamps", "na\xC3\xAFve", "id"}) {
    EXPECT_FALSE(IsReservedWord(word)) << word;
  }
}

}  // namespace
}  // namespace tidemark::expr
