#include "vault/time_zone.h"

#include <fmt/chrono.h>
#include <gtest/gtest.h>

#include "vault/time_rule.h"

namespace tidemark::vault {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;

Timestamp Utc(int year, int month, int day, int hour = 0, int minute = 0) {
  return sys_days{std::chrono::year(year) / month / day} + hours(hour) + minutes(minute);
}

std::string Shown(Timestamp time) {
  return fmt::format("{:%Y-%m-%d %H:%M}", std::chrono::floor<std::chrono::seconds>(time));
}

// The runs in [from, until), in UTC.
std::string Runs(const char* zone_name, const char* schedule, Timestamp from, Timestamp until) {
  const auto zone = TimeZone::Load(zone_name);
  if (!zone) return zone.error().message;
  const auto cron = Cron::Parse(schedule);
  std::string shown;
  for (auto run = NextRun(*cron, *zone, from - Micros(1)); run && *run < until;
       run = NextRun(*cron, *zone, *run))
    shown += (shown.empty() ? "" : ", ") + Shown(*run);
  return shown;
}

TEST(TimeZone, NewYork) {
  const char* zone = "America/New_York";
  // 12:30 AM is 05:30 in winter, 04:30 in summer.
  EXPECT_EQ(Runs(zone, "cron(30 0 ? * * *)", Utc(2026, 3, 7), Utc(2026, 3, 10)),
            "2026-03-07 05:30, 2026-03-08 05:30, 2026-03-09 04:30");
  // 02:30 is skipped on 8 March, 01:30 comes twice on 1 November.
  EXPECT_EQ(Runs(zone, "cron(30 2 ? * * *)", Utc(2026, 3, 7), Utc(2026, 3, 10)),
            "2026-03-07 07:30, 2026-03-09 06:30");
  EXPECT_EQ(Runs(zone, "cron(30 1 ? * * *)", Utc(2026, 10, 31), Utc(2026, 11, 3)),
            "2026-10-31 05:30, 2026-11-01 05:30, 2026-11-02 06:30");
  EXPECT_EQ(Runs(zone, "cron(0 * ? * * *)", Utc(2026, 11, 1, 4), Utc(2026, 11, 1, 9)),
            "2026-11-01 04:00, 2026-11-01 05:00, 2026-11-01 07:00, 2026-11-01 08:00");
}

TEST(TimeZone, London) {
  EXPECT_EQ(Runs("Europe/London", "cron(30 1 ? * * *)", Utc(2026, 3, 28), Utc(2026, 3, 31)),
            "2026-03-28 01:30, 2026-03-30 00:30");
  EXPECT_EQ(Runs("Europe/London", "cron(30 1 ? * * *)", Utc(2026, 10, 24), Utc(2026, 10, 27)),
            "2026-10-24 00:30, 2026-10-25 00:30, 2026-10-26 01:30");
}

TEST(TimeZone, LordHoweMovesByHalfAnHour) {
  // From 10:30 to 11:00 east of UTC on 4 October at 02:00, back on 5 April at 02:00.
  EXPECT_EQ(Runs("Australia/Lord_Howe", "cron(15 2 ? * * *)", Utc(2026, 10, 2), Utc(2026, 10, 5)),
            "2026-10-02 15:45, 2026-10-04 15:15");
  EXPECT_EQ(Runs("Australia/Lord_Howe", "cron(45 1 ? * * *)", Utc(2026, 4, 3), Utc(2026, 4, 6)),
            "2026-04-03 14:45, 2026-04-04 14:45, 2026-04-05 15:15");
}

TEST(TimeZone, SaoPaulo2018BeganItsSummerAtMidnight) {
  EXPECT_EQ(Runs("America/Sao_Paulo", "cron(0 0 ? * * *)", Utc(2018, 11, 3), Utc(2018, 11, 6)),
            "2018-11-03 03:00, 2018-11-05 02:00");
  EXPECT_EQ(Runs("America/Sao_Paulo", "cron(30 23 ? * * *)", Utc(2018, 2, 17), Utc(2018, 2, 20)),
            "2018-02-17 01:30, 2018-02-18 01:30, 2018-02-19 02:30");
}

TEST(TimeZone, ApiaSkippedADay) {
  EXPECT_EQ(Runs("Pacific/Apia", "cron(0 12 ? * * *)", Utc(2011, 12, 28), Utc(2012, 1, 1)),
            "2011-12-28 22:00, 2011-12-29 22:00, 2011-12-30 22:00, 2011-12-31 22:00");
}

TEST(TimeZone, RulesHoldBehindTheFilesTransitions) {
  EXPECT_EQ(Runs("America/New_York", "cron(0 12 1 1,7 ? 2099)", Utc(2099, 1, 1), Utc(2100, 1, 1)),
            "2099-01-01 17:00, 2099-07-01 16:00");
  EXPECT_EQ(Runs("Etc/UTC", "cron(0 12 1 1 ? 2150)", Utc(2026, 1, 1), Utc(2200, 1, 1)),
            "2150-01-01 12:00");
}

TEST(TimeZone, UnknownNames) {
  for (const char* name : {"", "Nowhere", "../../etc/passwd", "/etc/passwd", "Europe", "Europe/",
                           "tzdata.zi", "zone.tab"})
    EXPECT_FALSE(TimeZone::Load(name)) << name;
  EXPECT_FALSE(TimeZone::Parse(""));
  EXPECT_FALSE(TimeZone::Parse(std::string("TZif2") + std::string(39, '\xff')));
}

TEST(TimeRule, FormsOfPosix) {
  const auto rule = TimeRule::Parse("IST-1GMT0,M10.5.0,M3.5.0/1");
  ASSERT_TRUE(rule);
  const auto changes = rule->Until(1970);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0], std::pair(int64_t{87 * 86400 + 3600}, int32_t{3600}));
  for (const char* text : {"EST5EDT,J60,J300", "<-03>3", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
                           "EET-2EEST,M3.4.4/50,M10.4.4/50", "XXX0YYY,0/0,J365/25"})
    EXPECT_TRUE(TimeRule::Parse(text)) << text;
  for (const char* text : {"", "E5", "EST", "EST5EDT", "EST5EDT,M13.1.0,M4.1.0", "EST5EDT,M3.2.0",
                           "EST5EDT,M3.6.0,M4.1.0", "EST5EDT,J0,J5", "<+1030-10:30"})
    EXPECT_FALSE(TimeRule::Parse(text)) << text;
}

}  // namespace
}  // namespace tidemark::vault
