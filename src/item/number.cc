// Ordered form:
//   number   := 0x80                                 zero
//             | 0xC0 magnitude                       positive
//             | 0x40 (every byte of magnitude complemented)
//   magnitude:= exponent:u8  pair+ 0x00
//   exponent := power of ten of the first digit + 130, so 0..255
//   pair     := two digits as 1 + 10 * first + second; an odd last digit is followed by 0
// The first digit is never 0 and the last pair never 00, so each number has one form.
#include "item/number.h"

#include <algorithm>
#include <array>
#include <bit>

namespace tidemark::item {
namespace {

using uint128 = unsigned __int128;

constexpr int kPowerMax = 125;  // of the first digit
constexpr int kPowerMin = -130;
constexpr uint8_t kZeroTag = 0x80;
constexpr uint8_t kPositiveTag = 0xC0;
constexpr uint8_t kNegativeTag = 0x40;

constexpr auto kPowersOfTen = [] {
  std::array<uint128, 39> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

int DigitCount(uint128 value) {
  if (value == 0) return 1;
  const auto high = static_cast<uint64_t>(value >> 64);
  const int bits = high != 0 ? 128 - std::countl_zero(high)
                             : 64 - std::countl_zero(static_cast<uint64_t>(value));
  // 1233 / 4096 is just above log10(2); the guess is exact or one too small.
  const int guess = bits * 1233 >> 12;
  return guess + (guess <= 38 && value >= kPowersOfTen[guess] ? 1 : 0);
}

// Writes the digits of `value` so that they end at `end`; returns where they begin.
char* PrintDigits(uint128 value, char* end) {
  constexpr uint64_t kChunk = 10'000'000'000'000'000'000u;  // 10^19
  while (value >> 64 != 0) {
    auto part = static_cast<uint64_t>(value % kChunk);
    value /= kChunk;
    for (int i = 0; i < 19; ++i, part /= 10) *--end = static_cast<char>('0' + part % 10);
  }
  auto rest = static_cast<uint64_t>(value);
  do {
    *--end = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  return end;
}

// Division of 128 bits is slow, and most coefficients are small.
bool EndsInZero(uint128 value) {
  const auto low = static_cast<uint64_t>(value);
  return low % 2 == 0 && (value >> 64 == 0 ? low % 10 == 0 : value % 10 == 0);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

Unexpected NotANumber(std::string_view text) {
  return Fail(ErrorKind::kValidation, "The parameter cannot be converted to a numeric value: {}",
              text);
}

Unexpected TooPrecise() {
  return Fail(ErrorKind::kValidation,
              "Attempting to store more than 38 significant digits in a Number");
}

Unexpected Overflow() {
  return Fail(ErrorKind::kValidation,
              "Number overflow. Attempting to store a number with magnitude larger than supported "
              "range");
}

Unexpected Underflow() {
  return Fail(ErrorKind::kValidation,
              "Number underflow. Attempting to store a number with magnitude smaller than "
              "supported range");
}

}  // namespace

// The one place that makes numbers: strips trailing zeros, checks range and digits. Sums with too
// many digits are an overflow, as the service answers.
Result<Number> Number::Make(uint128 coefficient, int exponent, bool negative) {
  Number number;
  if (coefficient == 0) return number;
  while (EndsInZero(coefficient)) {
    coefficient /= 10;
    ++exponent;
  }
  const int digits = DigitCount(coefficient);
  const int power = exponent + digits - 1;
  if (power < kPowerMin) return Underflow();
  if (power > kPowerMax || digits > kDigitsMax) return Overflow();
  number.coefficient_ = coefficient;
  number.exponent_ = static_cast<int16_t>(exponent);
  number.negative_ = negative;
  return number;
}

Number Number::FromInt(int64_t value) {
  const bool negative = value < 0;
  const uint64_t magnitude =
      negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  return *Make(magnitude, 0, negative);  // 19 digits always fit
}

Result<Number> Number::Parse(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  bool negative = false;
  if (at != end && (*at == '-' || *at == '+')) negative = *at++ == '-';

  uint128 coefficient = 0;
  int digits = 0;         // taken into the coefficient
  int64_t zeros = 0;      // seen after the last digit taken, not yet multiplied in
  int64_t positions = 0;  // digits since the first significant one
  int64_t exponent = 0;   // of the last digit read
  bool any = false, point = false, too_many = false;
  for (; at != end; ++at) {
    if (*at == '.' && !point) {
      point = true;
      continue;
    }
    if (!IsDigit(*at)) break;
    any = true;
    if (point) --exponent;
    if (*at != '0' || positions > 0) ++positions;
    if (*at == '0') {
      if (digits > 0) ++zeros;
    } else if (digits + zeros + 1 > kDigitsMax) {
      too_many = true;
    } else {
      coefficient = coefficient * kPowersOfTen[zeros + 1] + static_cast<unsigned>(*at - '0');
      digits += static_cast<int>(zeros) + 1;
      zeros = 0;
    }
  }
  if (!any) return NotANumber(text);
  if (at != end) {
    if (*at != 'e' && *at != 'E') return NotANumber(text);
    ++at;
    bool exponent_negative = false;
    if (at != end && (*at == '-' || *at == '+')) exponent_negative = *at++ == '-';
    if (at == end) return NotANumber(text);
    // The service reads the exponent as a 64-bit number before it looks at the range.
    int64_t written = 0;
    for (; at != end; ++at) {
      if (!IsDigit(*at)) return NotANumber(text);
      if (__builtin_mul_overflow(written, 10, &written) ||
          __builtin_add_overflow(written, *at - '0', &written)) {
        return NotANumber(text);
      }
    }
    constexpr int64_t kBeyond = 1'000'000'000'000;  // no text is long enough to bring this back
    written = std::min(written, kBeyond);
    exponent += exponent_negative ? -written : written;
  }
  // A zero has the magnitude it is written with: 0e126 is too large.
  const int64_t power = coefficient == 0 ? exponent : exponent + positions - 1;
  if (power > kPowerMax) return Overflow();
  if (power < kPowerMin) return Underflow();
  if (coefficient == 0) return Number();
  if (too_many) return TooPrecise();
  return Make(coefficient, static_cast<int>(exponent + zeros), negative);
}

std::string Number::ToString() const {
  std::string out;
  AppendTo(&out);
  return out;
}

void Number::AppendTo(std::string* out) const {
  char buffer[40];
  char* const end = buffer + sizeof buffer;
  const char* const begin = PrintDigits(coefficient_, end);
  const auto digits = static_cast<size_t>(end - begin);
  if (negative_) out->push_back('-');
  if (exponent_ >= 0) {
    out->append(begin, digits).append(static_cast<size_t>(exponent_), '0');
    return;
  }
  const auto fraction = static_cast<size_t>(-exponent_);
  if (digits > fraction) {
    out->append(begin, digits - fraction).push_back('.');
    out->append(end - fraction, fraction);
  } else {
    out->append("0.").append(fraction - digits, '0').append(begin, digits);
  }
}

Number Number::Negated() const {
  Number number = *this;
  number.negative_ = !negative_ && !IsZero();
  return number;
}

int Number::SignificantDigits() const { return DigitCount(coefficient_); }

int Number::Power() const { return IsZero() ? 0 : exponent_ + DigitCount(coefficient_) - 1; }

Result<Number> Number::Plus(const Number& other) const {
  if (IsZero()) return other;
  if (other.IsZero()) return *this;
  const Number& coarse = exponent_ >= other.exponent_ ? *this : other;
  const Number& fine = exponent_ >= other.exponent_ ? other : *this;
  const int shift = coarse.exponent_ - fine.exponent_;
  // Bring both to the finer exponent. The sum keeps that exponent's last digit, so an aligned value
  // of 2 * 10^38 or more leaves at least 39 digits even after a subtraction of less than 10^38.
  const uint128 limit = 2 * kPowersOfTen[kDigitsMax];
  if (shift > kDigitsMax || coarse.coefficient_ > limit / kPowersOfTen[shift]) return Overflow();
  const uint128 aligned = coarse.coefficient_ * kPowersOfTen[shift];
  if (coarse.negative_ == fine.negative_) {
    return Make(aligned + fine.coefficient_, fine.exponent_, fine.negative_);
  }
  if (aligned >= fine.coefficient_) {
    return Make(aligned - fine.coefficient_, fine.exponent_, coarse.negative_);
  }
  return Make(fine.coefficient_ - aligned, fine.exponent_, fine.negative_);
}

Result<Number> Number::Minus(const Number& other) const { return Plus(other.Negated()); }

std::strong_ordering Number::operator<=>(const Number& other) const {
  const int sign = IsZero() ? 0 : negative_ ? -1 : 1;
  const int other_sign = other.IsZero() ? 0 : other.negative_ ? -1 : 1;
  if (sign != other_sign) return sign <=> other_sign;
  if (sign == 0) return std::strong_ordering::equal;
  const int digits = DigitCount(coefficient_);
  const int other_digits = DigitCount(other.coefficient_);
  std::strong_ordering magnitude = digits + exponent_ <=> other_digits + other.exponent_;
  if (magnitude == 0) {
    // The same power of the first digit: compare the digits, the shorter filled up with zeros.
    const int width = std::max(digits, other_digits);
    magnitude = coefficient_ * kPowersOfTen[width - digits] <=>
                other.coefficient_ * kPowersOfTen[width - other_digits];
  }
  return sign > 0 ? magnitude : 0 <=> magnitude;
}

void Number::AppendOrdered(Bytes* out) const {
  if (IsZero()) {
    out->push_back(static_cast<char>(kZeroTag));
    return;
  }
  char buffer[41];
  char* const end = buffer + 40;
  *end = '0';  // fills up an odd last pair
  const char* const begin = PrintDigits(coefficient_, end);
  const int digits = static_cast<int>(end - begin);

  uint8_t bytes[24];
  size_t size = 0;
  bytes[size++] = static_cast<uint8_t>(exponent_ + digits - 1 - kPowerMin);
  for (const char* at = begin; at < end; at += 2) {
    bytes[size++] = static_cast<uint8_t>(1 + (at[0] - '0') * 10 + (at[1] - '0'));
  }
  bytes[size++] = 0;
  if (negative_) {
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(~bytes[i]);
  }
  out->push_back(static_cast<char>(negative_ ? kNegativeTag : kPositiveTag));
  out->append(reinterpret_cast<const char*>(bytes), size);
}

Result<Number> Number::ReadOrdered(BytesView* in) {
  const auto corrupt = [] { return Fail(ErrorKind::kCorruption, "ordered number is malformed"); };
  BytesView rest = *in;
  if (rest.empty()) return corrupt();
  const auto tag = static_cast<uint8_t>(rest[0]);
  rest.remove_prefix(1);
  if (tag == kZeroTag) {
    *in = rest;
    return Number();
  }
  if (tag != kPositiveTag && tag != kNegativeTag) return corrupt();
  const uint8_t flip = tag == kNegativeTag ? 0xFF : 0;
  const auto byte_at = [&](size_t i) { return static_cast<uint8_t>(rest[i] ^ flip); };

  uint128 coefficient = 0;
  size_t pairs = 0;
  uint8_t last = 0;
  for (;; ++pairs) {
    if (1 + pairs >= rest.size() || pairs > kDigitsMax / 2) return corrupt();
    const uint8_t pair = byte_at(1 + pairs);
    if (pair == 0) break;
    if (pair > 100 || (pairs == 0 && pair <= 10)) return corrupt();
    coefficient = coefficient * 100 + (pair - 1u);
    last = pair;
  }
  if (pairs == 0 || last == 1) return corrupt();
  const int power = byte_at(0) + kPowerMin;
  auto number = Make(coefficient, power - 2 * static_cast<int>(pairs) + 1, tag == kNegativeTag);
  if (!number) return corrupt();
  rest.remove_prefix(pairs + 2);
  *in = rest;
  return number;
}

void Number::AppendStored(Bytes* out) const {
  uint8_t bytes[19];
  size_t size = 1;
  if (exponent_ != 0) {
    const auto exponent = static_cast<uint16_t>(exponent_);
    bytes[size++] = static_cast<uint8_t>(exponent);
    bytes[size++] = static_cast<uint8_t>(exponent >> 8);
  }
  size_t width = 0;
  for (uint128 rest = coefficient_; rest != 0; rest >>= 8, ++width) {
    bytes[size++] = static_cast<uint8_t>(rest);
  }
  bytes[0] = static_cast<uint8_t>((negative_ ? 0x80 : 0) | (exponent_ != 0 ? 0x40 : 0) | width);
  out->append(reinterpret_cast<const char*>(bytes), size);
}

bool Number::ReadStored(BytesView* in) {
  if (in->empty()) return false;
  const auto* bytes = reinterpret_cast<const uint8_t*>(in->data());
  const uint8_t head = bytes[0];
  const bool has_exponent = (head & 0x40) != 0;
  const size_t width = head & 0x3F;
  const size_t size = 1 + (has_exponent ? 2 : 0) + width;
  if (width > 16 || in->size() < size) return false;
  Number number;
  number.negative_ = (head & 0x80) != 0;
  if (has_exponent) {
    number.exponent_ = static_cast<int16_t>(bytes[1] | bytes[2] << 8);
    if (number.exponent_ == 0) return false;
  }
  for (size_t i = 0; i < width; ++i) {
    number.coefficient_ = number.coefficient_ << 8 | bytes[size - 1 - i];
  }
  if (width == 0 ? head != 0 : bytes[size - 1] == 0) return false;
  if (width != 0) {
    // One form per number: normalised and in range, or the bytes are not ours.
    const int digits = DigitCount(number.coefficient_);
    const int power = number.exponent_ + digits - 1;
    if (digits > kDigitsMax || power > kPowerMax || power < kPowerMin) return false;
    if (EndsInZero(number.coefficient_)) return false;
  }
  in->remove_prefix(size);
  *this = number;
  return true;
}

}  // namespace tidemark::item
