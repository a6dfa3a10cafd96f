#include "api/dynamodb/owned_resource.h"

#include <algorithm>
#include <array>

namespace tidemark::api::dynamodb {

namespace {

constexpr size_t kCompiledMax = 1024;
constexpr size_t kAccountDigits = 12;

// Cuts the text up to the next `separator` off the front.
std::string_view CutField(std::string_view* rest, char separator) {
  const size_t end = std::min(rest->find(separator), rest->size());
  const std::string_view field = rest->substr(0, end);
  rest->remove_prefix(std::min(end + 1, rest->size()));
  return field;
}

}  // namespace

OwnedResource FindOwned(std::string_view arn, const catalog::Catalog& catalog) {
  OwnedResource found;
  std::string_view rest = arn;
  std::array<std::string_view, 5> fields;  // arn, partition, service, Region, account
  for (std::string_view& field : fields) field = CutField(&rest, ':');
  const bool ours = fields[0] == "arn" && fields[1] == "aws" && fields[2] == "dynamodb" &&
                    fields[4].size() == kAccountDigits;
  if (!ours) return found;
  found.account = AccountId(std::string(fields[4]));
  if (CutField(&rest, '/') != "table") return found;
  const std::string_view name = CutField(&rest, '/');
  const std::string_view kind = CutField(&rest, '/');
  const Region region{std::string(fields[3])};
  if (kind.empty() || kind == "index") {
    found.table = catalog.FindTable(found.account, region, name);
    if (found.table) found.policy = &found.table->policy;
  } else if (kind == "stream") {
    found.table = catalog.FindTable(found.account, region, name);
    if (!found.table || !found.table->stream || found.table->stream->label != rest)
      found.table = catalog.FindFormerStream(arn);
    if (found.table) found.policy = &found.table->stream->policy;
  }
  if (found.policy && found.policy->text.empty()) found.policy = nullptr;
  return found;
}

std::shared_ptr<const policy::Document> CompiledPolicies::Find(
    const catalog::ResourcePolicy* policy) const {
  if (!policy) return nullptr;
  std::lock_guard lock(mutex_);
  const auto at = by_revision_.find(policy->revision);
  if (at != by_revision_.end()) return at->second;
  auto parsed = policy::ParseDocument(policy->text, policy::DocumentKind::kResource);
  if (!parsed) return nullptr;
  auto document = std::make_shared<const policy::Document>(*std::move(parsed));
  if (by_revision_.size() >= kCompiledMax) by_revision_.clear();
  by_revision_.emplace(policy->revision, document);
  return document;
}

}  // namespace tidemark::api::dynamodb
