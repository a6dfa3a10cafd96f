#include "faults/row_history.h"

#include <gtest/gtest.h>

namespace tidemark::faults {
namespace {

const Bytes kRow = "row";

Timestamp At(int64_t micros) { return FromMicros(micros); }

TEST(RowHistory, AWriteFoundAfterAFailureCountsFromThenOn) {
  RowHistory history;
  std::string wrong;
  // Both fail on a sick disk. The second does not see the first, which is in the log all the same.
  (void)history.Begin(kRow, std::nullopt, "first", true, &wrong);
  (void)history.Begin(kRow, std::nullopt, "second", true, &wrong);
  EXPECT_EQ(history.Settle({{kRow, "first"}}, At(10)), "");
  const size_t third = history.Begin(kRow, "first", "third", true, &wrong);
  history.Acknowledge(kRow, third, At(20));
  EXPECT_EQ(wrong, "");
  EXPECT_EQ(history.Settle({{kRow, "third"}}, At(30)), "");
  EXPECT_EQ(history.CheckAt({{kRow, "first"}}, At(15)), "");
  EXPECT_EQ(
      history.CheckChanges(
          {{kRow,
            {{RowHistory::Of(kRow, "first"), At(5)}, {RowHistory::Of(kRow, "third"), At(20)}}}},
          At(0), At(0)),
      "");
}

TEST(RowHistory, AWriteNobodySawAndNobodyFoundDidNotHappen) {
  RowHistory history;
  std::string wrong;
  (void)history.Begin(kRow, std::nullopt, "first", true, &wrong);
  const size_t second = history.Begin(kRow, std::nullopt, "second", true, &wrong);
  history.Acknowledge(kRow, second, At(20));
  EXPECT_EQ(wrong, "");
  EXPECT_EQ(history.Settle({{kRow, "second"}}, At(30)), "");
  EXPECT_NE(history.CheckAt({{kRow, "first"}}, At(15)), "");
  EXPECT_NE(history.Settle({{kRow, "first"}}, At(40)), "");
}

TEST(RowHistory, WhetherAWriteHappenedIsKnownBehindOnesThatDidNot) {
  RowHistory history;
  std::string wrong;
  const size_t first = history.Begin(kRow, std::nullopt, "first", true, &wrong);
  const size_t second = history.Begin(kRow, std::nullopt, "second", true, &wrong);
  history.Acknowledge(kRow, second, At(20));
  const size_t third = history.Begin(kRow, "second", "third", true, &wrong);
  const size_t fourth = history.Begin(kRow, "third", "fourth", true, &wrong);
  EXPECT_EQ(history.Settle({{kRow, "third"}}, At(30)), "");
  EXPECT_EQ(history.Happened(kRow, first), false);
  EXPECT_EQ(history.Happened(kRow, second), true);
  EXPECT_EQ(history.Happened(kRow, third), true);
  EXPECT_EQ(history.Happened(kRow, fourth), false);
}

TEST(RowHistory, AStreamOwesWhatBeganBehindIt) {
  RowHistory history;
  std::string wrong;
  const size_t first = history.Begin(kRow, std::nullopt, "first", false, &wrong);
  history.Acknowledge(kRow, first, At(10));
  const size_t second = history.Begin(kRow, "first", "second", false, &wrong);
  history.Acknowledge(kRow, second, At(20));
  const std::map<Bytes, std::vector<RowHistory::Shown>> nothing;
  EXPECT_NE(history.CheckChanges(nothing, At(9), At(0)), "");
  // Known to be on when the first was answered: the second may have begun just before that.
  EXPECT_EQ(history.CheckChanges(nothing, At(10), At(0)), "");
  EXPECT_EQ(history.CheckChanges(nothing, At(9), At(20)), "");  // too old
}

}  // namespace
}  // namespace tidemark::faults
