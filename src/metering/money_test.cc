#include "metering/money.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metering/plan_cost.h"
#include "metering/prices.h"

namespace tidemark::metering {
namespace {

using std::chrono::hours;

const Region kHere("us-east-1");
constexpr uint64_t kGb = uint64_t{1} << 30;
const Timestamp kJune = FromMicros(1'780'272'000'000'000);  // 2026-06-01, of 30 days

Price PriceOf(Kind kind) {
  static const PriceBook book = PriceBook::BuiltIn();
  return book.Of(kind, kHere, kJune);
}
std::string Kept(Kind kind, uint64_t bytes, Micros time) {
  return ToCents(StorageCost(PriceOf(kind).rate, Over(bytes, time), MonthOf(kJune).length()));
}
Dollars Once(Kind kind, uint64_t bytes) {
  return OnceCost(PriceOf(kind).rate, bytes, PriceOf(kind).least_bytes);
}
PlanCost Plan(const BackupRule& rule, uint64_t bytes) {
  return CostOf(rule, bytes, PriceOf(Kind::kWarm), PriceOf(Kind::kCold));
}

// What such things cost by the service's own price sheet.
TEST(Prices, ComeOutToTheCent) {
  EXPECT_EQ(Kept(Kind::kPitr, 100 * kGb, hours(720)), "20.00");
  EXPECT_EQ(Kept(Kind::kPitr, 100 * kGb, hours(360)), "10.00");
  EXPECT_EQ(Kept(Kind::kOnDemand, 12 * 50 * kGb, hours(720)), "60.00");
  EXPECT_EQ(Kept(Kind::kWarm, 50 * kGb, hours(720)), "5.00");
  EXPECT_EQ(Kept(Kind::kCold, 11 * 50 * kGb, hours(720)), "16.50");
  EXPECT_EQ(ToCents(Once(Kind::kRestore, 100 * kGb)), "15.00");
  EXPECT_EQ(ToCents(Once(Kind::kColdRestore, 100 * kGb)), "20.00");
  EXPECT_EQ(ToCents(Once(Kind::kCrossRegion, 100 * kGb)), "2.00");
  EXPECT_EQ(ToCents(Once(Kind::kExport, 100 * kGb)), "10.00");
  EXPECT_EQ(ToCents(Once(Kind::kImport, 100 * kGb)), "15.00");
  EXPECT_EQ(ToText(Once(Kind::kIncrementalExport, uint64_t{1} << 20)), "0.000976563");
  EXPECT_EQ(ToCents(EarlyColdDeletion(PriceOf(Kind::kCold).rate, 100 * kGb, 30)), "6.00");
  EXPECT_EQ(ToCents(EarlyColdDeletion(PriceOf(Kind::kCold).rate, 100 * kGb, 91)), "0.00");
}

TEST(Plans, ComeOutToTheCent) {
  EXPECT_EQ(ToCents(Plan({.every = 1, .keep = 30, .cold_after = {}}, 10 * kGb).month), "30.00");
  const auto year = Plan({.every = 30, .keep = 360, .cold_after = 30}, 50 * kGb);
  EXPECT_EQ(ToCents(year.month), "21.50");
  EXPECT_EQ(ToCents(year.month_all_warm), "60.00");
  EXPECT_EQ(year.warm, 1);
  EXPECT_EQ(year.cold, 11);
  const auto seven = Plan({.every = 30, .keep = 84 * 30, .cold_after = 30}, 20 * kGb);
  EXPECT_EQ(ToCents(seven.month), "51.80");
  EXPECT_EQ(ToCents(seven.month_all_warm), "168.00");
}

TEST(Dollars, ReadAndPrintExactly) {
  EXPECT_EQ(ToText(*ParseDollars("0.20")), "0.20");
  EXPECT_EQ(ToText(*ParseDollars("12.000000001")), "12.000000001");
  EXPECT_EQ(ToText(*ParseDollars("3")), "3.00");
  EXPECT_EQ(ToText({-1'500'000'000}), "-1.50");
  EXPECT_EQ(ToCents({5'000'000}), "0.01");
  EXPECT_EQ(ToCents({4'999'999}), "0.00");
  for (const char* wrong : {"", ".", "1.", ".5", "-1", "1e3", "0.1234567890", "10000000", "1,5"})
    EXPECT_FALSE(ParseDollars(wrong)) << wrong;
}

TEST(Months, AreThoseOfTheCalendar) {
  EXPECT_EQ(MonthOf(kJune).begin, kJune);
  EXPECT_EQ(MonthOf(kJune - Micros(1)).end, kJune);
  EXPECT_EQ(MonthOf(kJune - Micros(1)).length(), hours(744));
  EXPECT_EQ(MonthOf(FromMicros(1'709'164'800'000'000)).length(), hours(696));  // February 2024
}

std::string Book(std::string_view lists) {
  return fmt::format(R"({{"currency":"USD","lists":[{}]}})", lists);
}
std::string List(std::string_view from, std::string_view pitr, std::string_view regions) {
  return fmt::format(
      R"({{"from":"{}","usd":{{"PITR":"{}","ON_DEMAND":"1","AWS_BACKUP_WARM":"1",
      "AWS_BACKUP_COLD":"1","RESTORE":"1","RESTORE_FROM_COLD":"1","CROSS_REGION":"1","EXPORT":"1",
      "EXPORT_INCREMENTAL":"1","IMPORT":"1"}},"least_bytes":{{}},"regions":{{{}}}}})",
      from, pitr, regions);
}

TEST(PriceBook, GoesByDayAndRegion) {
  const auto book = PriceBook::Parse(Book(List("2026-01-01", "2", R"("eu-west-1":{"PITR":"3"})") +
                                          "," + List("2026-06-01", "4", "")));
  ASSERT_TRUE(book) << book.error().message;
  const auto pitr = [&](const char* region, Timestamp time) {
    return ToText(book->Of(Kind::kPitr, Region(region), time).rate);
  };
  EXPECT_EQ(pitr("us-east-1", kJune - Micros(1)), "2.00");
  EXPECT_EQ(pitr("us-east-1", kJune), "4.00");
  EXPECT_EQ(pitr("eu-west-1", kJune - Micros(1)), "3.00");
  EXPECT_EQ(pitr("eu-west-1", kJune), "4.00");
  EXPECT_EQ(pitr("us-east-1", Timestamp{}), "2.00");  // before the first list
  EXPECT_EQ(ToText(book->Of(Kind::kWarm, Region("eu-west-1"), Timestamp{}).rate), "1.00");
  EXPECT_EQ(book->ListAt(kJune), "2026-06-01");
}

TEST(PriceBook, SaysWhatIsWrong) {
  const auto fault = [](const std::string& text) {
    const auto book = PriceBook::Parse(text);
    return book ? "" : book.error().message;
  };
  EXPECT_THAT(fault("{"), testing::HasSubstr("no price book"));
  EXPECT_THAT(fault(Book("")), testing::HasSubstr("no list"));
  EXPECT_THAT(fault(Book(List("2026-01-01", "x", ""))), testing::HasSubstr("'x' is no price"));
  EXPECT_THAT(fault(Book(List("soon", "1", ""))), testing::HasSubstr("soon"));
  EXPECT_THAT(fault(Book(List("2026-01-01", "1", R"("r":{"TAPE":"1"})"))),
              testing::HasSubstr("TAPE is no kind of cost"));
  EXPECT_THAT(fault("{}"), testing::HasSubstr(R"(write "currency": "USD")"));
  EXPECT_THAT(fault(R"({"currency":"USD","lists":[{"from":"2026-01-01","usd":{"PITR":"1"}}]})"),
              testing::HasSubstr("list 1: it has no price for ON_DEMAND: add one"));
  EXPECT_THAT(fault(R"({"currency":"USD","lists":[{"from":1}]})"),
              testing::HasSubstr(R"(write "from": "2026-12-01")"));
  EXPECT_THAT(fault("{}"), testing::HasSubstr("begin with a copy of models/prices.json"));
  EXPECT_THAT(fault(Book(List("2026-06-01", "1", "") + "," + List("2026-01-01", "1", ""))),
              testing::HasSubstr("in order"));
}

}  // namespace
}  // namespace tidemark::metering
