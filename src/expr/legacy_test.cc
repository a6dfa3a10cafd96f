#include "expr/legacy.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::expr {
namespace {

using item::AttributeValue;

AttributeValue S(std::string text) { return AttributeValue(std::move(text)); }
AttributeValue N(int64_t number) { return AttributeValue(item::Number::FromInt(number)); }
AttributeValue Strings(std::vector<std::string> values) {
  return AttributeValue(item::StringSet{std::move(values)});
}

std::string Refusal(LegacyOperator op, std::vector<AttributeValue> values) {
  const auto checked = CheckLegacyCondition({"a", op, std::move(values)});
  return checked ? "" : checked.error().message;
}

bool Holds(LegacyOperator op, std::vector<AttributeValue> values, const item::Item& item) {
  const auto condition = LowerConditions({{"a", op, std::move(values)}}, false);
  const auto holds = condition.Evaluate(item);
  EXPECT_TRUE(holds);
  return holds && *holds;
}

item::Item With(AttributeValue value) { return item::Map::FromEntries({{"a", std::move(value)}}); }

TEST(LegacyConditions, AreTreesOfExpressions) {
  EXPECT_EQ(LowerConditions({{"a.b", LegacyOperator::kEq, {N(5)}}}, false).ToString(), "(= a.b 5)");
  EXPECT_EQ(LowerConditions({{"a", LegacyOperator::kBetween, {N(1), N(2)}},
                             {"b", LegacyOperator::kNotContains, {S("x")}}},
                            false)
                .ToString(),
            "(and (between a 1 2) (and (attribute_exists b) (not (contains b \"x\"))))");
  EXPECT_EQ(
      LowerConditions({{"a", LegacyOperator::kNull, {}}, {"b", LegacyOperator::kIn, {N(1)}}}, true)
          .ToString(),
      "(or (attribute_not_exists a) (in b 1))");
}

TEST(LegacyConditions, TakeNamesLiterally) {
  const auto item = item::Map::FromEntries({{"a.b[0]", N(1)}});
  const auto condition = LowerConditions({{"a.b[0]", LegacyOperator::kEq, {N(1)}}}, false);
  EXPECT_TRUE(*condition.Evaluate(item));
}

TEST(LegacyConditions, NotContainsNeedsTheAttribute) {
  EXPECT_TRUE(Holds(LegacyOperator::kNotContains, {S("q")}, With(S("abc"))));
  EXPECT_TRUE(Holds(LegacyOperator::kNotContains, {N(1)}, With(S("abc"))));
  EXPECT_FALSE(Holds(LegacyOperator::kNotContains, {S("b")}, With(S("abc"))));
  EXPECT_FALSE(Holds(LegacyOperator::kNotContains, {S("b")}, item::Item()));
  EXPECT_TRUE(Holds(LegacyOperator::kNe, {S("b")}, item::Item()));
}

TEST(LegacyConditions, CountTheirValues) {
  const std::string begin =
      "One or more parameter values were invalid: Invalid number of argument(s) for the ";
  EXPECT_EQ(Refusal(LegacyOperator::kEq, {}), begin + "EQ ComparisonOperator");
  EXPECT_EQ(Refusal(LegacyOperator::kNotNull, {N(1)}), begin + "NOT_NULL ComparisonOperator");
  EXPECT_EQ(Refusal(LegacyOperator::kIn, {}), begin + "IN ComparisonOperator");
  EXPECT_EQ(Refusal(LegacyOperator::kBetween, {N(1)}), begin + "BETWEEN ComparisonOperator");
  EXPECT_EQ(Refusal(LegacyOperator::kIn, std::vector(200, N(1))), "");
}

TEST(LegacyConditions, CheckTypes) {
  const std::string begin = "One or more parameter values were invalid: ";
  EXPECT_EQ(Refusal(LegacyOperator::kIn, {N(1), S("a")}),
            begin + "AttributeValues inside AttributeValueList must be of same type");
  EXPECT_EQ(Refusal(LegacyOperator::kLt, {Strings({"a"})}),
            begin + "ComparisonOperator LT is not valid for SS AttributeValue type");
  EXPECT_EQ(Refusal(LegacyOperator::kBeginsWith, {N(1)}),
            begin + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type");
  EXPECT_EQ(Refusal(LegacyOperator::kContains, {Strings({"a"})}),
            begin + "ComparisonOperator CONTAINS is not valid for SS AttributeValue type");
  EXPECT_EQ(Refusal(LegacyOperator::kContains, {AttributeValue(true)}), "");
  EXPECT_EQ(Refusal(LegacyOperator::kEq, {Strings({"a"})}), "");
  EXPECT_EQ(Refusal(LegacyOperator::kBetween, {N(2), N(1)}),
            "The BETWEEN condition was provided a range where the lower bound is greater than the "
            "upper bound");
}

TEST(LegacyKeyConditions, AreHeldAgainstTheSchemaLater) {
  const item::KeySchema schema{{"pk", item::Type::kString},
                               item::KeyAttribute{"sk", item::Type::kNumber}};
  const auto match = [&](LegacyOperator op, AttributeValue value) {
    return KeyCondition::Match(
        LowerKeyConditions({{"pk", LegacyOperator::kEq, {S("k")}}, {"sk", op, {std::move(value)}}}),
        schema);
  };
  const auto less = match(LegacyOperator::kLt, N(5));
  ASSERT_TRUE(less);
  EXPECT_EQ(less->ToString(), "(= pk \"k\") (< sk 5)");
  EXPECT_EQ(match(LegacyOperator::kNe, N(5)).error().message,
            "Attempted conditional constraint is not an indexable operation");
}

std::string UpdateRefusal(LegacyUpdate update) {
  const auto lowered = LowerUpdates({std::move(update)});
  return lowered ? "" : lowered.error().message;
}

TEST(LegacyUpdates, PutAddAndDelete) {
  using Action = LegacyUpdate::Action;
  const auto update = LowerUpdates({{"a", Action::kPut, S("x")},
                                    {"b", Action::kAdd, N(1)},
                                    {"c", Action::kDelete, Strings({"x"})},
                                    {"d", Action::kDelete, std::nullopt}});
  ASSERT_TRUE(update);
  EXPECT_EQ(update->ToString(), "(SET a \"x\") (ADD b 1) (DELETE c <\"x\">) (REMOVE d)");
  EXPECT_TRUE(update->creates_item());
  EXPECT_FALSE(LowerUpdates({{"d", Action::kDelete, std::nullopt}})->creates_item());
}

TEST(LegacyUpdates, AddJoinsLists) {
  const auto update =
      LowerUpdates({{"a", LegacyUpdate::Action::kAdd, AttributeValue(item::List{{N(2)}})}});
  ASSERT_TRUE(update);
  const auto joined = update->Apply(With(AttributeValue(item::List{{N(1)}})));
  ASSERT_TRUE(joined);
  EXPECT_EQ(*joined->Find("a"), AttributeValue(item::List{{N(1), N(2)}}));
  EXPECT_EQ(update->Apply(With(S("x"))).error().message, "Type mismatch for attribute to update");
}

TEST(LegacyUpdates, CheckTypes) {
  const std::string begin = "One or more parameter values were invalid: ";
  EXPECT_EQ(UpdateRefusal({"a", LegacyUpdate::Action::kPut, std::nullopt}),
            begin + "Only DELETE action is allowed when no attribute value is specified");
  EXPECT_EQ(UpdateRefusal({"a", LegacyUpdate::Action::kDelete, N(1)}),
            begin + "DELETE action with value is not supported for the type N");
  EXPECT_EQ(UpdateRefusal({"a", LegacyUpdate::Action::kAdd, S("x")}),
            begin + "ADD action is not supported for the type S");
}

}  // namespace
}  // namespace tidemark::expr
