#include <gtest/gtest.h>

#include "expr/condition.h"
#include "expr/projection.h"
#include "expr/update.h"

namespace tidemark::expr {
namespace {

std::string ConditionRefusal(const std::string& text) {
  Placeholders placeholders(nullptr, nullptr);
  auto condition = Condition::Parse(text, placeholders, "FilterExpression");
  return condition ? "" : condition.error().message;
}

std::string UpdateRefusal(const std::string& text) {
  Placeholders placeholders(nullptr, nullptr);
  auto update = Update::Parse(text, placeholders);
  return update ? "" : update.error().message;
}

std::string Repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

const char kTooManyOperators[] =
    "Invalid FilterExpression: The expression contains too many operators; operator count: 301";

TEST(ExpressionLimits, TakeTextsOfFourKilobytes) {
  std::string name(4096 - 4, 'a');
  EXPECT_EQ(ConditionRefusal("b = " + name), "");
  EXPECT_EQ(ConditionRefusal("b = a" + name),
            "Invalid FilterExpression: Expression size has exceeded the maximum allowed size;");
  EXPECT_EQ(UpdateRefusal(std::string(5000, '(')),
            "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;");
}

TEST(ExpressionLimits, TreatBlankTextsAsEmpty) {
  EXPECT_EQ(ConditionRefusal(" \t\r\n"),
            "Invalid FilterExpression: The expression can not be empty;");
}

TEST(ExpressionLimits, Take300Operators) {
  EXPECT_EQ(ConditionRefusal("a<b" + Repeat(" or a<b", 149)), "");
  EXPECT_EQ(ConditionRefusal("not a<b" + Repeat(" or a<b", 149)), "");
  EXPECT_EQ(ConditionRefusal("not not a<b" + Repeat(" or a<b", 149)), kTooManyOperators);
  EXPECT_EQ(ConditionRefusal("a<b" + Repeat(" or a<b", 150)), kTooManyOperators);
}

TEST(ExpressionLimits, CountAnInAsOneOperator) {
  std::string list = "a in (b" + Repeat(",b", 99) + ")";
  EXPECT_EQ(ConditionRefusal(list + " and " + list + " and " + list + " or " + list), "");
  EXPECT_EQ(ConditionRefusal("a in (b" + Repeat(",b", 100) + ")"),
            "Invalid FilterExpression: The IN operator is provided with too many operands; number "
            "of operands: 101");
}

TEST(ExpressionLimits, CountFunctionsAndSumsOfUpdates) {
  std::string set = "SET a = b";
  for (int i = 0; i < 300; ++i) set += ",a" + std::to_string(i) + "=b+c";
  EXPECT_EQ(UpdateRefusal(set), "");
  EXPECT_EQ(UpdateRefusal(set + ",z=b-c"),
            "Invalid UpdateExpression: The expression contains too many operators; operator count: "
            "301");
}

TEST(ExpressionLimits, AllowTheDeepestNestingThatOperatorsAllow) {
  EXPECT_EQ(ConditionRefusal("a<b " + Repeat("or (a<b ", 149) + Repeat(")", 149)), "");
  EXPECT_EQ(ConditionRefusal("a<b " + Repeat("or (a<b ", 454) + Repeat(")", 454)),
            kTooManyOperators);
}

// Each once brought some parser down by its depth.
TEST(ExpressionLimits, SurviveHostileNesting) {
  EXPECT_EQ(ConditionRefusal(Repeat("(", 4096)),
            "Invalid FilterExpression: The expression has redundant parentheses;");
  EXPECT_EQ(ConditionRefusal(Repeat("(", 2046) + "a<b" + Repeat(")", 2046)),
            "Invalid FilterExpression: The expression has redundant parentheses;");
  EXPECT_EQ(ConditionRefusal(Repeat("not ", 1000) + "a<b"), kTooManyOperators);
  EXPECT_EQ(ConditionRefusal("a<" + Repeat("f(", 1355) + "b" + Repeat(")", 1355)),
            kTooManyOperators);
  EXPECT_EQ(ConditionRefusal("a<" + Repeat("f(", 300) + "b" + Repeat(")", 300)),
            "Invalid FilterExpression: Invalid function name; function: f");
  EXPECT_EQ(ConditionRefusal("a<" + Repeat("(f(", 1000) + "b" + Repeat("))", 500)),
            kTooManyOperators);
  EXPECT_NE(UpdateRefusal("SET a = " + Repeat("if_not_exists(a,", 250) + "b" + Repeat(")", 250)),
            "Invalid UpdateExpression: Syntax error");
  EXPECT_EQ(UpdateRefusal("SET a=" + Repeat("f(", 2000)),
            "Invalid UpdateExpression: The expression contains too many operators; operator count: "
            "301");
}

TEST(ExpressionLimits, TakePathsOf32Levels) {
  Placeholders placeholders(nullptr, nullptr);
  EXPECT_TRUE(Projection::Parse("a" + Repeat("[1]", 31), placeholders));
  EXPECT_EQ(Projection::Parse("a" + Repeat("[1]", 32), placeholders).error().message,
            "Invalid ProjectionExpression: The document path has too many nesting levels; nesting "
            "levels: 33");
}

TEST(ExpressionLimits, RefuseUpdatesWhichNestTooDeep) {
  item::AttributeValue deep(std::string("leaf"));
  for (int i = 0; i < 30; ++i) {
    item::List list;
    list.values.push_back(std::move(deep));
    deep = item::AttributeValue(std::move(list));
  }
  item::Map values;
  values.Set(":v", deep);
  item::Item item;
  item.Set("m", item::AttributeValue(item::Map()));
  Placeholders two(nullptr, &values);
  EXPECT_TRUE(Update::Parse("SET m.a = :v", two)->Apply(item));
  item.Find("m")->As<item::Map>()->Set("b", item::AttributeValue(item::Map()));
  Placeholders three(nullptr, &values);
  auto refused = Update::Parse("SET m.b.c = :v", three)->Apply(item);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested "
            "levels beyond supported limit");
}

}  // namespace
}  // namespace tidemark::expr
