// The query protocol: requests are forms (Action=...&UserName=...&Tags.member.1.Key=...), checked
// against tables of what each may hold; answers are XML.
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemark::api::wire {

struct QueryMember;

// What a member may hold. Tables of these are generated (iam/parameters_gen.cc).
struct QueryType {
  enum class Kind { kText, kInteger, kBoolean, kList, kStructure };
  Kind kind = Kind::kText;
  const QueryType* element = nullptr;                 // kList
  std::span<const QueryMember> members = {};          // kStructure
  int64_t min = std::numeric_limits<int64_t>::min();  // of a text's length or a number's value
  int64_t max = std::numeric_limits<int64_t>::max();  // of a list's length too
  bool (*matches)(std::string_view) = nullptr;
  std::string_view pattern = {};
  std::span<const std::string_view> texts = {};  // an enumeration; empty: any text
};

struct QueryMember {
  std::string_view name;
  const QueryType* type;
  bool required;
};

// The patterns of the models.
bool IsName(std::string_view text);         // [\w+=,.@-]+
bool IsNameOrEmpty(std::string_view text);  // [\w+=,.@-]*
bool IsExternalId(std::string_view text);   // the same, and :/
bool IsWord(std::string_view text);         // \w+
bool IsPath(std::string_view text);         // "/", "/a/b/"
bool IsPolicyPath(std::string_view text);   // the same of letters, digits and .,+@=_-
bool IsPathPrefix(std::string_view text);   // begins with '/'
bool IsLatin(std::string_view text);        // U+0020 to U+00FF
bool IsDocument(std::string_view text);     // the same, and tabs and line ends
bool IsTag(std::string_view text);          // letters, digits, spaces and _.:/=+-@
bool IsVersion(std::string_view text);      // "v1"

// The decoded parameters of a request. Of a name given twice, the last counts.
class QueryParameters {
 public:
  static QueryParameters Parse(std::string_view form);

  // All violations in one text: kConstraint.
  Result<void> Check(std::span<const QueryMember> members) const;

  // After Check. Null: absent.
  const std::string* Find(std::string_view name) const;
  std::optional<std::string> Optional(std::string_view name) const;
  const std::string& Text(std::string_view name) const;  // "" if absent
  int64_t Int(std::string_view name, int64_t otherwise) const;
  bool Bool(std::string_view name) const;  // false if absent
  std::vector<std::string> List(std::string_view name) const;
  // How many elements a list has: NAME.member.1 ... without a gap.
  size_t Count(std::string_view name) const;

 private:
  bool HasUnder(const std::string& prefix) const;

  std::map<std::string, std::string, std::less<>> values_;
};

// NAME.member.3 (or NAME.member.3.MEMBER)
std::string ElementName(std::string_view list, size_t index, std::string_view member = {});

}  // namespace tidemark::api::wire
