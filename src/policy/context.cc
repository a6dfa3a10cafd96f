#include "policy/context.h"

namespace tidemark::policy {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

std::string FoldKey(std::string_view key) {
  const size_t name = std::min(key.find('/'), key.size());
  return Lower(key.substr(0, name)).append(key.substr(name));
}

}  // namespace tidemark::policy
