#include "metering/money.h"

#include <algorithm>
#include <charconv>

namespace tidemark::metering {
namespace {

constexpr int64_t kNanos = 1'000'000'000;
constexpr int64_t kNanosOfCent = kNanos / 100;
constexpr int64_t kDollarsMax = 1'000'000;
constexpr size_t kDecimals = 9;
constexpr int kColdDaysLeast = 90;
constexpr int kDaysOfMonth = 30;
constexpr ByteTime kGigabyte = ByteTime{1} << 30;

Dollars Rounded(ByteTime dividend, ByteTime divisor) {
  return {static_cast<int64_t>((dividend + divisor / 2) / divisor)};
}

bool ReadDigits(std::string_view text, int64_t* value) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::ranges::all_of(text, digit)) return false;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), *value);
  return read.ec == std::errc();
}

}  // namespace

Result<Dollars> ParseDollars(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  std::string fraction(text.substr(std::min(point + 1, text.size())));
  const bool has_fraction = point < text.size();
  int64_t whole = 0, nanos = 0;
  bool well = ReadDigits(text.substr(0, point), &whole) && whole <= kDollarsMax;
  well = well && has_fraction == !fraction.empty() && fraction.size() <= kDecimals;
  fraction.resize(kDecimals, '0');
  if (!well || !ReadDigits(fraction, &nanos)) {
    return Fail(ErrorKind::kValidation,
                "'{}' is no price: it must be a decimal number of dollars with 9 decimals at most",
                text);
  }
  return Dollars{whole * kNanos + nanos};
}

std::string ToText(Dollars amount) {
  const uint64_t size =
      amount.nanos < 0 ? -static_cast<uint64_t>(amount.nanos) : static_cast<uint64_t>(amount.nanos);
  std::string text =
      fmt::format("{}{}.{:09}", amount.nanos < 0 ? "-" : "", size / kNanos, size % kNanos);
  const size_t least = text.find('.') + 3;
  while (text.size() > least && text.back() == '0') text.pop_back();
  return text;
}

std::string ToCents(Dollars amount) {
  const int64_t size = amount.nanos < 0 ? -amount.nanos : amount.nanos;
  const int64_t cents = (size + kNanosOfCent / 2) / kNanosOfCent;
  const bool negative = amount.nanos < 0 && cents != 0;
  return fmt::format("{}{}.{:02}", negative ? "-" : "", cents / 100, cents % 100);
}

Dollars StorageCost(Dollars rate, ByteTime amount, Micros month) {
  const ByteTime whole = kGigabyte * static_cast<uint64_t>(month.count());
  return Rounded(amount * static_cast<uint64_t>(rate.nanos), whole);
}

Dollars OnceCost(Dollars rate, uint64_t bytes, uint64_t least) {
  return Rounded(ByteTime{std::max(bytes, least)} * static_cast<uint64_t>(rate.nanos), kGigabyte);
}

Dollars EarlyColdDeletion(Dollars rate, uint64_t bytes, int days_in_cold) {
  const auto left = static_cast<uint64_t>(std::max(kColdDaysLeast - days_in_cold, 0));
  return Rounded(ByteTime{bytes} * static_cast<uint64_t>(rate.nanos) * left,
                 kGigabyte * kDaysOfMonth);
}

Month MonthOf(Timestamp time) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  const auto month = day.year() / day.month();
  const auto begin_of = [](std::chrono::year_month which) {
    return Timestamp(std::chrono::sys_days(which / std::chrono::day(1)));
  };
  return {begin_of(month), begin_of(month + std::chrono::months(1))};
}

}  // namespace tidemark::metering
