#include "pitr/window.h"

#include <gtest/gtest.h>

#include "pitr/image_policy.h"

namespace tidemark::pitr {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kStart = FromMicros(1'700'000'000'000'000);

catalog::PitrSettings Settings(int days) {
  return {.enabled = true, .period_days = days, .enabled_at = kStart};
}

TEST(Window, BeginsWhenRecoveryWasEnabled) {
  const Window window = ComputeWindow(Settings(35), kStart, kStart + hours(5));
  EXPECT_EQ(window.earliest, kStart);
  EXPECT_EQ(window.latest, kStart + hours(5));
}

TEST(Window, IsAsLongAsThePeriodAtMost) {
  const Window window = ComputeWindow(Settings(1), kStart, kStart + hours(100));
  EXPECT_EQ(window.earliest, kStart + hours(76));
}

TEST(Window, BeginsBehindTheLastGap) {
  const Window window = ComputeWindow(Settings(1), kStart + hours(90), kStart + hours(100));
  EXPECT_EQ(window.earliest, kStart + hours(90));
  EXPECT_EQ(ComputeWindow(Settings(1), kStart + hours(3), kStart + hours(100)).earliest,
            kStart + hours(76))
      << "a gap that has left the period does not matter";
}

TEST(Window, IsEmptyButForNowWhileNoImageIsBehindTheGap) {
  const Window window = ComputeWindow(Settings(35), std::nullopt, kStart + hours(100));
  EXPECT_EQ(window.earliest, kStart + hours(100));
  EXPECT_EQ(window.latest, kStart + hours(100));
}

TEST(Window, OfATableEnabledInThisVeryInstantIsNotReversed) {
  const Window window = ComputeWindow(Settings(35), kStart, kStart - hours(1));
  EXPECT_EQ(window.earliest, kStart);
  EXPECT_EQ(window.latest, kStart);
}

catalog::ImagePtr ImageAt(Timestamp time, uint32_t segment = 1, uint64_t log_id = 7) {
  catalog::ImageRecord image;
  image.as_of = time;
  image.replay_from = {log_id, segment, 4096};
  return std::make_shared<const catalog::ImageRecord>(image);
}

TEST(Images, TheNewestAtOrBeforeEarliestAndAllAfterItAreKept) {
  const std::vector<catalog::ImagePtr> images = {ImageAt(kStart), ImageAt(kStart + hours(24)),
                                                 ImageAt(kStart + hours(48))};
  EXPECT_TRUE(Superfluous(images, kStart + hours(23)).empty());
  EXPECT_EQ(Superfluous(images, kStart + hours(24)).size(), 1u);
  EXPECT_EQ(Superfluous(images, kStart + hours(47)).size(), 1u);
  EXPECT_EQ(Superfluous(images, kStart + hours(1000)).size(), 2u)
      << "the last one is what all restores begin from";
  EXPECT_TRUE(Superfluous({}, kStart).empty());
}

TEST(Images, AreOfUseOnlyBehindTheLastGap) {
  const std::vector<catalog::ImagePtr> images = {ImageAt(kStart, 1), ImageAt(kStart + hours(1), 3),
                                                 ImageAt(kStart + hours(2), 5)};
  const archive::Gap before{{7, 1, 0}, {7, 1, 4096}, ""};
  const archive::Gap between{{7, 2, 0}, {7, 4, 0}, ""};
  const archive::Gap behind{{7, 5, 4096}, {7, 6, 0}, ""};
  EXPECT_EQ(WholeSince(images, {}), kStart);
  EXPECT_EQ(WholeSince(images, {before}), kStart) << "it ends where the first image begins";
  EXPECT_EQ(WholeSince(images, {before, between}), kStart + hours(2));
  EXPECT_EQ(WholeSince(images, {between, behind}), std::nullopt);
  EXPECT_EQ(WholeSince({ImageAt(kStart, 9, 8)}, {before}), std::nullopt) << "of another log";
}

TEST(Images, AreDueByChangesOrByAgeOfAChangedTable) {
  constexpr uint64_t kMin = 64 << 20;
  EXPECT_FALSE(IsImageDue({}, kMin, {}));
  EXPECT_FALSE(IsImageDue({.changed_bytes = kMin - 1, .changed = true}, kMin, {}));
  EXPECT_TRUE(IsImageDue({.changed_bytes = kMin, .changed = true}, kMin, {}));
  EXPECT_FALSE(
      IsImageDue({.changed_bytes = kMin, .changed = true, .table_bytes = 1 << 30}, kMin, {}));
  EXPECT_TRUE(
      IsImageDue({.changed_bytes = 512 << 20, .changed = true, .table_bytes = 1 << 30}, kMin, {}));
  EXPECT_FALSE(IsImageDue({.changed = true, .age = hours(24) - Micros(1)}, kMin, {}));
  EXPECT_TRUE(IsImageDue({.changed = true, .age = hours(24)}, kMin, {}));
  EXPECT_FALSE(IsImageDue({.age = hours(24 * 365)}, kMin, {})) << "unchanged: never again";
  const Freshness rewritten{.changed_bytes = kMin, .changed = true, .age = minutes(2)};
  EXPECT_TRUE(IsImageDue(rewritten, kMin, minutes(2)));
  EXPECT_FALSE(IsImageDue(rewritten, kMin, minutes(2) + Micros(1))) << "too soon after the last";
}

TEST(Thinning, KeepsWhatSavesMoreThanItPins) {
  EXPECT_TRUE(Thin({}, 0).empty());
  EXPECT_TRUE(Thin({{1000, 0}}, 0).empty()) << "everything begins from the first";
  EXPECT_TRUE(Thin({{1000, 0}, {10, 100}, {10, 100}}, 1000).empty());
  EXPECT_EQ(Thin({{1000, 0}, {100, 100}, {10, 100}}, 1000), std::vector<size_t>{1});
  EXPECT_TRUE(Thin({{1000, 0}, {100, 100, false}, {10, 100}}, 1000).empty()) << "may not go";
}

TEST(Thinning, WhatADroppedImageSavedFallsToTheNext) {
  // The third alone would not pay, but does once the second is gone.
  EXPECT_EQ(Thin({{0, 0}, {500, 300}, {350, 300}}, 10'000), std::vector<size_t>{1});
}

TEST(Thinning, ImagesTogetherPinAtMostHalfTheRunBytes) {
  // All pay, but pin 270 of 400: the worst goes, then 180 are less than half.
  EXPECT_EQ(Thin({{0, 0}, {80, 100}, {90, 100}, {100, 100 + 1}}, 400), std::vector<size_t>{3});
  EXPECT_EQ(Thin({{0, 0}, {99, 100}, {99, 100}}, 100).size(), 2u);
}

}  // namespace
}  // namespace tidemark::pitr
