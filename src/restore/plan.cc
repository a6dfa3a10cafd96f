#include "restore/plan.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::restore {
namespace {

Error Invalid(std::string_view text) {
  return MakeError(ErrorKind::kValidation, "One or more parameter values were invalid: {}", text);
}

template <class... Args>
Unexpected InvalidRequest(fmt::format_string<Args...> format, Args&&... args) {
  return Fail(ErrorKind::kValidation, "Invalid Request: {}",
              fmt::format(format, std::forward<Args>(args)...));
}

bool Matches(const std::vector<item::KeyAttribute>& attributes, table::KeyElement::Role role,
             const std::vector<table::KeyElement>& keys) {
  size_t next = 0;
  for (const auto& element : keys) {
    if (element.role != role) continue;
    if (next == attributes.size() || attributes[next].name != element.name) return false;
    ++next;
  }
  return next == attributes.size();
}

// An override repeats the definition of an index of the source.
bool Matches(const catalog::IndexRecord& index, const table::IndexRequest& request) {
  using Role = table::KeyElement::Role;
  const auto& definition = index.definition;
  const std::set<std::string> included(definition.included.begin(), definition.included.end());
  const auto given = request.included.value_or(std::vector<std::string>{});
  return index.name == request.name &&
         Matches(definition.partition, Role::kHash, request.key_schema) &&
         Matches(definition.sort, Role::kRange, request.key_schema) &&
         request.projection.value_or(definition.projection) == definition.projection &&
         std::set<std::string>(given.begin(), given.end()) == included;
}

Result<void> SetThroughput(const table::IndexRequest* request, const catalog::TableRecord& target,
                           const catalog::TableRecord& source, catalog::IndexRecord* index) {
  using catalog::BillingMode;
  if (target.billing == BillingMode::kPayPerRequest) {
    index->throughput = {};
    if (request && request->throughput)
      return InvalidRequest(
          "Cannot override ProvisionedThroughput if BillingMode is overridden to PAY_PER_REQUEST "
          "for index {}",
          index->name);
    if (request && request->on_demand) index->on_demand = request->on_demand;
    return {};
  }
  index->on_demand.reset();
  if (request && request->throughput) {
    index->throughput = *request->throughput;
  } else if (source.billing != BillingMode::kProvisioned) {
    return InvalidRequest("Must specify provisioned throughput for index {}", index->name);
  }
  return {};
}

// Adds the source's indexes of one kind, or those of them that `wanted` names.
Result<void> PlanKind(const catalog::TableRecord& source,
                      const std::optional<std::vector<table::IndexRequest>>& wanted, bool local,
                      Timestamp as_of, catalog::TableRecord* target) {
  size_t found = 0;
  for (const auto& old_index : source.indexes) {
    if (old_index.local != local || !old_index.IsKept()) continue;
    const table::IndexRequest* request = nullptr;
    if (wanted) {
      const auto at =
          std::ranges::find_if(*wanted, [&](const auto& one) { return Matches(old_index, one); });
      if (at == wanted->end()) continue;
      request = &*at;
      ++found;
    }
    catalog::IndexRecord index = old_index;
    index.status = catalog::IndexStatus::kActive;
    index.definition.building =
        old_index.status != catalog::IndexStatus::kActive || old_index.ready_at > as_of;
    index.definition.deletes_only = false;  // nobody uses the table yet
    index.ready_at = {};
    index.built_to.clear();
    if (!local) TM_TRYV(SetThroughput(request, *target, source, &index));
    target->indexes.push_back(std::move(index));
  }
  if (!wanted || found == wanted->size()) return {};
  for (const auto& request : *wanted) {
    const auto* index = source.FindIndex(request.name);
    if (index && index->local == local && Matches(*index, request)) continue;
    return InvalidRequest(
        "Index {} does not match a secondary index that existed in the source table and cannot be "
        "created during the restore operation",
        request.name);
  }
  return InvalidRequest("Duplicate index name in override");
}

Result<void> PlanIndexes(const catalog::TableRecord& source, const Overrides& overrides,
                         Timestamp as_of, catalog::TableRecord* target) {
  target->next_index = source.next_index;
  TM_TRYV(PlanKind(source, overrides.local_indexes, true, as_of, target));
  TM_TRYV(PlanKind(source, overrides.global_indexes, false, as_of, target));
  target->DropUnusedAttributes();
  return {};
}

}  // namespace

Result<catalog::TableRecord> PlanTarget(const catalog::TableRecord& source,
                                        const AccountId& account, const Region& region,
                                        std::string_view name, const Overrides& overrides,
                                        Timestamp as_of) {
  using catalog::BillingMode;
  catalog::TableRecord target;
  target.account = account;
  target.region = region;
  target.name = name;
  target.keys = source.keys;
  target.attributes = source.attributes;
  target.billing = overrides.billing.value_or(source.billing);
  if (overrides.throughput) {
    if (target.billing != BillingMode::kProvisioned) {
      return Fail(
          Invalid("ProvisionedThroughputOverride can only be specified with BillingModeOverride "
                  "PROVISIONED"));
    }
    target.throughput = *overrides.throughput;
  } else if (target.billing == BillingMode::kProvisioned) {
    if (source.billing != BillingMode::kProvisioned) {
      return Fail(
          Invalid("ProvisionedThroughputOverride must be specified when BillingModeOverride is "
                  "PROVISIONED"));
    }
    target.throughput = source.throughput;
  }
  if (target.billing == BillingMode::kPayPerRequest) {
    target.on_demand = overrides.on_demand ? overrides.on_demand : source.on_demand;
  } else if (overrides.on_demand) {
    return Fail(
        Invalid("OnDemandThroughputOverride can only be specified with BillingModeOverride "
                "PAY_PER_REQUEST"));
  }
  target.sse = overrides.sse.value_or(source.sse);
  TM_TRYV(PlanIndexes(source, overrides, as_of, &target));
  return target;
}

void CarryAll(const catalog::TableRecord& source, catalog::TableRecord* target,
              catalog::RestoreSummary* restore) {
  target->tags = source.tags;
  target->table_class = source.table_class;
  target->deletion_protection = source.deletion_protection;
  target->ttl = source.ttl;
  target->ttl.unsettled = !source.ttl.attribute.empty();
  if (source.stream && source.stream->enabled)
    target->stream = catalog::StreamSettings{
        .enabled = true, .view = source.stream->view, .label = {}, .policy = {}};
  restore->recovery_days = source.pitr.enabled ? source.pitr.period_days : 0;
}

}  // namespace tidemark::restore
