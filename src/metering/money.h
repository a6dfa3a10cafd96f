// Money in exact decimals: whole billionths of a dollar, never a floating sum. Pure.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace tidemark::metering {

// Up to 9 billion dollars.
struct Dollars {
  int64_t nanos = 0;
  auto operator<=>(const Dollars&) const = default;
  Dollars& operator+=(Dollars other) {
    nanos += other.nanos;
    return *this;
  }
  friend Dollars operator+(Dollars a, Dollars b) { return a += b; }
  friend Dollars operator-(Dollars a, Dollars b) { return {a.nanos - b.nanos}; }
  friend Dollars operator*(Dollars a, int64_t times) { return {a.nanos * times}; }
};

// "0.20"; up to 9 decimals, up to a million. kValidation.
Result<Dollars> ParseDollars(std::string_view text);
std::string ToText(Dollars amount);   // exact, two decimals at least: "0.20", "0.000000310"
std::string ToCents(Dollars amount);  // rounded half up: "10.00"

// Bytes times microseconds.
using ByteTime = unsigned __int128;
inline ByteTime Over(uint64_t bytes, Micros time) {
  return ByteTime{bytes} * static_cast<uint64_t>(time.count());
}

// Each is rounded half up to the billionth once. A GB is 2^30 bytes.
// What is kept: `rate` for a GB over `month`.
Dollars StorageCost(Dollars rate, ByteTime amount, Micros month);
// What is done once: `rate` for a GB, of `least` bytes at least.
Dollars OnceCost(Dollars rate, uint64_t bytes, uint64_t least = 0);
// What leaves cold storage after so many days: the rest of its 90 days, at months of 30.
Dollars EarlyColdDeletion(Dollars rate, uint64_t bytes, int days_in_cold);

// The calendar month (UTC) that `time` is in.
struct Month {
  Timestamp begin, end;
  Micros length() const { return end - begin; }
};
Month MonthOf(Timestamp time);

}  // namespace tidemark::metering
