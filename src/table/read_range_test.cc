#include "table/read_range.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "table/key_rules.h"
#include "table/test_items.h"

namespace tidemark::table {
namespace {

bool Contains(const item::KeyRange& range, const Bytes& row) {
  return row >= range.begin && (range.end.empty() || row < range.end);
}

RowSpace SpaceOf(const item::KeySchema& keys) {
  catalog::TableRecord table;
  table.keys = keys;
  return *FindRowSpace(table, std::nullopt);
}

expr::KeyCondition Condition(std::string partition) {
  expr::KeyCondition condition;
  condition.partition_name = "pk";
  condition.partition = S(std::move(partition));
  return condition;
}

// A range holds exactly the rows that the condition matches.
TEST(QueryRange, AgreesWithTheConditionForEveryOperator) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const auto number = [&] { return static_cast<int64_t>(random() % 21) - 10; };
  for (int round = 0; round < 3000; ++round) {
    auto condition = Condition("p");
    const auto op = static_cast<expr::SortOperator>(random() % 6);  // all but begins_with
    const int64_t a = number(), b = number();
    condition.sort = expr::SortCondition{op, "sk", N(std::min(a, b)), N(std::max(a, b))};
    const auto range = QueryRange(SpaceOf(kHashAndRange), condition);
    ASSERT_TRUE(range);
    const auto key = Make({{
                               "pk",
                               S(random() % 4 ? "p" : std::string("p\0", 2)),
                           },
                           {"sk", N(number())}});
    const bool matches =
        *key.Find("pk") == condition.partition && Matches(*condition.sort, *key.Find("sk"));
    ASSERT_EQ(Contains(*range, PrimaryRow(kHashAndRange, key)), matches) << static_cast<int>(op);
  }
}

TEST(QueryRange, TakesPrefixesOfStrings) {
  const item::KeySchema schema{{"pk", item::Type::kString},
                               item::KeyAttribute{"sk", item::Type::kString}};
  auto condition = Condition("p");
  condition.sort = expr::SortCondition{expr::SortOperator::kBeginsWith, "sk", S("ab"), {}};
  const auto range = QueryRange(SpaceOf(schema), condition);
  ASSERT_TRUE(range);
  const auto row = [&](std::string sort) {
    return PrimaryRow(schema, Make({{"pk", S("p")}, {"sk", S(std::move(sort))}}));
  };
  EXPECT_TRUE(Contains(*range, row("ab")));
  EXPECT_TRUE(Contains(*range, row(std::string("ab\0x", 4))));
  EXPECT_TRUE(Contains(*range, row("ab\xff\xff")));
  EXPECT_FALSE(Contains(*range, row("aa")));
  EXPECT_FALSE(Contains(*range, row("ac")));
  EXPECT_FALSE(Contains(*range, row("a")));
}

TEST(QueryRange, RefusesEmptyKeyValues) {
  const auto range = QueryRange(SpaceOf(kHashOnly), Condition(""));
  ASSERT_FALSE(range);
  EXPECT_EQ(range.error().kind, ErrorKind::kValidation);
}

TEST(ContinueQuery, LeavesOutTheStartingKey) {
  const auto condition = Condition("p");
  const auto all = *QueryRange(SpaceOf(kHashAndRange), condition);
  const auto key = [](int64_t sort) { return Make({{"pk", S("p")}, {"sk", N(sort)}}); };
  const auto forward = ContinueQuery(SpaceOf(kHashAndRange), condition, true, key(5), all);
  ASSERT_TRUE(forward);
  EXPECT_FALSE(Contains(*forward, PrimaryRow(kHashAndRange, key(5))));
  EXPECT_TRUE(Contains(*forward, PrimaryRow(kHashAndRange, key(6))));
  EXPECT_FALSE(Contains(*forward, PrimaryRow(kHashAndRange, key(4))));
  const auto backward = ContinueQuery(SpaceOf(kHashAndRange), condition, false, key(5), all);
  ASSERT_TRUE(backward);
  EXPECT_FALSE(Contains(*backward, PrimaryRow(kHashAndRange, key(5))));
  EXPECT_TRUE(Contains(*backward, PrimaryRow(kHashAndRange, key(4))));
}

TEST(ContinueQuery, RefusesKeysOutsideTheCondition) {
  auto condition = Condition("p");
  condition.sort = expr::SortCondition{expr::SortOperator::kGt, "sk", N(3), {}};
  const auto all = *QueryRange(SpaceOf(kHashAndRange), condition);
  const auto message = [&](item::Item start) {
    const auto range = ContinueQuery(SpaceOf(kHashAndRange), condition, true, start, all);
    return range ? "" : range.error().message;
  };
  EXPECT_EQ(message(Make({{"pk", S("p")}})), "The provided starting key is invalid");
  EXPECT_EQ(message(Make({{"pk", S("q")}, {"sk", N(4)}})),
            "The provided starting key is outside query boundaries based on provided conditions");
  EXPECT_EQ(message(Make({{"pk", S("p")}, {"sk", N(3)}})),
            "The provided starting key does not match the range key predicate");
  EXPECT_EQ(message(Make({{"pk", S("p")}, {"sk", N(4)}})), "");
}

TEST(ScanRange, EveryRowIsInExactlyOneSegment) {
  for (uint32_t total : {1u, 3u, 64u, 1000u}) {
    for (int i = 0; i < 50; ++i) {
      const auto key = Make({{"pk", S("k" + std::to_string(i))}});
      int segments = 0, resumable = 0;
      for (uint32_t segment = 0; segment < total; ++segment) {
        const auto range = ScanRange(SpaceOf(kHashOnly), {segment, total}, std::nullopt);
        ASSERT_TRUE(range);
        segments += Contains(*range, PrimaryRow(kHashOnly, key));
        resumable += ScanRange(SpaceOf(kHashOnly), {segment, total}, key).has_value();
      }
      EXPECT_EQ(segments, 1);
      EXPECT_EQ(resumable, 1);
    }
  }
}

TEST(ScanRange, ChecksSegmentsAndStartingKeys) {
  EXPECT_FALSE(CheckSegment(1, std::nullopt));
  EXPECT_FALSE(CheckSegment(std::nullopt, 2));
  EXPECT_FALSE(CheckSegment(2, 2));
  EXPECT_TRUE(CheckSegment(1, 2));
  const auto range = ScanRange(SpaceOf(kHashOnly), {}, Make({{"id", S("a")}}));
  ASSERT_FALSE(range);
  EXPECT_EQ(
      range.error().message,
      "The provided starting key is invalid: The provided key element does not match the schema");
}

}  // namespace
}  // namespace tidemark::table
