#include "vault/cron.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <vector>

#include "vault/fault.h"

namespace tidemark::vault {

namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::year_month_day;

constexpr std::string_view kMonthNames[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                            "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kDayNames[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

// What numbers of a field may be.
struct Field {
  std::string_view name;
  int min, max;
  std::span<const std::string_view> names = {};  // of min and so on
};
constexpr Field kMinutes{"minutes", 0, 59};
constexpr Field kHours{"hours", 0, 23};
constexpr Field kDayOfMonth{"day-of-month", 1, 31};
constexpr Field kMonth{"month", 1, 12, kMonthNames};
constexpr Field kDayOfWeek{"day-of-week", 1, 7, kDayNames};
constexpr Field kYear{"year", 1970, 2199};

Unexpected BadItem(const Field& field, std::string_view item) {
  return FailWith(Fault::kInvalidParameter, "Invalid cron expression: {} cannot be {}", field.name,
                  item);
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool EqualNames(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
}

std::optional<int> ReadNumber(std::string_view text, int min, int max) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (text.empty() || read.ec != std::errc() || read.ptr != end || number < min || number > max)
    return std::nullopt;
  return number;
}

std::optional<int> ReadValue(const Field& field, std::string_view text) {
  for (size_t i = 0; i < field.names.size(); ++i) {
    if (EqualNames(text, field.names[i])) return field.min + static_cast<int>(i);
  }
  return ReadNumber(text, field.min, field.max);
}

// Calls visit(number) for each number of an item without letters of its own.
template <class Visit>
bool VisitRange(const Field& field, std::string_view item, Visit visit) {
  const auto step_at = item.find('/');
  const std::string_view range = item.substr(0, step_at);
  int step = 1;
  if (step_at != std::string_view::npos) {
    const auto given = ReadNumber(item.substr(step_at + 1), 1, field.max - field.min);
    if (!given) return false;
    step = *given;
  }
  int from = field.min, to = field.max;
  if (range != "*") {
    const auto ends = Split(range, '-');
    const auto first = ReadValue(field, ends[0]);
    const auto last = ends.size() == 2 ? ReadValue(field, ends[1]) : first;
    if (!first || !last || ends.size() > 2 || *last < *first) return false;
    from = *first;
    // "a/b" is from a on, every b.
    to = ends.size() == 1 && step_at != std::string_view::npos ? field.max : *last;
  }
  for (int number = from; number <= to; number += step) visit(number);
  return true;
}

template <size_t N>
Result<std::bitset<N>> ParseField(const Field& field, std::string_view text, int offset = 0) {
  std::bitset<N> numbers;
  for (const std::string_view item : Split(text, ',')) {
    const bool read = VisitRange(
        field, item, [&](int number) { numbers.set(static_cast<size_t>(number - offset)); });
    if (!read) return BadItem(field, item);
  }
  return numbers;
}

size_t DaysIn(const year_month_day& day) {
  return static_cast<unsigned>((day.year() / day.month() / std::chrono::last).day());
}

// 1: Sunday.
size_t DayOfWeek(local_days day) { return std::chrono::weekday(day).c_encoding() + 1; }

bool IsWeekend(local_days day) { return DayOfWeek(day) == 1 || DayOfWeek(day) == 7; }

// The weekday of the same month that is nearest to its day of that number.
local_days NearestWeekday(const year_month_day& month, size_t number) {
  const local_days day{month.year() / month.month() /
                       std::chrono::day(static_cast<unsigned>(number))};
  const size_t last = DaysIn(month);
  if (DayOfWeek(day) == 7) return number == 1 ? day + days(2) : day - days(1);
  if (DayOfWeek(day) == 1) return number == last ? day - days(2) : day + days(1);
  return day;
}

local_days LastWeekday(const year_month_day& month) {
  local_days day{month.year() / month.month() / std::chrono::last};
  while (IsWeekend(day)) day -= days(1);
  return day;
}

}  // namespace

Result<Cron::DaysOfMonth> Cron::ParseDaysOfMonth(std::string_view text) {
  DaysOfMonth parsed;
  for (const std::string_view item : Split(text, ',')) {
    if (EqualNames(item, "L")) {
      parsed.last = true;
    } else if (EqualNames(item, "LW")) {
      parsed.last_weekday = true;
    } else if (!item.empty() && EqualNames(item.substr(item.size() - 1), "W")) {
      const auto day = ReadNumber(item.substr(0, item.size() - 1), 1, 31);
      if (!day) return BadItem(kDayOfMonth, item);
      parsed.nearest_weekday.set(static_cast<size_t>(*day));
    } else {
      TM_TRY(const auto numbers, ParseField<32>(kDayOfMonth, item));
      parsed.numbers |= numbers;
    }
  }
  return parsed;
}

Result<Cron::DaysOfWeek> Cron::ParseDaysOfWeek(std::string_view text) {
  DaysOfWeek parsed;
  for (const std::string_view item : Split(text, ',')) {
    const size_t nth = item.find('#');
    if (EqualNames(item, "L")) {
      parsed.numbers.set(7);
    } else if (nth != std::string_view::npos) {
      const auto day = ReadValue(kDayOfWeek, item.substr(0, nth));
      const auto which = ReadNumber(item.substr(nth + 1), 1, 5);
      if (!day || !which) return BadItem(kDayOfWeek, item);
      parsed.nth[*which].set(static_cast<size_t>(*day));
    } else if (item.size() > 1 && EqualNames(item.substr(item.size() - 1), "L")) {
      const auto day = ReadValue(kDayOfWeek, item.substr(0, item.size() - 1));
      if (!day) return BadItem(kDayOfWeek, item);
      parsed.last.set(static_cast<size_t>(*day));
    } else {
      TM_TRY(const auto numbers, ParseField<32>(kDayOfWeek, item));
      parsed.numbers |= numbers;
    }
  }
  return parsed;
}

Result<Cron> Cron::Parse(std::string_view text) {
  constexpr std::string_view kBegin = "cron(";
  const auto malformed = [&] {
    return FailWith(Fault::kInvalidParameter,
                    "Invalid schedule expression: {} is not cron(minutes hours day-of-month month "
                    "day-of-week year)",
                    text);
  };
  if (!text.starts_with(kBegin) || !text.ends_with(')')) return malformed();
  const auto fields = Split(text.substr(kBegin.size(), text.size() - kBegin.size() - 1), ' ');
  if (fields.size() != 6) return malformed();
  if ((fields[2] == "?") == (fields[4] == "?")) {
    return FailWith(Fault::kInvalidParameter,
                    "Invalid cron expression: exactly one of day-of-month and day-of-week must be "
                    "'?'");
  }
  Cron cron;
  TM_TRY(cron.minutes_, ParseField<60>(kMinutes, fields[0]));
  TM_TRY(cron.hours_, ParseField<24>(kHours, fields[1]));
  TM_TRY(cron.months_, ParseField<13>(kMonth, fields[3]));
  TM_TRY(cron.years_, (ParseField<kYearMax - kYearMin + 1>(kYear, fields[5], kYearMin)));
  if (fields[4] == "?") {
    TM_TRY(cron.days_of_month_, ParseDaysOfMonth(fields[2]));
  } else {
    TM_TRY(cron.days_of_week_, ParseDaysOfWeek(fields[4]));
  }
  return cron;
}

bool Cron::NamesDay(year_month_day day) const {
  const local_days at{day};
  const auto number = static_cast<size_t>(static_cast<unsigned>(day.day()));
  if (days_of_month_) {
    const DaysOfMonth& named = *days_of_month_;
    if (named.numbers.test(number)) return true;
    if (named.last && number == DaysIn(day)) return true;
    if (named.last_weekday && at == LastWeekday(day)) return true;
    for (size_t near = 1; near <= DaysIn(day); ++near) {
      if (named.nearest_weekday.test(near) && NearestWeekday(day, near) == at) return true;
    }
    return false;
  }
  const DaysOfWeek& named = *days_of_week_;
  const size_t of_week = DayOfWeek(at);
  if (named.numbers.test(of_week)) return true;
  if (named.last.test(of_week) && number + 7 > DaysIn(day)) return true;
  return named.nth[(number + 6) / 7].test(of_week);
}

std::optional<LocalMinute> Cron::NextAfter(LocalMinute time) const {
  time += std::chrono::minutes(1);
  local_days day = std::chrono::floor<days>(time);
  auto minute = static_cast<size_t>((time - day).count());
  for (;; day += days(1), minute = 0) {
    const year_month_day date{day};
    const int year = static_cast<int>(date.year());
    if (year > kYearMax) return std::nullopt;
    if (year < kYearMin || !years_.test(static_cast<size_t>(year - kYearMin))) {
      day = local_days{(date.year() + std::chrono::years(1)) / 1 / 1} - days(1);
      continue;
    }
    if (!months_.test(static_cast<unsigned>(date.month()))) {
      day = local_days{date.year() / date.month() / std::chrono::last};
      continue;
    }
    if (!NamesDay(date)) continue;
    for (size_t at = minute; at < 24 * 60; ++at) {
      if (hours_.test(at / 60) && minutes_.test(at % 60)) return day + std::chrono::minutes(at);
    }
  }
}

}  // namespace tidemark::vault
