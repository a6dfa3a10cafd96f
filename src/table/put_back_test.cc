#include "table/put_back.h"

#include <gtest/gtest.h>

#include "index/row.h"
#include "table/mutations.h"
#include "table/test_items.h"

namespace tidemark::table {
namespace {

using Kind = shard::Mutation::Kind;

catalog::TableRecord Table() {
  catalog::TableRecord record;
  record.keys = kHashOnly;
  catalog::IndexRecord index{.name = "by-g"};
  index.definition.number = item::kFirstSecondaryIndex;
  index.definition.partition = {{"g", item::Type::kString}};
  record.indexes = {index};
  record.CompleteIndexes();
  return record;
}

class PutBack : public ::testing::Test {
 protected:
  Result<shard::Mutation> Decide(std::optional<Bytes> expected, std::optional<Bytes> wanted,
                                 const std::optional<Bytes>& row) {
    return Evaluate(PutBackPlan{table_, std::move(expected), std::move(wanted)}, row, &outcome_);
  }

  const catalog::TablePtr table_ = std::make_shared<const catalog::TableRecord>(Table());
  const Bytes old_ = item::EncodeItem(Make({{"pk", S("a")}, {"g", S("x")}}));
  const Bytes new_ = item::EncodeItem(Make({{"pk", S("a")}, {"g", S("y")}}));
  const Bytes other_ = item::EncodeItem(Make({{"pk", S("a")}}));
  PutBackOutcome outcome_{};
};

TEST_F(PutBack, WritesWhatIsAsExpected) {
  auto done = Decide(std::nullopt, old_, std::nullopt);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(outcome_, PutBackOutcome::kWritten);
  EXPECT_EQ(done->kind, Kind::kPut);
  EXPECT_EQ(done->value, old_);
  EXPECT_EQ(done->new_size, 5u);  // pk, a, g, x
  EXPECT_EQ(done->index_rows.size(), 1u);
  EXPECT_EQ(done->indexes.size(), 1u);

  done = Decide(new_, old_, new_);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->kind, Kind::kPut);
  EXPECT_EQ(done->index_rows.size(), 2u) << "the row of g = y goes";

  done = Decide(new_, std::nullopt, new_);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(outcome_, PutBackOutcome::kWritten);
  EXPECT_EQ(done->kind, Kind::kDelete);
  EXPECT_EQ(done->index_rows.size(), 1u);
}

TEST_F(PutBack, LeavesAloneWhatChangedSince) {
  for (const auto& [expected, row] :
       {std::pair<std::optional<Bytes>, std::optional<Bytes>>{std::nullopt, other_},
        {new_, other_},
        {new_, std::nullopt}}) {
    const auto done = Decide(expected, old_, row);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(outcome_, PutBackOutcome::kConflict);
    EXPECT_EQ(done->kind, Kind::kNothing);
  }
}

TEST_F(PutBack, DoesNothingWhereTheRowIsAsWanted) {
  for (const auto& wanted : {std::optional<Bytes>(old_), std::optional<Bytes>()}) {
    const auto done = Decide(new_, wanted, wanted);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(outcome_, PutBackOutcome::kAlready);
    EXPECT_EQ(done->kind, Kind::kNothing);
  }
}

TEST_F(PutBack, RefusesWhatAnIndexCannotTake) {
  const auto done =
      Decide(std::nullopt, item::EncodeItem(Make({{"pk", S("a")}, {"g", N(1)}})), std::nullopt);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kValidation);
}

}  // namespace
}  // namespace tidemark::table
