#include "api/tag_keys.h"

#include "api/iam/answers.h"

namespace tidemark::api {

namespace {

std::optional<policy::Values> ValueOf(const iam::Tags& tags, std::string_view name) {
  const auto tag = tags.find(std::string(name));
  return tag == tags.end() ? std::nullopt : std::optional(policy::Values{tag->second});
}

}  // namespace

std::optional<policy::Values> RequestTagValues(const wire::QueryParameters& parameters,
                                               std::string_view key) {
  constexpr std::string_view kPrefix = "aws:requesttag/";
  const bool all = key == "aws:tagkeys";
  if (!all && !key.starts_with(kPrefix)) return std::nullopt;
  const iam::Tags tags = iam_query::TagsOf(parameters);
  if (!all) return ValueOf(tags, key.substr(kPrefix.size()));
  policy::Values keys = parameters.List("TagKeys");
  for (const auto& [name, value] : tags) keys.push_back(name);
  return keys.empty() ? std::nullopt : std::optional(std::move(keys));
}

std::optional<policy::Values> ResourceTagValues(const iam::Tags& tags, std::string_view key) {
  for (const std::string_view prefix : {"aws:resourcetag/", "iam:resourcetag/"}) {
    if (key.starts_with(prefix)) return ValueOf(tags, key.substr(prefix.size()));
  }
  return std::nullopt;
}

}  // namespace tidemark::api
