#include "table/time_to_live.h"

#include "table/expiry.h"
#include "table/table_fixture.h"

namespace tidemark::table {
namespace {

using std::chrono::seconds;

constexpr int64_t kNowSeconds = 1'700'000'000;  // of the fixture's clock

item::Item Expiring(const char* key, int64_t at) {
  return Make({{"pk", S(key)}, {"ttl", item::AttributeValue(item::Number::FromInt(at))}});
}

class TimeToLiveTest : public TableFixture {
 protected:
  void SetUp() override {
    TableFixture::SetUp();
    time_to_live_.emplace(*catalog_, *shards_, pool_, *limit_, clock_, threads_.context(0));
  }

  std::string Switch(bool enabled, const char* attribute = "ttl") {
    const auto done = Run(time_to_live_->Update(
        caller_, {.table = "Things", .enabled = enabled, .attribute = attribute}));
    return done ? "" : done.error().message;
  }

  catalog::TtlSettings Settings() { return *Run(time_to_live_->Describe(caller_, "Things")); }

  bool IsThere(const char* key) { return !Get("Things", Make({{"pk", S(key)}})).empty(); }

  size_t ExpiryRows() {
    const auto table = catalog_->FindTable(caller_.account, caller_.region, "Things");
    const auto store = *shard_->Find(table->id)->OpenStore();
    const auto range = AllExpiryRows();
    const auto rows = *store->Scan({.begin = range.begin, .end = range.end});
    size_t count = 0;
    for (; rows->Valid(); rows->Next()) ++count;
    return count;
  }

  std::optional<TimeToLive> time_to_live_;
};

TEST_F(TimeToLiveTest, DeletesWhatIsDueAndNothingElse) {
  CreateTable("Things", kHashOnly);
  ASSERT_EQ(Switch(true), "");
  EXPECT_TRUE(Settings().unsettled);
  time_to_live_->Sweep();
  EXPECT_FALSE(Settings().unsettled);
  Put("Things", Expiring("due", kNowSeconds));
  Put("Things", Expiring("later", kNowSeconds + 10));
  Put("Things", Expiring("ancient", kNowSeconds - 6 * 366 * 86400));
  Put("Things", Make({{"pk", S("never")}}));
  Put("Things", Make({{"pk", S("text")}, {"ttl", S("1")}}));
  EXPECT_EQ(ExpiryRows(), 3u);
  time_to_live_->Sweep();
  EXPECT_FALSE(IsThere("due"));
  for (const char* key : {"later", "ancient", "never", "text"}) EXPECT_TRUE(IsThere(key)) << key;
  EXPECT_EQ(ExpiryRows(), 2u);
  clock_.Advance(seconds(9));
  time_to_live_->Sweep();
  EXPECT_TRUE(IsThere("later"));
  clock_.Advance(seconds(1));
  time_to_live_->Sweep();
  EXPECT_FALSE(IsThere("later"));
}

TEST_F(TimeToLiveTest, LooksAgainWhenAnEarlierTimeIsWritten) {
  CreateTable("Things", kHashOnly);
  ASSERT_EQ(Switch(true), "");
  Put("Things", Expiring("a", kNowSeconds + 100));
  time_to_live_->Sweep();
  time_to_live_->Sweep();
  Put("Things", Expiring("a", kNowSeconds + 5));
  clock_.Advance(seconds(6));
  time_to_live_->Sweep();
  EXPECT_FALSE(IsThere("a"));
  EXPECT_EQ(ExpiryRows(), 0u);
}

TEST_F(TimeToLiveTest, KnowsItemsOlderThanTheSetting) {
  CreateTable("Things", kHashOnly);
  Put("Things", Expiring("a", kNowSeconds - 1));
  Put("Things", Expiring("b", kNowSeconds + 10));
  ASSERT_EQ(Switch(true), "");
  time_to_live_->Sweep();
  time_to_live_->Sweep();
  EXPECT_FALSE(IsThere("a"));
  EXPECT_TRUE(IsThere("b"));
  EXPECT_EQ(ExpiryRows(), 1u);
}

TEST_F(TimeToLiveTest, ForgetsRowsOfAnEarlierSetting) {
  CreateTable("Things", kHashOnly);
  ASSERT_EQ(Switch(true), "");
  time_to_live_->Sweep();
  Put("Things", Expiring("a", kNowSeconds + 10));
  ASSERT_EQ(Switch(false), "");
  Put("Things", Expiring("a", kNowSeconds + 20));
  ASSERT_EQ(Switch(true), "") << "not even looked at in between";
  time_to_live_->Sweep();
  EXPECT_EQ(ExpiryRows(), 1u);
  clock_.Advance(seconds(15));
  time_to_live_->Sweep();
  EXPECT_TRUE(IsThere("a"));
  ASSERT_EQ(Switch(false), "");
  time_to_live_->Sweep();
  EXPECT_EQ(ExpiryRows(), 0u);
  clock_.Advance(seconds(15));
  time_to_live_->Sweep();
  EXPECT_TRUE(IsThere("a"));
}

TEST_F(TimeToLiveTest, RefusesWhatChangesNothing) {
  CreateTable("Things", kHashOnly);
  EXPECT_EQ(Switch(false), "TimeToLive is already disabled");
  ASSERT_EQ(Switch(true), "");
  EXPECT_EQ(Switch(true), "TimeToLive is already enabled");
  const std::string other =
      "TimeToLive is active on a different AttributeName: current AttributeName is ttl";
  EXPECT_EQ(Switch(true, "other"), other);
  EXPECT_EQ(Switch(false, "other"), other);
}

}  // namespace
}  // namespace tidemark::table
