#include "sigv4/authorization.h"

#include <array>

namespace tidemark::sigv4 {

namespace {

std::string_view Trimmed(std::string_view text) {
  size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

Authorization ParseAuthorization(std::string_view header) {
  header = Trimmed(header);
  size_t space = header.find(' ');
  Authorization result;
  result.algorithm = header.substr(0, space);
  std::string_view rest =
      space == std::string_view::npos ? std::string_view() : header.substr(space + 1);
  while (!rest.empty()) {
    size_t comma = rest.find(',');
    std::string_view part = Trimmed(rest.substr(0, comma));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    if (part.empty()) continue;
    size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      if (!result.part_without_equals) result.part_without_equals = part;
      continue;
    }
    std::string_view key = Trimmed(part.substr(0, equals));
    std::string_view value = Trimmed(part.substr(equals + 1));
    if (key == "Credential") result.credential = value;
    if (key == "SignedHeaders") result.signed_headers = value;
    if (key == "Signature") result.signature = value;
  }
  return result;
}

std::optional<Credential> ParseCredential(std::string_view text) {
  while (!text.empty() && text.back() == '/') text.remove_suffix(1);
  std::array<std::string_view, 5> parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    size_t slash = text.find('/');
    bool last = i + 1 == parts.size();
    if ((slash == std::string_view::npos) != last) return std::nullopt;
    parts[i] = text.substr(0, slash);
    if (!last) text.remove_prefix(slash + 1);
  }
  return Credential{parts[0], parts[1], parts[2], parts[3], parts[4]};
}

}  // namespace tidemark::sigv4
