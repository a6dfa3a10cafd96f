#include "codec/instant.h"

#include <charconv>
#include <optional>

namespace tidemark::codec {
namespace {

constexpr int64_t kSecondsMax = 253402300799;  // the end of the year 9999
constexpr int kFractionDigits = 6;

// Takes exactly `digits` digits from the front.
std::optional<int> TakeNumber(std::string_view* text, size_t digits) {
  if (text->size() < digits) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + digits, value);
  if (error != std::errc() || end != text->data() + digits || text->front() == '-')
    return std::nullopt;
  text->remove_prefix(digits);
  return value;
}

bool Take(std::string_view* text, char expected) {
  if (!text->starts_with(expected)) return false;
  text->remove_prefix(1);
  return true;
}

// Microseconds of ".25", if one stands at the front; nullopt: a point without digits.
std::optional<int64_t> TakeFraction(std::string_view* text) {
  if (!Take(text, '.')) return 0;
  int64_t micros = 0;
  size_t digits = 0;
  while (digits < text->size() && (*text)[digits] >= '0' && (*text)[digits] <= '9') {
    if (digits < kFractionDigits) micros = micros * 10 + ((*text)[digits] - '0');
    ++digits;
  }
  for (size_t i = digits; i < kFractionDigits; ++i) micros *= 10;
  text->remove_prefix(digits);
  return digits > 0 ? std::optional(micros) : std::nullopt;
}

std::optional<Timestamp> ParseEpoch(std::string_view text) {
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || seconds < 0 || seconds > kSecondsMax) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  const auto micros = TakeFraction(&text);
  if (!micros || !text.empty()) return std::nullopt;
  return FromMicros(seconds * 1'000'000 + *micros);
}

// Minutes to subtract: "Z", "+01:00", or nothing.
std::optional<int> TakeZone(std::string_view* text) {
  if (text->empty() || Take(text, 'Z') || Take(text, 'z')) return 0;
  const int sign = text->front() == '-' ? -1 : 1;
  if (!Take(text, '+') && !Take(text, '-')) return std::nullopt;
  const auto hours = TakeNumber(text, 2);
  (void)Take(text, ':');
  const auto minutes = hours ? TakeNumber(text, 2) : std::nullopt;
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

std::optional<Timestamp> ParseCalendar(std::string_view text) {
  using namespace std::chrono;
  const auto year_number = TakeNumber(&text, 4);
  if (!year_number || !Take(&text, '-')) return std::nullopt;
  const auto month_number = TakeNumber(&text, 2);
  if (!month_number || !Take(&text, '-')) return std::nullopt;
  const auto day_number = TakeNumber(&text, 2);
  if (!day_number || !(Take(&text, 'T') || Take(&text, 't') || Take(&text, ' ')))
    return std::nullopt;
  const auto hour = TakeNumber(&text, 2);
  if (!hour || !Take(&text, ':')) return std::nullopt;
  const auto minute = TakeNumber(&text, 2);
  if (!minute || !Take(&text, ':')) return std::nullopt;
  const auto second = TakeNumber(&text, 2);
  const auto micros = second ? TakeFraction(&text) : std::nullopt;
  if (!micros || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const auto zone = TakeZone(&text);
  const year_month_day date{year(*year_number), month(static_cast<unsigned>(*month_number)),
                            day(static_cast<unsigned>(*day_number))};
  if (!zone || !text.empty() || !date.ok()) return std::nullopt;
  return Timestamp(sys_days(date)) + hours(*hour) + minutes(*minute - *zone) + seconds(*second) +
         microseconds(*micros);
}

}  // namespace

Result<Timestamp> ParseInstant(std::string_view text) {
  auto time = ParseCalendar(text);
  if (!time) time = ParseEpoch(text);
  if (time) return *time;
  return Fail(ErrorKind::kValidation,
              "'{}' is no instant: write 2026-11-26T10:00:06.25Z, or seconds since 1970", text);
}

std::string FormatInstant(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<Micros> clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace tidemark::codec
