// Percent-encoding as signatures want it (RFC 3986: A-Z a-z 0-9 - . _ ~ stay, upper-case digits),
// and access to the parts of a query string.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::sigv4 {

void AppendUriEncoded(std::string_view text, std::string* out);
// '+' becomes a space, as in forms; a '%' without two hex digits behind it stays.
std::string DecodeQueryPart(std::string_view text);

// Calls visit(name, value), both as sent, for every part of "a=1&b&c=2"; empty parts are skipped.
template <class Visit>
void ForEachQueryPart(std::string_view query, Visit visit) {
  while (!query.empty()) {
    size_t end = query.find('&');
    std::string_view part = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (part.empty()) continue;
    size_t equals = part.find('=');
    visit(part.substr(0, equals),
          equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1));
  }
}

// The decoded value of the first parameter of that (case-sensitive) name.
std::optional<std::string> FindQueryParameter(std::string_view query, std::string_view name);

}  // namespace tidemark::sigv4
