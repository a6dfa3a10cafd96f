#include "base/told_paths.h"

namespace tidemark {

std::string WithoutDirectories(std::string_view text) {
  constexpr std::string_view kBefore = " '\"(", kBehind = " '\"),;";
  std::string told;
  while (!text.empty()) {
    const bool begins = told.empty() || kBefore.find(told.back()) != kBefore.npos;
    if (text.front() != '/' || !begins) {
      told += text.front();
      text.remove_prefix(1);
      continue;
    }
    std::string_view path = text.substr(0, text.find_first_of(kBehind));
    text.remove_prefix(path.size());
    told += path.size() == 1 ? path : path.substr(path.rfind('/', path.size() - 2) + 1);
  }
  return told;
}

}  // namespace tidemark
