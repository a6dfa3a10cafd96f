#include "streams/sequence.h"

#include <fmt/format.h>

#include <charconv>

namespace tidemark::streams {
namespace {

constexpr size_t kIndexDigits = 5;

bool ReadDigits(std::string_view text, int64_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size() && text[0] != '-';
}

}  // namespace

std::string Sequence::ToText() const { return fmt::format("{:016}{:05}", ToMicros(commit), index); }

std::optional<Sequence> Sequence::Parse(std::string_view text) {
  if (text.size() <= kIndexDigits) return std::nullopt;
  const size_t split = text.size() - kIndexDigits;
  int64_t micros = 0, index = 0;
  if (!ReadDigits(text.substr(0, split), &micros) || !ReadDigits(text.substr(split), &index))
    return std::nullopt;
  return Sequence{FromMicros(micros), static_cast<uint32_t>(index)};
}

}  // namespace tidemark::streams
