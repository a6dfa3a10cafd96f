#include "codec/instant.h"

#include <gtest/gtest.h>

namespace tidemark::codec {
namespace {

TEST(Instant, IsReadInEachOfItsForms) {
  const int64_t tenth = 1'795'687'206'250'000;
  for (const char* text : {"2026-11-26T10:00:06.25Z", "2026-11-26 10:00:06.25", "1795687206.25",
                           "2026-11-26T11:00:06.250000+01:00", "2026-11-26T04:30:06.25-0530",
                           "2026-11-26t10:00:06.2500009z"}) {
    const auto time = ParseInstant(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(ToMicros(*time), tenth) << text;
  }
  EXPECT_EQ(ToMicros(*ParseInstant("1795687206")), 1'795'687'206'000'000);
  EXPECT_EQ(ToMicros(*ParseInstant("2024-02-29T00:00:00Z")), 1'709'164'800'000'000);
}

TEST(Instant, OtherTextsAreRefused) {
  for (const char* text : {"", "now", "-5", "1.", "1.5x", "2026-11-26", "2026-11-26T10:00",
                           "2026-11-31T10:00:06Z", "2026-02-29T10:00:06Z", "2026-11-26T24:00:06Z",
                           "2026-11-26T10:60:06Z", "2026-11-26T10:00:60Z", "2026-11-26T10:00:06.Z",
                           "2026-11-26T10:00:06+1", "26-11-26T10:00:06", "2026-11-26T10:00:06Z ",
                           "2026-11-26T10:00:-6Z", "99999999999999", "2026-11-26T10:00:06+24:00"})
    EXPECT_FALSE(ParseInstant(text)) << text;
}

TEST(Instant, IsWrittenToTheMicrosecondAndReadBack) {
  const auto time = FromMicros(1'795'687'206'000'007);
  EXPECT_EQ(FormatInstant(time), "2026-11-26T10:00:06.000007Z");
  EXPECT_EQ(*ParseInstant(FormatInstant(time)), time);
}

}  // namespace
}  // namespace tidemark::codec
