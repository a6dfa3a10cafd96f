#include "sigv4/amz_date.h"

#include <fmt/core.h>

#include <array>
#include <chrono>

namespace tidemark::sigv4 {

namespace {

// A number of exactly `text.size()` digits, or -1.
int Digits(std::string_view text) {
  int value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

struct CivilTime {
  int year, month, day, hour, minute, second;
};

std::optional<Timestamp> FromCivil(const CivilTime& t) {
  if (t.year < 0 || t.month < 1 || t.day < 1 || t.hour < 0 || t.minute < 0 || t.second < 0) {
    return std::nullopt;
  }
  std::chrono::year_month_day date{std::chrono::year(t.year),
                                   std::chrono::month(static_cast<unsigned>(t.month)),
                                   std::chrono::day(static_cast<unsigned>(t.day))};
  if (!date.ok() || t.hour > 23 || t.minute > 59 || t.second > 59) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(t.hour) +
         std::chrono::minutes(t.minute) + std::chrono::seconds(t.second);
}

}  // namespace

std::string FormatAmzDate(Timestamp time) {
  auto days = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(days);
  std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - days));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", int(date.year()), unsigned(date.month()),
                     unsigned(date.day()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<Timestamp> ParseAmzDate(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  return FromCivil({.year = Digits(text.substr(0, 4)),
                    .month = Digits(text.substr(4, 2)),
                    .day = Digits(text.substr(6, 2)),
                    .hour = Digits(text.substr(9, 2)),
                    .minute = Digits(text.substr(11, 2)),
                    .second = Digits(text.substr(13, 2))});
}

std::optional<Timestamp> ParseHttpDate(std::string_view text) {
  // "Sun, 09 Jun 2013 09:52:04 GMT"
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int month = 0;
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (text.substr(8, 3) == kMonths[i]) month = static_cast<int>(i) + 1;
  }
  return FromCivil({.year = Digits(text.substr(12, 4)),
                    .month = month,
                    .day = Digits(text.substr(5, 2)),
                    .hour = Digits(text.substr(17, 2)),
                    .minute = Digits(text.substr(20, 2)),
                    .second = Digits(text.substr(23, 2))});
}

}  // namespace tidemark::sigv4
