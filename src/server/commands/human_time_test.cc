#include "server/commands/human_time.h"

#include <gtest/gtest.h>

#include "codec/instant.h"

namespace tidemark::server {
namespace {

TEST(HumanTime, IsReadRelativeToNow) {
  const auto now = *codec::ParseInstant("2026-11-26T10:30:00Z");
  const auto read = [&](const char* text) {
    const auto time = ParseHumanTime(text, now);
    return time ? codec::FormatInstant(*time) : time.error().message;
  };
  EXPECT_EQ(read("now"), "2026-11-26T10:30:00.000000Z");
  for (const char* text :
       {"2h ago", "2h", "120 minutes ago", "7200s", "2 hours", "08:30", "08:30:00"})
    EXPECT_EQ(read(text), "2026-11-26T08:30:00.000000Z") << text;
  EXPECT_EQ(read("3 days ago"), "2026-11-23T10:30:00.000000Z");
  EXPECT_EQ(read("10:45:01.5"), "2026-11-25T10:45:01.500000Z") << "today it is yet to come";
  EXPECT_EQ(read("2026-11-26 10:00:06"), "2026-11-26T10:00:06.000000Z");
  EXPECT_EQ(read("2026-11-01"), "2026-11-01T00:00:00.000000Z") << "a day is its begin";
  EXPECT_EQ(read("1795687206.25"), "2026-11-26T10:00:06.250000Z");
  for (const char* text : {"", "ago", "2 fortnights ago", "2h later", "25:00", "-2h",
                           "9999999999999h", "2026-02-30", "2026-11", "2026-11-26T"})
    EXPECT_NE(read(text).find("is no instant"), std::string::npos) << text << ": " << read(text);
}

}  // namespace
}  // namespace tidemark::server
