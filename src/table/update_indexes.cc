#include "table/update_indexes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "table/create_indexes.h"
#include "table/invalid.h"

namespace tidemark::table {
namespace {

using catalog::IndexRecord;
using catalog::IndexStatus;

// Numbers are never used again; the last is kept for a table's own purposes.
constexpr uint16_t kNumbersEnd = 0xFFFF;

std::string_view NameOf(const IndexUpdateRequest& update) {
  if (update.update) return update.update->name;
  if (update.create) return update.create->name;
  return *update.remove;
}

Unexpected OnlyOne() {
  return Fail(ErrorKind::kLimitExceeded,
              "Subscriber limit exceeded: Only 1 online index can be created or deleted "
              "simultaneously per table");
}

// The index an action other than Create is about.
Result<IndexRecord*> FindGlobal(std::string_view name, std::string_view action,
                                catalog::TableRecord* record) {
  IndexRecord* index = record->FindIndex(name);
  if (!index)
    return Fail(ErrorKind::kResourceNotFound, "Requested resource not found: Index: {} not found",
                name);
  if (index->local)
    return Fail(ErrorKind::kValidation, "Cannot {} an index that is not a GlobalSecondaryIndex: {}",
                action, name);
  return index;
}

// Those that a request defines besides what the table has.
Result<void> AddDefinitions(const std::vector<catalog::AttributeDefinition>& attributes,
                            catalog::TableRecord* record) {
  std::set<std::string_view> names;
  for (const auto& attribute : attributes) {
    if (!names.insert(attribute.name).second)
      return Invalid("Attribute Name is duplicated: {}", attribute.name);
    const auto at =
        std::ranges::find(record->attributes, attribute.name, &catalog::AttributeDefinition::name);
    if (at == record->attributes.end()) {
      record->attributes.push_back(attribute);
    } else if (at->type != attribute.type) {
      return Invalid("Attribute {} is a key of the table or of an index, with another type",
                     attribute.name);
    }
  }
  return {};
}

// `attributes`: those the request defines. A key must be among them, also where the table has it.
Result<void> Create(const IndexRequest& request,
                    const std::vector<catalog::AttributeDefinition>& attributes,
                    catalog::TableRecord* record) {
  if (record->FindIndex(request.name))
    return Fail(ErrorKind::kValidation, "Attempting to create an index which already exists");
  const auto globals =
      static_cast<size_t>(std::ranges::count(record->indexes, false, &IndexRecord::local));
  if (globals >= kGlobalIndexesMax || record->next_index == kNumbersEnd)
    return Fail(ErrorKind::kLimitExceeded,
                "GlobalSecondaryIndex count exceeds the per-table limit of {}", kGlobalIndexesMax);
  if (attributes.empty())
    return Invalid("AttributeDefinitions is not specified for index: {}", request.name);
  TM_TRYV(CheckKeysDefined(attributes, {&request, 1}));
  TM_TRY(auto index, MakeIndex(*record, request, false));
  index.status = IndexStatus::kCreating;
  index.definition.building = true;
  index.definition.deletes_only = true;
  AddIndex(std::move(index), record);
  return {};
}

Result<void> Remove(std::string_view name, catalog::TableRecord* record) {
  TM_TRY(auto* index, FindGlobal(name, "delete", record));
  if (!index->IsKept())
    return Fail(ErrorKind::kResourceInUse,
                "Attempt to change a resource which is still in use: Index is being deleted: {}",
                name);
  index->status = IndexStatus::kDeleting;
  return {};
}

Result<void> ChangeThroughput(const catalog::Throughput& wanted, const catalog::TableRecord& record,
                              IndexRecord* index) {
  if (record.billing == catalog::BillingMode::kPayPerRequest)
    return Invalid(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: {} when "
        "BillingMode is PAY_PER_REQUEST",
        index->name);
  TM_TRYV(CheckIndexUnits(wanted, index->name));
  const auto had = index->throughput;
  if (wanted == had)
    return Fail(ErrorKind::kValidation,
                "The provisioned throughput for the index {} will not change. The requested value "
                "equals the current value. Current ReadCapacityUnits provisioned for the index: "
                "{}. Requested ReadCapacityUnits: {}. Current WriteCapacityUnits provisioned for "
                "the index: {}. Requested WriteCapacityUnits: {}. Refer to the Amazon DynamoDB "
                "Developer Guide for current limits and how to request higher limits.",
                index->name, had.read_units, wanted.read_units, had.write_units,
                wanted.write_units);
  index->throughput = wanted;
  return {};
}

Result<void> ChangeThroughput(const IndexRequest& request, catalog::TableRecord* record) {
  TM_TRY(auto* index, FindGlobal(request.name, "update", record));
  if (index->status != IndexStatus::kActive)
    return Fail(ErrorKind::kResourceInUse,
                "Attempt to change a resource which is still in use: Index is being {}: {}",
                index->status == IndexStatus::kCreating ? "created" : "deleted", request.name);
  if (request.throughput) TM_TRYV(ChangeThroughput(*request.throughput, *record, index));
  if (request.on_demand) {
    if (record->billing != catalog::BillingMode::kPayPerRequest)
      return Invalid(
          "MaxReadRequestUnits for OnDemandThroughput for index: {} cannot be specified when table "
          "BillingMode is PROVISIONED.",
          request.name);
    index->on_demand = request.on_demand;
  }
  return {};
}

}  // namespace

Result<void> CheckIndexUpdates(const std::vector<IndexUpdateRequest>& updates) {
  if (updates.empty()) return Invalid("List of GlobalSecondaryIndexUpdates is empty");
  std::set<std::string_view> names;
  for (const auto& update : updates) {
    const int actions =
        update.create.has_value() + update.update.has_value() + update.remove.has_value();
    if (actions == 0)
      return Invalid(
          "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
          "GlobalSecondaryIndexUpdate.Delete must not be null");
    if (actions > 1)
      return Invalid(
          "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate "
          "object");
    if (!names.insert(NameOf(update)).second)
      return Invalid(
          "Only one global secondary index update per index is allowed simultaneously. Index: {}",
          NameOf(update));
  }
  return {};
}

Result<void> ApplyIndexUpdates(const std::vector<IndexUpdateRequest>& updates,
                               const std::vector<catalog::AttributeDefinition>& attributes,
                               catalog::TableRecord* record) {
  int comings = 0;  // and goings
  for (const auto& update : updates) {
    if (!update.create && !update.remove) continue;
    ++comings;
    // One that is being built may be given up.
    const bool other_under_way =
        std::ranges::any_of(record->indexes, [&](const IndexRecord& index) {
          return index.status != IndexStatus::kActive && index.name != NameOf(update);
        });
    if (comings > 1 || other_under_way) return OnlyOne();
  }
  TM_TRYV(AddDefinitions(attributes, record));
  bool created = false;
  for (const auto& update : updates) {
    if (update.create) TM_TRYV(Create(*update.create, attributes, record));
    if (update.remove) TM_TRYV(Remove(*update.remove, record));
    if (update.update) TM_TRYV(ChangeThroughput(*update.update, record));
    created |= update.create.has_value();
  }
  // As in the service, what no key uses is left out, though CreateTable refuses it.
  record->DropUnusedAttributes();
  return created ? CheckAllIndexes(*record) : Result<void>();
}

}  // namespace tidemark::table
