#include "codec/crc32.h"

#include <gtest/gtest.h>

namespace tidemark::codec {
namespace {

TEST(Crc32, MatchesKnownValues) {
  EXPECT_EQ(Crc32("123456789"), 0xcbf43926u);
  EXPECT_EQ(Crc32(""), 0u);
  EXPECT_EQ(Crc32("{}"), 2745614147u);  // seen in DynamoDB's answers
  EXPECT_EQ(Crc32("<UnknownOperationException/>\n"), 3552371480u);
}

TEST(Crc32, GoesOnFromAPrefix) { EXPECT_EQ(Crc32("6789", Crc32("12345")), Crc32("123456789")); }

}  // namespace
}  // namespace tidemark::codec
