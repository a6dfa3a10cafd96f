// File names that carry a segment's number in ten digits.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace tidemark::log {

struct NumberedName {
  std::string_view prefix;
  std::string_view suffix;

  std::filesystem::path Path(const std::filesystem::path& directory, uint32_t number) const;
  // 0: the name is not one of these.
  uint32_t Number(const std::filesystem::path& path) const;
};

}  // namespace tidemark::log
