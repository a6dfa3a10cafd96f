#include "table/throttle.h"

#include <gtest/gtest.h>

namespace tidemark::table {
namespace {

using Use = Throttle::Use;
using std::chrono::milliseconds;
using std::chrono::seconds;

class ThrottleTest : public ::testing::Test {
 protected:
  ThrottleTest() {
    table_.account = AccountId("123456789012");
    table_.region = Region("us-east-1");
    table_.name = "Music";
    table_.throughput = {.read_units = 10, .write_units = 2};
  }

  // How many requests in a row are admitted; each costs `units`.
  int Admitted(Use use, double units) { return Admitted(table_, use, units); }
  int Admitted(const Throttle::Resource& resource, Use use, double units) {
    int count = 0;
    while (count < 10000 && throttle_.Admit(resource, use)) {
      throttle_.Charge(resource, use, units);
      ++count;
    }
    return count;
  }

  ManualClock clock_{FromMicros(1'700'000'000'000'000)};
  Throttle throttle_{clock_};
  catalog::TableRecord table_;
};

TEST_F(ThrottleTest, AdmitsWhatIsProvisionedAndKeepsFiveMinutesOfIt) {
  EXPECT_EQ(Admitted(Use::kRead, 0.5), 20);
  EXPECT_EQ(Admitted(Use::kWrite, 1), 2) << "reads and writes are apart";
  clock_.Advance(milliseconds(500));
  EXPECT_EQ(Admitted(Use::kRead, 1), 5);
  clock_.Advance(seconds(3600));
  EXPECT_EQ(Admitted(Use::kRead, 1), 3000);
}

TEST_F(ThrottleTest, ALargeRequestLeavesADebt) {
  EXPECT_EQ(Admitted(Use::kRead, 25), 1);
  clock_.Advance(milliseconds(1400));
  EXPECT_EQ(Admitted(Use::kRead, 1), 0);
  clock_.Advance(milliseconds(200));
  EXPECT_EQ(Admitted(Use::kRead, 1), 1);
}

TEST_F(ThrottleTest, TellsWhatWasExceeded) {
  EXPECT_EQ(Admitted(Use::kWrite, 1), 2);
  const auto refused = throttle_.Admit(table_, Use::kWrite);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kThroughputExceeded);
  const auto* reason = dynamic_cast<const ThrottlingReason*>(refused.error().detail.get());
  ASSERT_NE(reason, nullptr);
  EXPECT_EQ(reason->reason, "TableWriteProvisionedThroughputExceeded");
  EXPECT_EQ(reason->resource, "arn:aws:dynamodb:us-east-1:123456789012:table/Music");
}

TEST_F(ThrottleTest, OnDemandOnlyAMaximumLimitsEachSecond) {
  table_.billing = catalog::BillingMode::kPayPerRequest;
  table_.throughput = {};
  EXPECT_EQ(Admitted(Use::kRead, 1), 10000);
  table_.on_demand = catalog::OnDemandThroughput{.max_read_units = 5, .max_write_units = -1};
  EXPECT_EQ(Admitted(Use::kWrite, 1), 10000);
  EXPECT_EQ(Admitted(Use::kRead, 1), 5);
  const auto refused = throttle_.Admit(table_, Use::kRead);
  EXPECT_EQ(refused.error().kind, ErrorKind::kThrottled);
  clock_.Advance(seconds(60));
  EXPECT_EQ(Admitted(Use::kRead, 1), 5);
}

TEST_F(ThrottleTest, GlobalIndexesHaveTheirOwn) {
  catalog::IndexRecord global;
  global.name = "byTime";
  global.definition.number = 3;
  global.throughput = {.read_units = 4, .write_units = 7};
  table_.indexes = {global};
  const Throttle::Resource index(table_, &table_.indexes[0]);
  EXPECT_EQ(Admitted(index, Use::kWrite, 1), 7);
  EXPECT_EQ(Admitted(index, Use::kRead, 1), 4);
  EXPECT_EQ(Admitted(Use::kWrite, 1), 2);
  const auto refused = throttle_.Admit(index, Use::kRead);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kThroughputExceeded);
  EXPECT_EQ(refused.error().message,
            "The level of configured provisioned throughput for one or more global secondary "
            "indexes of the table was exceeded. Consider increasing your provisioning level for "
            "the under-provisioned global secondary indexes with the UpdateTable API.");
  const auto* reason = dynamic_cast<const ThrottlingReason*>(refused.error().detail.get());
  ASSERT_NE(reason, nullptr);
  EXPECT_EQ(reason->reason, "IndexReadProvisionedThroughputExceeded");
  EXPECT_EQ(reason->resource, "arn:aws:dynamodb:us-east-1:123456789012:table/Music/index/byTime");
  throttle_.Forget(table_.id);
  EXPECT_EQ(Admitted(index, Use::kWrite, 1), 7);
}

TEST_F(ThrottleTest, AWriteCostsEachIndexItChanges) {
  catalog::IndexRecord global, local;
  global.name = "global";
  global.definition.number = 2;
  global.throughput = {.read_units = 1, .write_units = 3};
  local.name = "local";
  local.local = true;
  local.definition.number = 3;
  table_.indexes = {global, local};
  table_.throughput.write_units = 10;
  const std::vector<IndexCapacity> changed{{"global", false, 2}, {"local", true, 4}};
  int written = 0;
  while (written < 100 && AdmitToIndexes(&throttle_, table_, changed, shard::Mutation{})) {
    ++written;
    ChargeIndexes(&throttle_, table_, changed);
  }
  EXPECT_EQ(written, 2);
  EXPECT_EQ(Admitted(Use::kWrite, 1), 2) << "local indexes use the table's";
  EXPECT_TRUE(AdmitToIndexes(&throttle_, table_, {changed[1]}, shard::Mutation{}));
  EXPECT_EQ(AdmitToIndexes(&throttle_, table_, changed, Fail(ErrorKind::kConditionFailed, "no"))
                .error()
                .kind,
            ErrorKind::kConditionFailed);
}

TEST_F(ThrottleTest, FollowsTheTablesSettingsAndForgetsIt) {
  EXPECT_EQ(Admitted(Use::kWrite, 1), 2);
  table_.throughput.write_units = 100;
  clock_.Advance(milliseconds(100));
  EXPECT_EQ(Admitted(Use::kWrite, 1), 10);
  throttle_.Forget(table_.id);
  EXPECT_EQ(Admitted(Use::kWrite, 1), 100);
}

}  // namespace
}  // namespace tidemark::table
