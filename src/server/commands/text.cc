#include "server/commands/text.h"

#include <fmt/format.h>

#include <array>

#include "codec/instant.h"

namespace tidemark::server {

std::string InstantText(Timestamp time) {
  if (time == Timestamp{}) return "-";
  return codec::FormatInstant(time);
}

std::string BytesText(double bytes) {
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{:.0f} B", bytes);
  size_t unit = 0;
  for (bytes /= 1024; bytes >= 1024 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

}  // namespace tidemark::server
