// Sequence numbers: where a change stands in its stream. The commit time and, of changes of one
// commit, which; as text of decimal digits, 21 of them until the year 2286, and always in the order
// of the text.
//
//   text := commit time in microseconds, at least 16 digits  index, 5 digits
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tidemark::streams {

struct Sequence {
  static constexpr uint32_t kIndexMax = 99'999;

  Timestamp commit{};
  uint32_t index = 0;  // 0..kIndexMax

  auto operator<=>(const Sequence&) const = default;

  // The last one before `time`, whether or not anything has it.
  static Sequence Before(Timestamp time) { return {time - Micros(1), kIndexMax}; }
  Sequence Predecessor() const { return index > 0 ? Sequence{commit, index - 1} : Before(commit); }

  std::string ToText() const;
  static std::optional<Sequence> Parse(std::string_view text);  // nullopt: not ours
};

}  // namespace tidemark::streams
