#include "vault/cron.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <random>

namespace tidemark::vault {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::year_month_day;

LocalMinute At(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  const local_days date{std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day)};
  return date + std::chrono::hours(hour) + minutes(minute);
}

std::string Shown(std::optional<LocalMinute> time) {
  if (!time) return "never";
  const auto day = std::chrono::floor<days>(*time);
  const year_month_day date{day};
  const auto minute = (*time - day).count();
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     minute / 60, minute % 60);
}

// The next `count` after 2026-11-27 18:00, a Friday.
std::string Next(std::string_view text, int count = 1) {
  const auto cron = Cron::Parse(text);
  if (!cron) return cron.error().message;
  std::string shown;
  LocalMinute time = At(2026, 11, 27, 18);
  for (int i = 0; i < count; ++i) {
    const auto next = cron->NextAfter(time);
    shown += (i ? ", " : "") + Shown(next);
    if (!next) break;
    time = *next;
  }
  return shown;
}

TEST(Cron, NamesTheMinutesItsFieldsName) {
  EXPECT_EQ(Next("cron(15 * ? * * *)", 2), "2026-11-27 18:15, 2026-11-27 19:15");
  EXPECT_EQ(Next("cron(0 12 * * ? *)"), "2026-11-28 12:00");
  EXPECT_EQ(Next("cron(0 18 * * ? *)"), "2026-11-28 18:00");
  EXPECT_EQ(Next("cron(0 5 ? * * *)"), "2026-11-28 05:00");
  EXPECT_EQ(Next("cron(0/20,7 23 * * ? *)", 4),
            "2026-11-27 23:00, 2026-11-27 23:07, 2026-11-27 23:20, 2026-11-27 23:40");
  EXPECT_EQ(Next("cron(0 0 1 1 ? *)", 2), "2027-01-01 00:00, 2028-01-01 00:00");
  EXPECT_EQ(Next("cron(0 0 1 JAN,jul ? *)", 2), "2027-01-01 00:00, 2027-07-01 00:00");
  EXPECT_EQ(Next("cron(5/30 22-23 * * ? *)", 3),
            "2026-11-27 22:05, 2026-11-27 22:35, 2026-11-27 23:05");
  EXPECT_EQ(Next("cron(10-20/5 3 * * ? *)", 3),
            "2026-11-28 03:10, 2026-11-28 03:15, 2026-11-28 03:20");
}

TEST(Cron, DaysOfTheWeek) {
  EXPECT_EQ(Next("cron(0 10 ? * MON-FRI *)", 2), "2026-11-30 10:00, 2026-12-01 10:00");
  EXPECT_EQ(Next("cron(0 10 ? * 1 *)"), "2026-11-29 10:00");
  EXPECT_EQ(Next("cron(0 10 ? * sun,4 *)", 2), "2026-11-29 10:00, 2026-12-02 10:00");
  EXPECT_EQ(Next("cron(0 5 ? * L *)"), "2026-11-28 05:00");
  EXPECT_EQ(Next("cron(0 5 ? * 6L *)", 2), "2026-12-25 05:00, 2027-01-29 05:00");
  EXPECT_EQ(Next("cron(0 9 ? * 2#1 *)", 2), "2026-12-07 09:00, 2027-01-04 09:00");
  EXPECT_EQ(Next("cron(0 9 ? * TUE#5 *)", 2), "2026-12-29 09:00, 2027-03-30 09:00");
}

TEST(Cron, DaysOfTheMonth) {
  EXPECT_EQ(Next("cron(0 0 L * ? *)", 4),
            "2026-11-30 00:00, 2026-12-31 00:00, 2027-01-31 00:00, 2027-02-28 00:00");
  EXPECT_EQ(Next("cron(0 0 31 * ? *)", 3), "2026-12-31 00:00, 2027-01-31 00:00, 2027-03-31 00:00");
  EXPECT_EQ(Next("cron(0 0 29 2 ? *)", 2), "2028-02-29 00:00, 2032-02-29 00:00");
  EXPECT_EQ(Next("cron(0 0 LW * ? *)", 3), "2026-11-30 00:00, 2026-12-31 00:00, 2027-01-29 00:00");
  // 15 August 2026 is a Saturday, 15 November a Sunday; 1 August a Saturday, 31 May a Sunday.
  EXPECT_EQ(Next("cron(0 0 15W 8 ? 2026-2027)"), "2027-08-16 00:00");
  EXPECT_EQ(Next("cron(0 0 1W 5 ? *)"), "2027-05-03 00:00");
  EXPECT_EQ(Next("cron(0 0 31W 1 ? *)"), "2027-01-29 00:00");
  EXPECT_EQ(Next("cron(0 0 31W 2 ? *)"), "never");
}

TEST(Cron, YearsEnd) {
  EXPECT_EQ(Next("cron(0 0 1 1 ? 2030/10)", 3),
            "2030-01-01 00:00, 2040-01-01 00:00, 2050-01-01 00:00");
  EXPECT_EQ(Next("cron(59 23 31 12 ? 2199)", 2), "2199-12-31 23:59, never");
  EXPECT_EQ(Next("cron(0 0 1 1 ? 2020)"), "never");
}

TEST(Cron, RefusesWhatIsNoSchedule) {
  for (const char* text : {"",
                           "cron()",
                           "cron(0 5 ? * *)",
                           "cron(0 5 ? * * * *)",
                           "cron(0  5 ? * * *)",
                           "rate(1 day)",
                           "cron(0 5 * * * *)",
                           "cron(0 5 ? * ? *)",
                           "cron(60 5 ? * * *)",
                           "cron(0 24 ? * * *)",
                           "cron(*/60 5 ? * * *)",
                           "cron(*/0 5 ? * * *)",
                           "cron(0 5 0 * ? *)",
                           "cron(0 5 32 * ? *)",
                           "cron(0 5 ? 13 * *)",
                           "cron(0 5 ? JANU * *)",
                           "cron(0 5 ? * 8 *)",
                           "cron(0 5 ? * 0 *)",
                           "cron(0 5 ? * 2#6 *)",
                           "cron(0 5 ? * * 1969)",
                           "cron(0 5 ? * * 2200)",
                           "cron(? 5 ? * * *)",
                           "cron(0 ? ? * * *)",
                           "cron(0 5 ? ? * *)",
                           "cron(0 5 W * ? *)",
                           "cron(0 5 32W * ? *)",
                           "cron(0 5 ? * MON-SUN *)",
                           "cron(5-3 5 ? * * *)",
                           "cron(1, 5 ? * * *)",
                           "cron(1-2-3 5 ? * * *)",
                           "cron(0 5 ? * L# *)",
                           "cron(+1 5 ? * * *)",
                           "cron(0 5 ? * * *"})
    EXPECT_FALSE(Cron::Parse(text)) << text;
}

// A schedule as random numbers make it, and beside it what it names, told another way.
struct RandomSchedule {
  std::mt19937_64& random;
  std::array<std::string, 6> fields{};

  int Draw(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random); }
  std::string Range(int min, int max) {
    const int a = Draw(min, max), b = Draw(a, max), step = Draw(1, max - min);
    switch (Draw(0, 5)) {
      case 0:
        return "*";
      case 1:
        return fmt::format("{}-{}", a, b);
      case 2:
        return fmt::format("{}/{}", a, step);
      case 3:
        return fmt::format("{}-{}/{}", a, b, step);
      case 4:
        return fmt::format("*/{}", step);
      default:
        return fmt::format("{}", a);
    }
  }
  std::string List(int min, int max) {
    std::string text = Range(min, max);
    for (int i = Draw(0, 2); i > 0; --i) text += "," + Range(min, max);
    return text;
  }
  // With the one or the other way to name days.
  static constexpr size_t kWays = 8;
  std::string Make(size_t way) {
    fields = {List(0, 59), List(0, 23), "?", List(1, 12), "?", List(2026, 2030)};
    const std::array<std::string, kWays> days{"L",
                                              "LW",
                                              fmt::format("{}W", Draw(1, 31)),
                                              List(1, 31),
                                              fmt::format("{}L", Draw(1, 7)),
                                              fmt::format("{}#{}", Draw(1, 7), Draw(1, 5)),
                                              "L",
                                              List(1, 7)};
    fields[way < kWays / 2 ? 2 : 4] = days[way];
    return fmt::format("cron({} {} {} {} {} {})", fields[0], fields[1], fields[2], fields[3],
                       fields[4], fields[5]);
  }

  static bool InList(std::string_view list, int number, int min, int max) {
    while (!list.empty()) {
      const size_t comma = list.find(',');
      std::string item(list.substr(0, comma));
      list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
      int step = 0;
      if (const size_t slash = item.find('/'); slash != item.npos) {
        step = std::stoi(item.substr(slash + 1));
        item.resize(slash);
      }
      int from = min, to = max;
      if (item != "*") {
        const size_t dash = item.find('-');
        from = std::stoi(item.substr(0, dash));
        to = dash != item.npos ? std::stoi(item.substr(dash + 1)) : step ? max : from;
      }
      if (number >= from && number <= to && (number - from) % std::max(step, 1) == 0) return true;
    }
    return false;
  }

  bool NamesDay(local_days day) const {
    const year_month_day date{day};
    const int number = static_cast<int>(static_cast<unsigned>(date.day()));
    const int of_week = static_cast<int>(std::chrono::weekday(day).c_encoding()) + 1;
    const auto month_of = [](local_days d) { return year_month_day(d).month(); };
    const bool last_of_its_week = month_of(day + days(7)) != date.month();
    if (fields[4] != "?") {
      const std::string& text = fields[4];
      if (text == "L") return of_week == 7;
      if (text.ends_with('L')) return of_week == text[0] - '0' && last_of_its_week;
      if (text.find('#') != text.npos) {
        const int weeks = text[2] - '0';
        return of_week == text[0] - '0' && month_of(day - days(7 * (weeks - 1))) == date.month() &&
               month_of(day - days(7 * weeks)) != date.month();
      }
      return InList(text, of_week, 1, 7);
    }
    const std::string& text = fields[2];
    const bool works = of_week != 1 && of_week != 7;
    if (text == "L") return month_of(day + days(1)) != date.month();
    if (text == "LW") {
      for (local_days later = day + days(1); month_of(later) == date.month(); later += days(1)) {
        const unsigned c = std::chrono::weekday(later).c_encoding();
        if (c != 0 && c != 6) return false;
      }
      return works;
    }
    if (text.ends_with('W')) {
      // Of the weekdays of the month the nearest, the later one never being as near as another.
      const int wanted = std::stoi(text);
      const auto last = static_cast<int>(
          static_cast<unsigned>((date.year() / date.month() / std::chrono::last).day()));
      if (!works || wanted > last) return false;
      for (int other = 1; other <= last; ++other) {
        const local_days at = day + days(other - number);
        const unsigned c = std::chrono::weekday(at).c_encoding();
        if (c != 0 && c != 6 && std::abs(other - wanted) < std::abs(number - wanted)) return false;
      }
      return true;
    }
    return InList(text, number, 1, 31);
  }

  bool Names(LocalMinute time) const {
    const local_days day = std::chrono::floor<days>(time);
    const year_month_day date{day};
    const auto minute = static_cast<int>((time - day).count());
    return InList(fields[0], minute % 60, 0, 59) && InList(fields[1], minute / 60, 0, 23) &&
           InList(fields[3], static_cast<int>(static_cast<unsigned>(date.month())), 1, 12) &&
           InList(fields[5], static_cast<int>(date.year()), 1970, 2199) && NamesDay(day);
  }
};

TEST(Cron, AgreesWithACheckOfEachMinute) {
  const uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  for (size_t round = 0; round < 3 * RandomSchedule::kWays; ++round) {
    RandomSchedule schedule{random};
    const std::string text = schedule.Make(round % RandomSchedule::kWays);
    const auto cron = Cron::Parse(text);
    ASSERT_TRUE(cron) << text << " seed " << seed;
    LocalMinute time =
        At(2026, 1, 1) + minutes(std::uniform_int_distribution<int>(0, 5 * 525'600)(random));
    const LocalMinute end = time + days(30);
    auto next = cron->NextAfter(time);
    for (time += minutes(1); time < end; time += minutes(1)) {
      // Most days are none that it names.
      if (time == std::chrono::floor<days>(time) &&
          !schedule.NamesDay(std::chrono::floor<days>(time)) && next != time) {
        time += days(1) - minutes(1);
        ASSERT_FALSE(next && *next <= time) << text << " seed " << seed << " " << Shown(next);
        continue;
      }
      ASSERT_EQ(next == time, schedule.Names(time))
          << text << " seed " << seed << " at " << Shown(time) << " next " << Shown(next);
      if (next == time) next = cron->NextAfter(time);
    }
  }
}

}  // namespace
}  // namespace tidemark::vault
