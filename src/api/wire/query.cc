#include "api/wire/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "codec/json_reader.h"
#include "sigv4/uri.h"

namespace tidemark::api::wire {

namespace {

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Of letters and digits, and what `more` has.
bool IsOf(std::string_view text, std::string_view more) {
  return std::ranges::all_of(
      text, [&](char c) { return IsAlphanumeric(c) || more.find(c) != std::string_view::npos; });
}

std::optional<int64_t> ReadInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int64_t Characters(std::string_view text) {
  return std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

// "Tags.member.1.Key" -> "tags.1.member.key", as the service words it.
std::string Spoken(std::string_view name) {
  std::string spoken;
  bool first = true;
  for (const char c : name) {
    spoken += first && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    first = c == '.';
  }
  return spoken;
}

// A part of a form. What is no UTF-8 becomes U+FFFD, as with the service: it could be neither
// stored nor answered.
std::string Decode(std::string_view part) {
  std::string text = sigv4::DecodeQueryPart(part);
  if (simdjson::validate_utf8(text)) return text;
  std::string replaced;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      replaced += c;
    } else {
      replaced += "\xEF\xBF\xBD";
    }
  }
  return replaced;
}

class Violations {
 public:
  void Add(std::string_view value, std::string_view name, std::string_view constraint) {
    AddText(fmt::format("Value '{}' at '{}' failed to satisfy constraint: {}", value, Spoken(name),
                        constraint));
  }
  void AddMissing(std::string_view name) {
    AddText(fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null",
                        Spoken(name)));
  }
  // Told alone, in words of its own.
  void AddName(std::string_view name) {
    if (!special_.empty()) return;
    special_ = fmt::format(
        "The specified value for {} is invalid. It must contain only alphanumeric characters "
        "and/or the following: +=,.@_-",
        Spoken(name));
  }
  Result<void> Finish() const {
    if (count_ > 0) {
      return Fail(ErrorKind::kConstraint, "{} validation error{} detected: {}", count_,
                  count_ == 1 ? "" : "s", texts_);
    }
    if (!special_.empty()) return Fail(ErrorKind::kConstraint, "{}", special_);
    return {};
  }

 private:
  void AddText(const std::string& text) { texts_ += (count_++ > 0 ? "; " : "") + text; }
  size_t count_ = 0;
  std::string texts_;
  std::string special_;
};

void CheckText(const std::string& name, const std::string& value, const QueryType& type,
               Violations* to) {
  const int64_t length = Characters(value);
  if (length < type.min) {
    to->Add(value, name,
            fmt::format("Member must have length greater than or equal to {}", type.min));
  }
  if (length > type.max) {
    to->Add(value, name, fmt::format("Member must have length less than or equal to {}", type.max));
  }
  if (!type.texts.empty() &&
      std::ranges::find(type.texts, std::string_view(value)) == type.texts.end()) {
    to->Add(value, name,
            fmt::format("Member must satisfy enum value set: [{}]", fmt::join(type.texts, ", ")));
  }
  if (!type.matches || type.matches(value)) return;
  if (type.matches == IsName) {
    to->AddName(name);
  } else {
    to->Add(value, name,
            fmt::format("Member must satisfy regular expression pattern: {}", type.pattern));
  }
}

void CheckInteger(const std::string& name, const std::string& value, const QueryType& type,
                  Violations* to) {
  const auto number = ReadInteger(value);
  if (!number) {
    to->Add(value, name, "Member must be an integer");
  } else if (*number < type.min) {
    to->Add(value, name,
            fmt::format("Member must have value greater than or equal to {}", type.min));
  } else if (*number > type.max) {
    to->Add(value, name, fmt::format("Member must have value less than or equal to {}", type.max));
  }
}

void CheckMembers(const QueryParameters& parameters, const std::string& prefix,
                  std::span<const QueryMember> members, Violations* to);

void CheckValue(const QueryParameters& parameters, const std::string& name, const QueryType& type,
                Violations* to) {
  const std::string* value = parameters.Find(name);
  switch (type.kind) {
    case QueryType::Kind::kText:
      if (value) CheckText(name, *value, type, to);
      break;
    case QueryType::Kind::kInteger:
      if (value) CheckInteger(name, *value, type, to);
      break;
    case QueryType::Kind::kBoolean:
      if (value && *value != "true" && *value != "false")
        to->Add(*value, name, "Member must satisfy enum value set: [true, false]");
      break;
    case QueryType::Kind::kStructure:
      CheckMembers(parameters, name + ".", type.members, to);
      break;
    case QueryType::Kind::kList: {
      const size_t count = parameters.Count(name);
      if (static_cast<int64_t>(count) > type.max) {
        to->Add("[...]", name,
                fmt::format("Member must have length less than or equal to {}", type.max));
      }
      for (size_t i = 0; i < count; ++i)
        CheckValue(parameters, ElementName(name, i), *type.element, to);
      break;
    }
  }
}

void CheckMembers(const QueryParameters& parameters, const std::string& prefix,
                  std::span<const QueryMember> members, Violations* to) {
  for (const QueryMember& member : members) {
    const std::string name = prefix + std::string(member.name);
    // An empty list comes as "Name=".
    const bool there = parameters.Find(name) || parameters.Count(name) > 0;
    if (member.required && !there) to->AddMissing(name);
    if (there) CheckValue(parameters, name, *member.type, to);
  }
}

}  // namespace

bool IsName(std::string_view text) { return !text.empty() && IsOf(text, "_+=,.@-"); }
bool IsNameOrEmpty(std::string_view text) { return IsOf(text, "_+=,.@-"); }
bool IsExternalId(std::string_view text) { return IsOf(text, "_+=,.@:/-"); }
bool IsWord(std::string_view text) { return !text.empty() && IsOf(text, "_"); }

bool IsPath(std::string_view text) {
  const auto visible = [](char c) { return c >= 0x21 && c <= 0x7E; };
  return text == "/" || (text.size() > 2 && text.front() == '/' && text.back() == '/' &&
                         std::ranges::all_of(text, visible));
}

bool IsPolicyPath(std::string_view text) {
  return IsPath(text) && IsOf(text, "/.,+@=_-") && text.find("//") == std::string_view::npos;
}

bool IsPathPrefix(std::string_view text) {
  return text.starts_with('/') &&
         std::ranges::all_of(text, [](char c) { return c >= 0x21; });  // up to 0x7F: char is signed
}

bool IsDocument(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte <= 0xC3 : c == '\t' || c == '\n' || c == '\r';
  });
}

bool IsLatin(std::string_view text) {
  return IsDocument(text) && text.find_first_of("\t\n\r") == std::string_view::npos;
}

bool IsTag(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return IsAlphanumeric(c) || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
  });
}

bool IsVersion(std::string_view text) {
  return text.size() > 1 && text[0] == 'v' && text[1] >= '1' && text[1] <= '9' && IsOf(text, ".-");
}

std::string ElementName(std::string_view list, size_t index, std::string_view member) {
  return fmt::format("{}.member.{}{}{}", list, index + 1, member.empty() ? "" : ".", member);
}

QueryParameters QueryParameters::Parse(std::string_view form) {
  QueryParameters parameters;
  sigv4::ForEachQueryPart(form, [&](std::string_view name, std::string_view value) {
    parameters.values_[Decode(name)] = Decode(value);
  });
  return parameters;
}

Result<void> QueryParameters::Check(std::span<const QueryMember> members) const {
  Violations violations;
  CheckMembers(*this, "", members, &violations);
  return violations.Finish();
}

const std::string* QueryParameters::Find(std::string_view name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? nullptr : &at->second;
}

std::optional<std::string> QueryParameters::Optional(std::string_view name) const {
  const std::string* value = Find(name);
  return value ? std::optional(*value) : std::nullopt;
}

const std::string& QueryParameters::Text(std::string_view name) const {
  static const std::string kNone;
  const std::string* value = Find(name);
  return value ? *value : kNone;
}

int64_t QueryParameters::Int(std::string_view name, int64_t otherwise) const {
  const std::string* value = Find(name);
  return value ? ReadInteger(*value).value_or(otherwise) : otherwise;
}

bool QueryParameters::Bool(std::string_view name) const { return Text(name) == "true"; }

bool QueryParameters::HasUnder(const std::string& prefix) const {
  if (values_.contains(prefix)) return true;
  const auto at = values_.lower_bound(prefix + ".");
  return at != values_.end() && at->first.starts_with(prefix + ".");
}

size_t QueryParameters::Count(std::string_view name) const {
  size_t count = 0;
  while (HasUnder(ElementName(name, count))) ++count;
  return count;
}

std::vector<std::string> QueryParameters::List(std::string_view name) const {
  std::vector<std::string> values;
  for (size_t i = 0, count = Count(name); i < count; ++i)
    values.push_back(Text(ElementName(name, i)));
  return values;
}

}  // namespace tidemark::api::wire
