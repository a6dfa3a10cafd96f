#include "catalog/system_rows.h"

#include <gtest/gtest.h>

#include "shard/sick_table_fixture.h"

namespace tidemark::catalog {
namespace {

using std::chrono::seconds;

class SystemRowsTest : public shard::SickTableTest {
 protected:
  SystemRows OpenRows() {
    auto rows = SystemRows::Open(*shard_, options_.active_tables[0], "{}", threads_.context(0));
    EXPECT_TRUE(rows.has_value()) << rows.error().message;
    return *std::move(rows);
  }
  void Heal() {
    MakeSick(std::nullopt);
    for (int i = 0; i < 3; ++i) {
      clock_.Advance(seconds(61));
      Maintain();
    }
    ASSERT_EQ(shard_->Stats().fenced_tables, 0u);
  }
};

TEST_F(SystemRowsTest, AreSetBackAfterAChangeThatIsLoggedButWasRefused) {
  Start();
  const SystemRows rows = OpenRows();
  ASSERT_TRUE(rows.Store({{"erased", "1"}, {"changed", "1"}, {"other", "1"}}));
  MakeSick(ErrorKind::kIo);
  EXPECT_EQ(rows.Store({{"erased", std::nullopt}, {"changed", "2"}, {"made", "1"}}).error().kind,
            ErrorKind::kIo);
  EXPECT_EQ(rows.Settle().error().kind, ErrorKind::kIo) << "it is not settled";
  Heal();
  ASSERT_EQ(*rows.Get("changed"), "2") << "logged it was";
  ASSERT_TRUE(rows.Store({{"other", "2"}, {"changed", "3"}}));
  EXPECT_EQ(*rows.Get("erased"), "1");
  EXPECT_EQ(*rows.Get("changed"), "3");
  EXPECT_EQ(*rows.Get("made"), std::nullopt);
  EXPECT_EQ(*rows.Get("other"), "2");
  Crash();
  Start();
  const SystemRows again = OpenRows();
  EXPECT_EQ(*again.Get("erased"), "1");
  EXPECT_EQ(*again.Get("changed"), "3");
  EXPECT_EQ(*again.Get("made"), std::nullopt);
}

TEST_F(SystemRowsTest, SettleWithoutAnotherChange) {
  Start();
  const SystemRows rows = OpenRows();
  MakeSick(ErrorKind::kIo);
  EXPECT_FALSE(rows.Store({{"made", "1"}}));
  Heal();
  ASSERT_EQ(*rows.Get("made"), "1");
  ASSERT_TRUE(rows.Settle());
  EXPECT_EQ(*rows.Get("made"), std::nullopt);
}

TEST_F(SystemRowsTest, AreNotSettledWhenTheLogHasFailed) {
  Start();
  const SystemRows rows = OpenRows();
  log_->HoldNext(ErrorKind::kIo);
  auto failed = std::async(std::launch::async, [&] { return rows.Store({{"made", "1"}}); });
  log_->WaitUntilHeld();
  log_->LetGo();
  EXPECT_EQ(failed.get().error().kind, ErrorKind::kIo);
  ASSERT_EQ(*rows.Get("made"), std::nullopt) << "to erase it would be no change";
  EXPECT_EQ(rows.Settle().error().kind, ErrorKind::kUnavailable);
}

TEST_F(SystemRowsTest, KeepWhatWasBeforeTheFirstOfTwoThatFailed) {
  Start();
  const SystemRows rows = OpenRows();
  ASSERT_TRUE(rows.Store({{"row", "1"}}));
  for (const char* value : {"2", "3"}) {
    MakeSick(ErrorKind::kIo);
    EXPECT_FALSE(rows.Store({{"row", value}}));
    Heal();
  }
  ASSERT_TRUE(rows.Settle());
  EXPECT_EQ(*rows.Get("row"), "1");
}

}  // namespace
}  // namespace tidemark::catalog
