#include "backup/backup.h"

#include <gtest/gtest.h>

namespace tidemark::backup {
namespace {

TEST(RetryDelay, DoublesUpToTenMinutes) {
  EXPECT_EQ(RetryDelay(0), std::chrono::seconds(1));
  EXPECT_EQ(RetryDelay(1), std::chrono::seconds(2));
  EXPECT_EQ(RetryDelay(9), std::chrono::seconds(512));
  EXPECT_EQ(RetryDelay(10), std::chrono::minutes(10));
  EXPECT_EQ(RetryDelay(1'000'000), std::chrono::minutes(10));
}

}  // namespace
}  // namespace tidemark::backup
