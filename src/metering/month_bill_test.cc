#include "metering/month_bill.h"

#include "metering/meter_fixture.h"

namespace tidemark::metering {
namespace {

using catalog::BackupType;
using std::chrono::hours;

constexpr uint64_t kBillGb = uint64_t{1} << 30;

class MonthBillTest : public MeterFixture {
 protected:
  MonthBill::OfKind BillOf(Kind kind) {
    MonthBill bill(
        *ledger_, [this] { return prices_; }, [this] { return Now(); });
    bill.Maintain();
    return bill.Latest()[static_cast<size_t>(kind)];
  }

  const PriceBookPtr prices_ = std::make_shared<const PriceBook>(PriceBook::BuiltIn());
};

TEST_F(MonthBillTest, IsOfThePresentMonthAndWhatIsThereNow) {
  const TableId table = AddTable("Users");
  (void)AddBackup(table, BackupType::kUser, 10 * kBillGb);
  const auto gone = AddBackup(table, BackupType::kUser, 10 * kBillGb);
  ASSERT_TRUE(meter_->Tick());
  Pass(hours(31 * 24 / 2));
  ASSERT_TRUE(catalog_->EraseBackup(gone));
  Pass(std::chrono::seconds(1));
  EXPECT_EQ(ToCents(BillOf(Kind::kOnDemand).cost), "1.00");  // half of 2 times 10 GB at 0.10
  EXPECT_EQ(BillOf(Kind::kOnDemand).kept_bytes, 10 * kBillGb);
  EXPECT_EQ(BillOf(Kind::kPitr).kept_bytes, 0U);
  Pass(hours(31 * 24 / 2 + 14 * 24));  // the middle of February
  EXPECT_EQ(ToCents(BillOf(Kind::kOnDemand).cost), "0.50");
}

TEST_F(MonthBillTest, RestsBetween) {
  MonthBill bill(
      *ledger_, [this] { return prices_; }, [this] { return Now(); });
  bill.Maintain();
  (void)AddBackup(AddTable("Users"), BackupType::kUser, kBillGb);
  ASSERT_TRUE(meter_->Tick());
  bill.Maintain();
  EXPECT_EQ(bill.Latest()[static_cast<size_t>(Kind::kOnDemand)].kept_bytes, 0U);
}

}  // namespace
}  // namespace tidemark::metering
