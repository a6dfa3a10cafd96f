// Requests of REST-JSON services: which operation a method and path mean, and the request's input
// as one JSON document, from its path, query and body, for the generated parsers.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tidemark::api::wire {

enum class RestForm : uint8_t { kText, kBoolean, kInteger, kLong, kTimestamp };

struct RestParameter {
  std::string_view parameter;  // "maxResults"
  std::string_view member;     // "MaxResults"
  RestForm form;
};

struct RestRoute {
  std::string_view operation;  // "DescribeBackupVault"
  std::string_view method;     // "GET"
  std::string_view path;       // "/backup-vaults/{BackupVaultName}": what is in braces are members
  std::span<const RestParameter> query;
};

struct RestMatch {
  const RestRoute* route;
  std::vector<std::pair<std::string_view, std::string>> labels;  // members of the path, decoded
};

// `path` is as sent: still percent-encoded, so that an encoded '/' does not end a part. A '/' at
// its end does not count. Of two routes that match, the one with a text where the other has a
// member.
std::optional<RestMatch> MatchRoute(std::span<const RestRoute> routes, std::string_view method,
                                    std::string_view path);

// The members of the path and query, and those of `body`, a JSON object or empty. Query parameters
// that the route does not name are passed over. kSerialization: the body is no object;
// kConstraint: a parameter is not of its form.
Result<std::string> RequestDocument(const RestMatch& match, std::string_view query,
                                    std::string_view body);

}  // namespace tidemark::api::wire
