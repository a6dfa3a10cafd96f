// DynamoDB's number: up to 38 significant decimal digits, magnitude 1E-130 .. 9.9..9E+125, or zero.
// Normalised: no trailing zeros in the coefficient, zero is (0, 0, positive). A value; trivially
// copyable.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::item {

class Number {
 public:
  static constexpr int kDigitsMax = 38;

  Number() = default;  // zero
  static Number FromInt(int64_t value);

  // Reads "12", "-0.5", "1E+3" ... Errors: kValidation with DynamoDB's exact texts for what is not
  // a number, has more than 38 significant digits, or lies outside the range.
  static Result<Number> Parse(std::string_view text);

  // DynamoDB's own spelling: plain digits, no exponent ("1E3" reads back as "1000").
  std::string ToString() const;
  void AppendTo(std::string* out) const;  // the same, appended

  // kValidation: underflow, or overflow (also for what needs more than 38 digits, as the service
  // answers).
  Result<Number> Plus(const Number& other) const;
  Result<Number> Minus(const Number& other) const;
  Number Negated() const;
  bool IsZero() const { return coefficient_ == 0; }
  bool IsNegative() const { return negative_; }
  int SignificantDigits() const;  // 1 for zero
  int Power() const;              // of ten, of the first digit: 2 for 123; 0 for zero

  std::strong_ordering operator<=>(const Number& other) const;
  bool operator==(const Number& other) const = default;

  // Bytes whose memcmp order is numeric order; self-delimiting (no terminator needed after them).
  void AppendOrdered(Bytes* out) const;
  // Reads what AppendOrdered wrote from the front of *in and removes it. kCorruption otherwise.
  static Result<Number> ReadOrdered(BytesView* in);

  // The compact form inside stored items: one per number, not ordered, 1..19 bytes,
  // self-delimiting.
  //   head:u8 (0x80 negative, 0x40 has an exponent, low bits: bytes of the coefficient)
  //   [exponent:i16le] coefficient, least byte first
  void AppendStored(Bytes* out) const;
  [[nodiscard]] bool ReadStored(BytesView* in);  // into *this; false: neither changes

 private:
  static Result<Number> Make(unsigned __int128 coefficient, int exponent, bool negative);

  unsigned __int128 coefficient_ = 0;  // 0 .. 10^38 - 1
  int16_t exponent_ = 0;               // value = coefficient * 10^exponent
  bool negative_ = false;
};

}  // namespace tidemark::item
