#include "pitr/window.h"

#include <gtest/gtest.h>

#include "pitr/images.h"

namespace tidemark::pitr {
namespace {

using std::chrono::hours;

const Timestamp kStart = FromMicros(1'700'000'000'000'000);

TEST(Window, BeginsWhenRecoveryWasEnabled) {
  const Window window = ComputeWindow({true, 35, kStart}, kStart + hours(5));
  EXPECT_EQ(window.earliest, kStart);
  EXPECT_EQ(window.latest, kStart + hours(5));
}

TEST(Window, IsAsLongAsThePeriodAtMost) {
  const Window window = ComputeWindow({true, 1, kStart}, kStart + hours(100));
  EXPECT_EQ(window.earliest, kStart + hours(76));
}

catalog::ImagePtr ImageAt(Timestamp time) {
  catalog::ImageRecord image;
  image.as_of = time;
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

}  // namespace
}  // namespace tidemark::pitr
