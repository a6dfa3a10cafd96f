// The rule at the end of a time zone file: what holds after its last transition, in the form of the
// environment variable TZ of POSIX. "EST5EDT,M3.2.0,M11.1.0", "<+1030>-10:30", "IST-1GMT0,M10.5.0,
// M3.5.0/1". Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::vault {

class TimeRule {
 public:
  // Nothing: it is not of that form.
  static std::optional<TimeRule> Parse(std::string_view text);

  // When clocks change, from 1970 until the end of that year, in order: seconds since the epoch,
  // and the offset east of UTC in seconds from then on. Without daylight saving: once, in 1970.
  std::vector<std::pair<int64_t, int32_t>> Until(int year) const;

 private:
  // A day of each year, and seconds of local time from its begin.
  struct Change {
    enum class Form { kMonth, kJulian, kZeroBased } form = Form::kMonth;
    int month = 0, week = 0, weekday = 0;  // of kMonth: Mm.w.d
    int day = 0;                           // of the others
    int32_t time = 7200;

    int64_t In(int year) const;  // in seconds since the epoch, as if local time were UTC
  };
  static bool ReadChange(std::string_view* text, Change* change);

  int32_t standard_ = 0;
  std::optional<int32_t> saving_;  // nothing: standard time all year
  Change begin_, end_;             // of daylight saving
};

}  // namespace tidemark::vault
