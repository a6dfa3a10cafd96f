#include "sigv4/canonical.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sigv4/uri.h"

namespace tidemark::sigv4 {

namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Calls visit(name) for each of "a;b;c"; empty names are skipped.
template <class Visit>
void ForEachName(std::string_view names, Visit visit) {
  while (!names.empty()) {
    size_t end = names.find(';');
    std::string_view name = names.substr(0, end);
    names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
    if (!name.empty()) visit(name);
  }
}

bool IsCanonicalNameList(std::string_view names) {
  bool canonical = !names.empty() && names.back() != ';';
  std::string_view previous;
  size_t bytes = 0;
  ForEachName(names, [&](std::string_view name) {
    canonical = canonical && previous < name &&
                std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    previous = name;
    bytes += name.size() + 1;
  });
  return canonical && bytes == names.size() + 1;  // no empty name was skipped
}

// Lower case, sorted, each once: what every client sends anyway.
std::string CanonicalNameList(std::string_view names) {
  std::vector<std::string> sorted;
  ForEachName(names, [&](std::string_view name) {
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
    sorted.push_back(std::move(lower));
  });
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string list;
  for (const std::string& name : sorted) {
    if (!list.empty()) list.push_back(';');
    list += name;
  }
  return list;
}

// WHY apart, and without an early end: compilers look at many characters at once then, and session
// tokens have a thousand.
bool HasNoSpace(std::string_view value) {
  unsigned found = 0;
  for (char c : value) found |= static_cast<unsigned char>(c) <= ' ' ? 1u : 0u;
  return found == 0;
}

// No white space but single spaces between other characters.
bool IsTrimmed(std::string_view value) {
  if (HasNoSpace(value)) return true;
  bool space_before = true;
  for (char c : value) {
    bool space = IsSpace(c);
    if (space && (space_before || c != ' ')) return false;
    space_before = space;
  }
  return value.empty() || !space_before;
}

// Without white space at the ends, inner runs of it as one space.
void AppendTrimmed(std::string_view value, std::string* out) {
  if (IsTrimmed(value)) {
    out->append(value);
    return;
  }
  bool space_before = false;
  size_t start = out->size();
  for (char c : value) {
    if (IsSpace(c)) {
      space_before = true;
      continue;
    }
    if (space_before && out->size() != start) out->push_back(' ');
    space_before = false;
    out->push_back(c);
  }
}

void AppendHeaders(std::span<const HeaderField> headers, std::string_view names, std::string* out) {
  ForEachName(names, [&](std::string_view name) {
    out->append(name);
    out->push_back(':');
    bool first = true;
    for (const HeaderField& header : headers) {
      if (header.name.size() != name.size() || !EqualsIgnoringCase(header.name, name)) continue;
      if (!first) out->push_back(',');
      first = false;
      AppendTrimmed(header.value, out);
    }
    out->push_back('\n');
  });
}

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

void AppendCanonicalPath(std::string_view path, std::string* out) {
  if (path.empty() || path == "/") {
    out->push_back('/');
    return;
  }
  std::vector<std::string_view> segments;
  bool ends_in_slash = path.back() == '/';
  for (size_t begin = 0; begin < path.size();) {
    size_t end = std::min(path.find('/', begin), path.size());
    std::string_view segment = path.substr(begin, end - begin);
    begin = end + 1;
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
  }
  for (std::string_view segment : segments) {
    out->push_back('/');
    AppendUriEncoded(segment, out);
  }
  if (segments.empty() || ends_in_slash) out->push_back('/');
}

void AppendCanonicalQuery(std::string_view query, std::string* out) {
  if (query.empty()) return;
  std::vector<std::pair<std::string, std::string>> parts;
  ForEachQueryPart(query, [&](std::string_view raw_name, std::string_view raw_value) {
    std::string name, value;
    AppendUriEncoded(DecodeQueryPart(raw_name), &name);
    if (name == "X-Amz-Signature") return;
    AppendUriEncoded(DecodeQueryPart(raw_value), &value);
    parts.emplace_back(std::move(name), std::move(value));
  });
  std::sort(parts.begin(), parts.end());
  bool first = true;
  for (const auto& [name, value] : parts) {
    if (!first) out->push_back('&');
    first = false;
    out->append(name).append("=").append(value);
  }
}

void AppendCanonicalRequest(const CanonicalInput& input, std::string* out) {
  std::string sorted_names;
  std::string_view names = input.signed_headers;
  if (!IsCanonicalNameList(names)) names = sorted_names = CanonicalNameList(names);
  out->reserve(out->size() + 1024);
  out->append(input.method).push_back('\n');
  if (input.path_as_is) {
    out->append(input.path);
  } else {
    AppendCanonicalPath(input.path, out);
  }
  out->push_back('\n');
  AppendCanonicalQuery(input.query, out);
  out->push_back('\n');
  AppendHeaders(input.headers, names, out);
  out->push_back('\n');
  out->append(names).push_back('\n');
  out->append(input.payload_hash);
}

}  // namespace tidemark::sigv4
