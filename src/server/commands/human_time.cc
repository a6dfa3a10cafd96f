#include "server/commands/human_time.h"

#include <charconv>
#include <optional>
#include <string>

#include "codec/instant.h"

namespace tidemark::server {
namespace {

void SkipBlanks(std::string_view* text) {
  while (text->starts_with(' ')) text->remove_prefix(1);
}

std::optional<Micros> UnitNamed(std::string_view name) {
  using namespace std::chrono;
  if (name == "s" || name == "sec" || name == "second" || name == "seconds") return seconds(1);
  if (name == "m" || name == "min" || name == "minute" || name == "minutes") return minutes(1);
  if (name == "h" || name == "hour" || name == "hours") return hours(1);
  if (name == "d" || name == "day" || name == "days") return hours(24);
  return std::nullopt;
}

// "2h ago", "90 seconds".
std::optional<Micros> ParseAge(std::string_view text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  constexpr int64_t kCountMax = 1'000'000'000;
  if (error != std::errc() || count < 0 || count > kCountMax) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  SkipBlanks(&text);
  const auto unit = UnitNamed(text.substr(0, text.find(' ')));
  text = text.find(' ') == std::string_view::npos ? "" : text.substr(text.find(' '));
  SkipBlanks(&text);
  if (!unit || !(text.empty() || text == "ago")) return std::nullopt;
  return *unit * count;
}

// "10:00", "10:00:06.5": today, or yesterday where that is yet to come.
std::optional<Timestamp> ParseClock(std::string_view text, Timestamp now) {
  if (text.size() < 5 || text[2] != ':') return std::nullopt;
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::string date = codec::FormatInstant(day).substr(0, 11);
  const auto time = codec::ParseInstant(date + std::string(text) + (text.size() == 5 ? ":00" : ""));
  if (!time) return std::nullopt;
  return *time > now ? *time - std::chrono::hours(24) : *time;
}

}  // namespace

Result<Timestamp> ParseHumanTime(std::string_view text, Timestamp now) {
  if (text == "now") return now;
  if (const auto time = ParseClock(text, now)) return *time;
  if (const auto age = ParseAge(text)) return now - *age;
  if (auto time = codec::ParseInstant(text)) return time;
  if (auto day = codec::ParseInstant(std::string(text) + "T00:00:00Z")) return day;
  return Fail(
      ErrorKind::kValidation,
      "'{}' is no instant: write '2026-11-26 10:00:06' (UTC, or with a zone), '2026-11-26', "
      "'10:00:06', '2h ago' or seconds since 1970",
      text);
}

std::string InstantFault(const std::string& text) {
  const auto time = ParseHumanTime(text, SystemClock().Now());
  return time ? "" : time.error().message;
}

}  // namespace tidemark::server
