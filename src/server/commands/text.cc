#include "server/commands/text.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace tidemark::server {

std::string InstantText(Timestamp time) {
  if (time == Timestamp{}) return "-";
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto epoch_seconds = static_cast<std::time_t>(seconds.time_since_epoch().count());
  std::tm utc{};
  gmtime_r(&epoch_seconds, &utc);
  std::array<char, 32> text;
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  return fmt::format("{}.{:06}Z", text.data(), (time - seconds).count());
}

std::string BytesText(double bytes) {
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{:.0f} B", bytes);
  size_t unit = 0;
  for (bytes /= 1024; bytes >= 1024 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

}  // namespace tidemark::server
