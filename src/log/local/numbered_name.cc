#include "log/local/numbered_name.h"

#include <fmt/core.h>

#include <charconv>
#include <string>
#include <system_error>

namespace tidemark::log {
namespace {
constexpr size_t kDigits = 10;
}  // namespace

std::filesystem::path NumberedName::Path(const std::filesystem::path& directory,
                                         uint32_t number) const {
  return directory / fmt::format("{}{:010}{}", prefix, number, suffix);
}

uint32_t NumberedName::Number(const std::filesystem::path& path) const {
  std::string text = path.filename().string();
  std::string_view name = text;
  if (name.size() != prefix.size() + kDigits + suffix.size()) return 0;
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return 0;
  const char* first = name.data() + prefix.size();
  uint32_t number = 0;
  auto [end, error] = std::from_chars(first, first + kDigits, number);
  return error == std::errc() && end == first + kDigits ? number : 0;
}

}  // namespace tidemark::log
