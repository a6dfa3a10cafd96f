// Schedules as AWS Backup takes them: cron(minutes hours day-of-month month day-of-week year), in
// the local time of some zone. Pure.
//
//   field := item {"," item}      item := range ["/" step]      range := "*" | "?" | n ["-" n]
//   beside: day-of-month "L", "LW", nW; day-of-week "L", nL, n#k; JAN..DEC, SUN..SAT for numbers
//
// Exactly one of the two fields of days is "?".
#pragma once
#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::vault {

using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

class Cron {
 public:
  // Fault::kInvalidParameter: not of that form, or a value out of range.
  static Result<Cron> Parse(std::string_view text);

  // The first minute after `time` that it names; nothing: there is none, until the end of 2199.
  std::optional<LocalMinute> NextAfter(LocalMinute time) const;
  bool NamesDay(std::chrono::year_month_day day) const;
  // Whether it names two minutes of an hour.
  bool RunsWithinAnHour() const { return minutes_.count() > 1; }

 private:
  static constexpr int kYearMin = 1970, kYearMax = 2199;
  using Days = std::bitset<32>;  // by number, from 1

  // What of the days of a month a field names.
  struct DaysOfMonth {
    Days numbers;
    bool last = false;          // L
    bool last_weekday = false;  // LW
    Days nearest_weekday;       // nW
  };
  struct DaysOfWeek {  // 1: Sunday
    Days numbers;
    Days last;    // nL: the last such day of the month
    Days nth[6];  // n#k: by k
  };

  static Result<DaysOfMonth> ParseDaysOfMonth(std::string_view text);
  static Result<DaysOfWeek> ParseDaysOfWeek(std::string_view text);

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<13> months_;
  std::bitset<kYearMax - kYearMin + 1> years_;
  std::optional<DaysOfMonth> days_of_month_;  // of the two one is there
  std::optional<DaysOfWeek> days_of_week_;
};

}  // namespace tidemark::vault
