#include "vault/time_rule.h"

#include <algorithm>
#include <chrono>

namespace tidemark::vault {

namespace {

constexpr int64_t kDaySeconds = 86400;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A name: letters, or anything between < and >.
bool SkipName(std::string_view* text) {
  if (text->starts_with('<')) {
    const size_t end = text->find('>');
    if (end == std::string_view::npos) return false;
    text->remove_prefix(end + 1);
    return true;
  }
  const auto* end = std::ranges::find_if_not(*text, IsLetter);
  const auto letters = static_cast<size_t>(end - text->begin());
  text->remove_prefix(letters);
  return letters >= 3;
}

bool Skip(char c, std::string_view* text) {
  if (!text->starts_with(c)) return false;
  text->remove_prefix(1);
  return true;
}

bool ReadNumber(std::string_view* text, int max, int* number) {
  *number = 0;
  size_t digits = 0;
  while (digits < text->size() && digits < 3 && IsDigit((*text)[digits]))
    *number = *number * 10 + ((*text)[digits++] - '0');
  text->remove_prefix(digits);
  return digits > 0 && *number <= max;
}

// [+-]h[h[h]][:mm[:ss]], in seconds.
bool ReadTime(std::string_view* text, int32_t* time) {
  const bool negative = Skip('-', text);
  if (!negative) Skip('+', text);
  int hours = 0, minutes = 0, secs = 0;
  if (!ReadNumber(text, 167, &hours)) return false;
  if (Skip(':', text) && !ReadNumber(text, 59, &minutes)) return false;
  if (Skip(':', text) && !ReadNumber(text, 59, &secs)) return false;
  *time = hours * 3600 + minutes * 60 + secs;
  if (negative) *time = -*time;
  return true;
}

int64_t SecondsAt(std::chrono::sys_days day) {
  return static_cast<int64_t>(day.time_since_epoch().count()) * kDaySeconds;
}

}  // namespace

bool TimeRule::ReadChange(std::string_view* text, Change* change) {
  if (!Skip(',', text)) return false;
  if (Skip('M', text)) {
    const bool read = ReadNumber(text, 12, &change->month) && Skip('.', text) &&
                      ReadNumber(text, 5, &change->week) && Skip('.', text) &&
                      ReadNumber(text, 6, &change->weekday);
    if (!read || change->month == 0 || change->week == 0) return false;
  } else {
    const bool julian = Skip('J', text);
    change->form = julian ? Change::Form::kJulian : Change::Form::kZeroBased;
    if (!ReadNumber(text, 365, &change->day) || (julian && change->day == 0)) return false;
  }
  return !Skip('/', text) || ReadTime(text, &change->time);
}

int64_t TimeRule::Change::In(int year) const {
  using namespace std::chrono;
  const std::chrono::year y(year);
  const sys_days first{y / 1 / 1};
  if (form == Form::kZeroBased) return SecondsAt(first + days(day)) + time;
  if (form == Form::kJulian) {  // 29 February is never counted
    const int leap = y.is_leap() && day >= 60 ? 1 : 0;
    return SecondsAt(first + days(day - 1 + leap)) + time;
  }
  const auto of_month = y / std::chrono::month(static_cast<unsigned>(month));
  const std::chrono::weekday wanted(static_cast<unsigned>(weekday));
  const sys_days found = week == 5 ? sys_days(of_month / wanted[last])
                                   : sys_days(of_month / wanted[static_cast<unsigned>(week)]);
  return SecondsAt(found) + time;
}

std::optional<TimeRule> TimeRule::Parse(std::string_view text) {
  TimeRule rule;
  int32_t west = 0;
  if (!SkipName(&text) || !ReadTime(&text, &west)) return std::nullopt;
  rule.standard_ = -west;
  if (text.empty()) return rule;
  if (!SkipName(&text)) return std::nullopt;
  rule.saving_ = rule.standard_ + 3600;
  if (!text.starts_with(',')) {
    if (!ReadTime(&text, &west)) return std::nullopt;
    rule.saving_ = -west;
  }
  if (!ReadChange(&text, &rule.begin_) || !ReadChange(&text, &rule.end_) || !text.empty())
    return std::nullopt;
  return rule;
}

std::vector<std::pair<int64_t, int32_t>> TimeRule::Until(int last) const {
  if (!saving_) return {{0, standard_}};
  std::vector<std::pair<int64_t, int32_t>> changes;
  for (int year = 1970; year <= last; ++year) {
    changes.emplace_back(begin_.In(year) - standard_, *saving_);
    changes.emplace_back(end_.In(year) - *saving_, standard_);
  }
  std::ranges::sort(changes);
  return changes;
}

}  // namespace tidemark::vault
