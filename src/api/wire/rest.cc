#include "api/wire/rest.h"

#include <algorithm>
#include <charconv>

#include "codec/instant.h"
#include "codec/json_writer.h"
#include "sigv4/uri.h"

namespace tidemark::api::wire {

namespace {

// The next part of a path, cut off it; nothing: there is none.
std::optional<std::string_view> NextPart(std::string_view* path) {
  if (path->empty() || path->front() != '/') return std::nullopt;
  path->remove_prefix(1);
  const std::string_view part = path->substr(0, path->find('/'));
  path->remove_prefix(part.size());
  return part;
}

std::string_view WithoutLastSlash(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// In a path a '+' is itself.
std::string DecodePart(std::string_view part) {
  std::string text;
  for (const char c : part) text += c == '+' ? std::string("%2B") : std::string(1, c);
  return sigv4::DecodeQueryPart(text);
}

std::optional<RestMatch> MatchOne(const RestRoute& route, std::string_view path) {
  RestMatch match{&route, {}};
  std::string_view pattern = route.path;
  while (const auto wanted = NextPart(&pattern)) {
    const auto part = NextPart(&path);
    if (!part || part->empty()) return std::nullopt;
    if (wanted->starts_with('{')) {
      match.labels.emplace_back(wanted->substr(1, wanted->size() - 2), DecodePart(*part));
    } else if (*part != *wanted) {
      return std::nullopt;
    }
  }
  return path.empty() ? std::optional(std::move(match)) : std::nullopt;
}

Unexpected BadParameter(const RestParameter& member, std::string_view value,
                        std::string_view form) {
  return Fail(ErrorKind::kConstraint, "The query parameter {} must be {}: {}", member.parameter,
              form, value);
}

Result<void> WriteParameter(const RestParameter& member, const std::string& value,
                            codec::JsonWriter* w) {
  w->Key(member.member);
  switch (member.form) {
    case RestForm::kText:
      w->String(value);
      return {};
    case RestForm::kBoolean:
      if (value != "true" && value != "false") return BadParameter(member, value, "true or false");
      w->Bool(value == "true");
      return {};
    case RestForm::kInteger:
    case RestForm::kLong: {
      int64_t number = 0;
      const char* end = value.data() + value.size();
      const auto read = std::from_chars(value.data(), end, number);
      if (read.ec != std::errc() || read.ptr != end)
        return BadParameter(member, value, "a whole number");
      w->Int(number);
      return {};
    }
    case RestForm::kTimestamp: {
      const auto time = codec::ParseInstant(value);
      if (!time) return BadParameter(member, value, "an instant such as 2026-01-31T00:00:00Z");
      w->EpochSeconds(*time);
      return {};
    }
  }
  return {};
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// What stands between the braces of the object that a body is. That it is JSON is seen when the
// whole document is parsed.
Result<std::string_view> Members(std::string_view body) {
  body = Trimmed(body);
  if (body.empty()) return body;
  if (body.size() < 2 || body.front() != '{' || body.back() != '}')
    return Fail(ErrorKind::kSerialization, "the body is no JSON object");
  return Trimmed(body.substr(1, body.size() - 2));
}

}  // namespace

std::optional<RestMatch> MatchRoute(std::span<const RestRoute> routes, std::string_view method,
                                    std::string_view path) {
  std::optional<RestMatch> best;
  for (const RestRoute& route : routes) {
    if (route.method != method) continue;
    auto match = MatchOne(route, WithoutLastSlash(path));
    if (match && (!best || match->labels.size() < best->labels.size())) best = std::move(match);
  }
  return best;
}

Result<std::string> RequestDocument(const RestMatch& match, std::string_view query,
                                    std::string_view body) {
  TM_TRY(const std::string_view members, Members(body));
  std::string inner;
  codec::JsonWriter w(&inner);
  w.BeginObject();
  for (const RestParameter& member : match.route->query) {
    const auto value = sigv4::FindQueryParameter(query, member.parameter);
    if (value) TM_TRYV(WriteParameter(member, *value, &w));
  }
  for (const auto& [member, value] : match.labels) w.Field(member, value);
  w.EndObject();
  if (members.empty()) return inner;
  // Behind the body's members: of two of one name the last counts.
  const bool more = inner.size() > 2;
  return fmt::format("{{{}{}{}", members, more ? "," : "", inner.substr(1));
}

}  // namespace tidemark::api::wire
