#include "catalog/system_rows.h"

#include <gmock/gmock.h>

#include "shard/sick_table_fixture.h"

namespace tidemark::catalog {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class SystemRowsTest : public shard::SickTableTest {
 protected:
  SystemRows OpenRows() {
    auto rows = SystemRows::Open(*shard_, options_.active_tables[0], "{}", threads_.context(0));
    EXPECT_TRUE(rows.has_value()) << rows.error().message;
    return *std::move(rows);
  }
  // The table refuses it at first and has it once it works again.
  void Heal() {
    MakeSick(std::nullopt);
    for (int i = 0; i < 3; ++i) {
      clock_.Advance(seconds(61));
      Maintain();
    }
    ASSERT_EQ(shard_->Stats().fenced_tables, 0u);
  }
};

TEST_F(SystemRowsTest, TakeNoChangeAfterOneThatIsLoggedButWasRefused) {
  Start();
  {
    SystemRows rows = OpenRows();
    ASSERT_TRUE(rows.StoreTogether({{"a", "1"}}));
    MakeSick(ErrorKind::kIo);
    EXPECT_EQ(rows.StoreTogether({{"b", "1"}}).error().kind, ErrorKind::kIo);
    Heal();
    // Whoever asked has been told that `b` is not there; what is made for it again would be twice.
    const auto again = rows.StoreTogether({{"c", "1"}});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::kUnavailable);
    EXPECT_THAT(again.error().message, HasSubstr("restart the server"));
    EXPECT_EQ(rows.Store({{"a", std::nullopt}}).error().kind, ErrorKind::kUnavailable);
    EXPECT_EQ(rows.Writable().error().kind, ErrorKind::kUnavailable);
  }
  Crash();
  Start();
  const SystemRows rows = OpenRows();
  EXPECT_EQ(*rows.Get("a"), "1");
  EXPECT_EQ(*rows.Get("b"), "1");
  EXPECT_EQ(*rows.Get("c"), std::nullopt);
  EXPECT_TRUE(rows.StoreTogether({{"c", "1"}}));
}

}  // namespace
}  // namespace tidemark::catalog
