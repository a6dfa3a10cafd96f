#include "policy/operands.h"

#include <arpa/inet.h>

#include <charconv>
#include <cmath>

#include "codec/base64.h"
#include "policy/context.h"

namespace tidemark::policy {

namespace {

template <class T>
std::optional<T> ReadWhole(std::string_view text) {
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Takes exactly `digits` digits, and a `separator` before them unless it is 0.
bool TakeDigits(std::string_view* text, char separator, size_t digits, int* value) {
  if (separator != 0) {
    if (text->empty() || text->front() != separator) return false;
    text->remove_prefix(1);
  }
  if (text->size() < digits) return false;
  *value = 0;
  for (size_t i = 0; i < digits; ++i) {
    const char c = (*text)[i];
    if (c < '0' || c > '9') return false;
    *value = *value * 10 + (c - '0');
  }
  text->remove_prefix(digits);
  return true;
}

// "Z" or an offset "+01:00", as minutes to be taken off.
bool TakeZone(std::string_view text, int* minutes) {
  *minutes = 0;
  if (text.empty() || text == "Z") return true;
  const char sign = text.front();
  int hours = 0;
  text.remove_prefix(1);
  if ((sign != '+' && sign != '-') || !TakeDigits(&text, 0, 2, &hours)) return false;
  if (!text.empty() && text.front() == ':') text.remove_prefix(1);
  if (!text.empty() && !TakeDigits(&text, 0, 2, minutes)) return false;
  *minutes = (hours * 60 + *minutes) * (sign == '-' ? -1 : 1);
  return text.empty();
}

}  // namespace

std::optional<double> ReadNumber(const std::string& text) {
  const auto value = ReadWhole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<bool> ReadBool(const std::string& text) {
  const std::string lower = Lower(text);
  if (lower == "true") return true;
  if (lower == "false") return false;
  return std::nullopt;
}

std::optional<Bytes> ReadBinary(const std::string& text) {
  auto bytes = codec::DecodeBase64(text);
  if (!bytes) return std::nullopt;
  return *std::move(bytes);
}

// YYYY-MM-DD[Thh:mm[:ss[.fraction]][zone]]
std::optional<Timestamp> ReadDate(const std::string& text) {
  constexpr int64_t kSecondsMax = 253402300799;  // the end of the year 9999
  if (const auto seconds = ReadWhole<int64_t>(text)) {
    if (*seconds < 0 || *seconds > kSecondsMax) return std::nullopt;
    return FromMicros(*seconds * 1'000'000);
  }
  std::string_view rest = text;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zone = 0;
  if (!TakeDigits(&rest, 0, 4, &year) || !TakeDigits(&rest, '-', 2, &month) ||
      !TakeDigits(&rest, '-', 2, &day)) {
    return std::nullopt;
  }
  int64_t micros = 0;
  if (!rest.empty()) {
    if (!TakeDigits(&rest, 'T', 2, &hour) || !TakeDigits(&rest, ':', 2, &minute))
      return std::nullopt;
    if (!rest.empty() && rest.front() == ':' && !TakeDigits(&rest, ':', 2, &second))
      return std::nullopt;
    if (!rest.empty() && rest.front() == '.') {
      rest.remove_prefix(1);
      int64_t unit = 100'000;
      for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; unit /= 10) {
        micros += (rest.front() - '0') * unit;
        rest.remove_prefix(1);
      }
    }
    if (!TakeZone(rest, &zone)) return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute - zone) + std::chrono::seconds(second) + Micros(micros);
}

std::optional<AddressBlock> ReadBlock(const std::string& text) {
  AddressBlock block;
  const size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  int bits = 128;
  if (inet_pton(AF_INET, address.c_str(), block.bytes.data() + 12) == 1) {
    block.bytes[10] = block.bytes[11] = 0xFF;
    bits = 32;
  } else if (inet_pton(AF_INET6, address.c_str(), block.bytes.data()) != 1) {
    return std::nullopt;
  }
  if (slash == std::string::npos) return block;
  const auto prefix = ReadWhole<int>(std::string_view(text).substr(slash + 1));
  if (!prefix || *prefix < 0 || *prefix > bits) return std::nullopt;
  block.prefix = 128 - bits + *prefix;
  return block;
}

bool AddressBlock::Contains(const AddressBlock& other) const {
  if (other.prefix < prefix) return false;
  for (int bit = 0; bit < prefix; bit += 8) {
    const int left = std::min(8, prefix - bit);
    const auto mask = static_cast<uint8_t>(0xFF << (8 - left));
    const auto at = static_cast<size_t>(bit / 8);
    if ((bytes[at] & mask) != (other.bytes[at] & mask)) return false;
  }
  return true;
}

}  // namespace tidemark::policy
