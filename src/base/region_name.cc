#include "base/region_name.h"

#include <fmt/core.h>

namespace tidemark {

namespace {

constexpr size_t kRegionLengthMax = 32;

}  // namespace

bool IsRegionName(std::string_view text) {
  constexpr std::string_view kLegal = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !text.empty() && text.size() <= kRegionLengthMax &&
         text.find_first_not_of(kLegal) == std::string_view::npos;
}

Result<void> CheckRegionName(std::string_view what, std::string_view text) {
  if (IsRegionName(text)) return {};
  return Fail(ErrorKind::kValidation,
              "{} must be the name of a Region, e.g. eu-west-1: 1 to {} of a-z, 0-9 and '-', not "
              "'{}'",
              what, kRegionLengthMax, text);
}

}  // namespace tidemark
