#include "metering/price_edits.h"

#include <gmock/gmock.h>

#include "metering/meter_fixture.h"

namespace tidemark::metering {
namespace {

using std::chrono::days;

class PriceEditsTest : public MeterFixture {
 protected:
  void SetUp() override { Pass(days(40)); }  // the first list holds before its day, too
  void Open(bool is_fixed = false) {
    prices_.reset();
    prices_ = *PriceEdits::Open(system(), context(), PriceBook::BuiltIn(), is_fixed);
  }
  std::string Price(Kind kind, Timestamp time, const char* region = "us-east-1") const {
    return ToText(prices_->book()->Of(kind, Region(region), time).rate);
  }
  std::string Set(Timestamp day, Kind kind, const char* usd, const char* region = "") {
    const auto set = prices_->Set(
        {{.day = DayOf(day), .kind = kind, .region = Region(region), .rate = *ParseDollars(usd)}},
        Now());
    return set ? "" : set.error().message;
  }

  std::unique_ptr<PriceEdits> prices_;
};

TEST_F(PriceEditsTest, HoldFromTheirDayOnAndStay) {
  Open();
  const Timestamp today = std::chrono::floor<days>(Now());
  EXPECT_EQ(Set(today, Kind::kPitr, "0.5"), "");
  EXPECT_EQ(Set(today + days(10), Kind::kPitr, "0.7"), "");
  EXPECT_EQ(Set(today + days(5), Kind::kCold, "0.01", "eu-west-1"), "");
  EXPECT_THAT(Set(today, Kind::kCold, "0.01", "../x"), testing::HasSubstr("name of a Region"));
  for (const bool again : {false, true}) {
    if (again) Open();
    EXPECT_EQ(Price(Kind::kPitr, today - Micros(1)), "0.20");
    EXPECT_EQ(Price(Kind::kPitr, today), "0.50");
    EXPECT_EQ(Price(Kind::kPitr, today + days(10)), "0.70");
    EXPECT_EQ(Price(Kind::kCold, today + days(20)), "0.03");
    EXPECT_EQ(Price(Kind::kCold, today + days(4), "eu-west-1"), "0.03");
    EXPECT_EQ(Price(Kind::kEarlyColdDeletion, today + days(5), "eu-west-1"), "0.01");
    EXPECT_EQ(Price(Kind::kPitr, today + days(5), "eu-west-1"), "0.50");
    EXPECT_EQ(prices_->book()->ListAt(today + days(7)), DayOf(today + days(5)));
  }
}

TEST_F(PriceEditsTest, WhatIsPastKeepsItsPrices) {
  Open();
  const Timestamp today = std::chrono::floor<days>(Now());
  EXPECT_THAT(Set(today - days(1), Kind::kPitr, "0.5"), testing::HasSubstr("keeps its prices"));
  EXPECT_EQ(Set(today, Kind::kPitr, "0.5"), "");
  Pass(days(3));
  ASSERT_TRUE(prices_->Reset(DayOf(Now()), std::nullopt, std::nullopt, Now()));
  EXPECT_EQ(Price(Kind::kPitr, today + days(2)), "0.50");
  EXPECT_EQ(Price(Kind::kPitr, today + days(3)), "0.20");
}

TEST_F(PriceEditsTest, ResetsWhatIsNamedAlone) {
  Open();
  const Timestamp today = std::chrono::floor<days>(Now());
  EXPECT_EQ(Set(today, Kind::kPitr, "0.5"), "");
  EXPECT_EQ(Set(today, Kind::kPitr, "0.6", "eu-west-1"), "");
  EXPECT_EQ(Set(today, Kind::kRestore, "0.9"), "");
  EXPECT_FALSE(prices_->Reset(DayOf(today), Kind::kImport, std::nullopt, Now()));
  ASSERT_TRUE(prices_->Reset(DayOf(today), Kind::kPitr, Region("eu-west-1"), Now()));
  EXPECT_EQ(Price(Kind::kPitr, today, "eu-west-1"), "0.50");
  ASSERT_TRUE(prices_->Reset(DayOf(today), Kind::kPitr, std::nullopt, Now()));
  EXPECT_EQ(Price(Kind::kPitr, today), "0.20");
  EXPECT_EQ(Price(Kind::kRestore, today), "0.90");
}

TEST_F(PriceEditsTest, ABookOfOnesOwnTakesNone) {
  Open();
  const Timestamp today = std::chrono::floor<days>(Now());
  EXPECT_EQ(Set(today, Kind::kPitr, "0.5"), "");
  Open(/*is_fixed=*/true);
  EXPECT_EQ(Price(Kind::kPitr, today), "0.20");
  EXPECT_THAT(Set(today, Kind::kPitr, "0.5"), testing::HasSubstr("edit that file"));
  EXPECT_FALSE(prices_->Reset(DayOf(today), std::nullopt, std::nullopt, Now()));
}

}  // namespace
}  // namespace tidemark::metering
