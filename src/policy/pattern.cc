#include "policy/pattern.h"

namespace tidemark::policy {

namespace {

constexpr char kAnyText = '\x01';
constexpr char kOneCharacter = '\x02';
constexpr char kWildcards[] = {kAnyText, kOneCharacter, '\0'};
constexpr size_t kArnParts = 6;

// The byte behind the character that begins at `at` (UTF-8).
size_t NextCharacter(std::string_view text, size_t at) {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

// Linear but for the last '*' seen, to which it falls back.
bool Glob(std::string_view pattern, std::string_view subject) {
  size_t p = 0;
  size_t s = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (s < subject.size()) {
    if (p < pattern.size() && pattern[p] == kAnyText) {
      star = p++;
      resume = s;
    } else if (p < pattern.size() && pattern[p] == kOneCharacter) {
      ++p;
      s = NextCharacter(subject, s);
    } else if (p < pattern.size() && pattern[p] == subject[s]) {
      ++p;
      ++s;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      s = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == kAnyText) ++p;
  return p == pattern.size();
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<Pattern> Pattern::Parse(std::string_view text, PatternForm form) {
  Pattern pattern;
  while (!text.empty()) {
    const char c = text.front();
    if (form.variables && text.starts_with("${")) {
      const size_t end = text.find('}');
      if (end == std::string_view::npos) return std::nullopt;
      const std::string_view inside = text.substr(2, end - 2);
      text.remove_prefix(end + 1);
      if (inside == "*" || inside == "?" || inside == "$") {
        pattern.text_ += inside;
        continue;
      }
      const size_t comma = inside.find(',');
      const std::string_view key = Trim(inside.substr(0, comma));
      if (key.empty()) return std::nullopt;
      Variable variable{pattern.text_.size(), FoldKey(key), std::nullopt};
      if (comma != std::string_view::npos) {
        const std::string_view quoted = Trim(inside.substr(comma + 1));
        if (quoted.size() < 2 || quoted.front() != '\'' || quoted.back() != '\'')
          return std::nullopt;
        variable.fallback = quoted.substr(1, quoted.size() - 2);
      }
      pattern.variables_.push_back(std::move(variable));
      continue;
    }
    text.remove_prefix(1);
    if (c == kAnyText || c == kOneCharacter) return std::nullopt;
    if (form.wildcards && c == '*') {
      pattern.text_ += kAnyText;
    } else if (form.wildcards && c == '?') {
      pattern.text_ += kOneCharacter;
    } else {
      pattern.text_ += c;
    }
  }
  return pattern;
}

std::optional<Pattern> Pattern::Expand(const Context& context) const {
  Pattern expanded;
  size_t done = 0;
  for (const Variable& variable : variables_) {
    expanded.text_.append(text_, done, variable.at - done);
    done = variable.at;
    const Values* values = context.Find(variable.key);
    if (values && values->size() == 1) {
      // A value is text to the last character: it brings no wildcards.
      if (values->front().find_first_of(kWildcards) != std::string::npos) return std::nullopt;
      expanded.text_ += values->front();
    } else if (!values && variable.fallback) {
      expanded.text_ += *variable.fallback;
    } else {
      return std::nullopt;
    }
  }
  expanded.text_.append(text_, done, text_.size() - done);
  return expanded;
}

void Pattern::AddVariables(std::set<std::string>* keys) const {
  for (const Variable& variable : variables_) keys->insert(variable.key);
}

bool Pattern::has_wildcards() const { return text_.find_first_of(kWildcards) != text_.npos; }

bool Pattern::Matches(std::string_view subject) const { return Glob(text_, subject); }

bool Pattern::MatchesArn(std::string_view arn) const {
  std::string_view pattern = text_;
  for (size_t part = 1; part < kArnParts; ++part) {
    const size_t colon = pattern.find(':');
    if (colon == std::string_view::npos) break;
    const size_t end = arn.find(':');
    if (end == std::string_view::npos) return false;
    if (!Glob(pattern.substr(0, colon), arn.substr(0, end))) return false;
    pattern.remove_prefix(colon + 1);
    arn.remove_prefix(end + 1);
  }
  return Glob(pattern, arn);
}

}  // namespace tidemark::policy
