// A text of a policy that requests are matched against: wildcards and ${variables}.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/context.h"

namespace tidemark::policy {

// Which characters of a text are special.
struct PatternForm {
  bool wildcards = true;   // '*' any text, '?' one character
  bool variables = false;  // ${key}, ${key, 'default'}, ${*} ${?} ${$}
};

// An immutable value; compiled once, matched often.
class Pattern {
 public:
  // Nothing: a "${" without an end, or without a name; U+0001 or U+0002.
  static std::optional<Pattern> Parse(std::string_view text, PatternForm form);

  // The same with every variable replaced by its value. Nothing: one has no value, or several.
  std::optional<Pattern> Expand(const Context& context) const;
  bool has_variables() const { return !variables_.empty(); }
  bool has_wildcards() const;
  void AddVariables(std::set<std::string>* keys) const;

  // The rest: of a pattern without variables.
  bool Matches(std::string_view subject) const;
  // As an ARN: part by part, so that a '*' of one does not reach into the next; the last part of
  // the pattern spans what is left.
  bool MatchesArn(std::string_view arn) const;
  // Of one without wildcards: the text.
  const std::string& text() const { return text_; }

 private:
  struct Variable {
    size_t at;  // in text_, where the value goes
    std::string key;
    std::optional<std::string> fallback;
  };

  std::string text_;  // wildcards as control characters, which no policy may hold
  std::vector<Variable> variables_;
};

}  // namespace tidemark::policy
