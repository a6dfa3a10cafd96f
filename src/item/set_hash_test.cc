#include "item/set_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tidemark::item {
namespace {

TEST(SetHash, ForgetsWhatIsRemovedInAnyOrder) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::vector<SetHash> rows;
  for (int i = 0; i < 200; ++i) rows.push_back(HashRow("key" + std::to_string(i), "value"));
  SetHash sum;
  for (const SetHash& row : rows) sum += row;
  const SetHash full = sum;
  std::shuffle(rows.begin(), rows.end(), random);
  SetHash again;
  for (const SetHash& row : rows) again += row;
  EXPECT_EQ(again, full);
  std::shuffle(rows.begin(), rows.end(), random);
  for (const SetHash& row : rows) sum -= row;
  EXPECT_EQ(sum, SetHash());
}

TEST(SetHash, CarriesBetweenItsHalves) {
  SetHash sum{.low = ~uint64_t{0}, .high = 1};
  sum += {.low = 1, .high = 0};
  EXPECT_EQ(sum, (SetHash{.low = 0, .high = 2}));
  sum -= {.low = 1, .high = 2};
  EXPECT_EQ(sum, (SetHash{.low = ~uint64_t{0}, .high = ~uint64_t{0}}));
  EXPECT_EQ(sum.ToHex(), std::string(32, 'f'));
}

TEST(SetHash, TellsKeyFromValue) {
  EXPECT_FALSE(HashRow("ab", "c") == HashRow("a", "bc"));
  EXPECT_FALSE(HashRow("", "") == SetHash());
}

// Stored in manifests: the function must never change.
TEST(SetHash, IsTheSameForEver) {
  EXPECT_EQ(HashRow("key", "value").ToHex(), "f2b66fdb3d2deb0b7a56b244e68280d2");
}

}  // namespace
}  // namespace tidemark::item
