#include "vault/lifecycle.h"

#include <gtest/gtest.h>

#include "vault/fault.h"

namespace tidemark::vault {
namespace {

constexpr Timestamp kNow = Timestamp(std::chrono::seconds(1'700'000'000));

std::string FailureOf(std::optional<int64_t> cold, std::optional<int64_t> end) {
  const auto made = MakeLifecycle(cold, end);
  return made ? "" : made.error().message;
}

TEST(Lifecycle, DaysHaveBounds) {
  EXPECT_EQ(FailureOf({}, {}), "");
  EXPECT_EQ(FailureOf({}, 1), "");
  EXPECT_EQ(FailureOf({}, 36500), "");
  for (const int64_t days : {0, -2, 36501}) {
    EXPECT_EQ(FailureOf({}, days),
              "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days");
  }
  EXPECT_EQ(FailureOf(0, 90), "");
  EXPECT_EQ(FailureOf(10, 99),
            "Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from "
            "MoveToColdStorageAfterDays");
  EXPECT_NE(FailureOf(-2, {}), "");
}

TEST(Lifecycle, MinusOneIsNone) {
  const auto made = MakeLifecycle(-1, -1);
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, Lifecycle());
  EXPECT_EQ(DeletionOf(kNow, *made), std::nullopt);
}

TEST(Lifecycle, EndsDaysAfterItBegan) {
  EXPECT_EQ(DeletionOf(kNow, {.cold_after_days = {}, .delete_after_days = 7}),
            kNow + std::chrono::days(7));
}

TEST(VaultLock, AdmitsLivesWithinItsBounds) {
  const Lifecycle week{{}, 7}, ever{};
  EXPECT_TRUE(Admits({7, 7, {}}, week));
  EXPECT_FALSE(Admits({8, {}, {}}, week));
  EXPECT_FALSE(Admits({{}, 6, {}}, week));
  EXPECT_TRUE(Admits({36500, {}, {}}, ever));
  EXPECT_FALSE(Admits({{}, 36500, {}}, ever));
}

TEST(VaultLock, ForEverIsTheLongestLife) {
  const Lifecycle week{{}, 7}, month{{}, 30}, ever{};
  EXPECT_TRUE(IsShorter(week, month));
  EXPECT_TRUE(IsShorter(month, ever));
  EXPECT_FALSE(IsShorter(ever, month));
  EXPECT_FALSE(IsShorter(week, week));
}

TEST(VaultLock, ClosesAfterItsDays) {
  const auto governance = MakeLock({1, 2, {}}, kNow);
  ASSERT_TRUE(governance);
  EXPECT_FALSE(governance->IsImmutable(Timestamp::max()));
  const auto compliance = MakeLock({{}, {}, 3}, kNow);
  ASSERT_TRUE(compliance);
  EXPECT_FALSE(compliance->IsImmutable(kNow + std::chrono::days(3) - Micros(1)));
  EXPECT_TRUE(compliance->IsImmutable(kNow + std::chrono::days(3)));
  EXPECT_FALSE(MakeLock({{}, {}, 2}, kNow));
  EXPECT_FALSE(MakeLock({2, 1, {}}, kNow));
}

TEST(VaultLock, OfAnAirGappedVaultIsClosedFromTheStart) {
  const auto lock = MakeAirGappedLock(7, 9, kNow);
  ASSERT_TRUE(lock);
  EXPECT_TRUE(lock->IsImmutable(kNow));
  EXPECT_FALSE(Admits(*lock, Lifecycle{{}, 6}));
  EXPECT_FALSE(Admits(*lock, Lifecycle{}));
  EXPECT_TRUE(Admits(*lock, Lifecycle{{}, 9}));
  EXPECT_FALSE(MakeAirGappedLock(6, 9, kNow));
  EXPECT_FALSE(MakeAirGappedLock(9, 8, kNow));
}

}  // namespace
}  // namespace tidemark::vault
