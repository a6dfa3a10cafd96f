// RestoreItems, DescribeItemRestore, ListItemRestores: bringing back less than a table.
#include <algorithm>

#include "api/dynamodb/item_answers.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/past/handlers.h"
#include "api/past/list_token.h"
#include "codec/base64.h"
#include "codec/instant.h"
#include "codec/varint.h"
#include "item/row_key.h"
#include "restore/item_restore.h"
#include "table/key_rules.h"
#include "table/table_name.h"

namespace tidemark::api::past {
namespace {

using catalog::Difference;
using catalog::ItemRestoreRecord;
using dynamodb::DifferenceKind;

constexpr int64_t kItemRestoresDefault = 100;

Difference ToDifference(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::kRemoved:
      return Difference::kRemoved;
    case DifferenceKind::kChanged:
      return Difference::kChanged;
    case DifferenceKind::kAdded:
      break;
  }
  return Difference::kAdded;
}

Result<std::vector<Bytes>> RowsOf(const item::KeySchema& keys, const std::vector<item::Item>& all) {
  std::vector<Bytes> rows;
  for (const item::Item& key : all) {
    TM_TRYV(table::CheckKey(keys, key));
    rows.push_back(table::PrimaryRow(keys, key));
  }
  std::ranges::sort(rows);
  if (std::ranges::adjacent_find(rows) == rows.end()) return rows;
  return Fail(ErrorKind::kValidation, "Provided list of item keys contains duplicates");
}

Result<catalog::ItemSelection> ToSelection(const catalog::TableRecord& table,
                                           const dynamodb::RestoreItemsInput& input) {
  catalog::ItemSelection selection{.table = table.id};
  TM_TRY(selection.from, codec::ParseInstant(*input.restore_date_time));
  if (input.until) {
    TM_TRY(selection.until, codec::ParseInstant(*input.until));
    if (selection.from > *selection.until) {
      return Fail(ErrorKind::kValidation, "RestoreDateTime must not be later than Until: {}, {}",
                  codec::FormatInstant(selection.from), codec::FormatInstant(*selection.until));
    }
  }
  if (!input.kinds) selection.kinds.removed = true;
  for (const DifferenceKind kind : input.kinds.value_or(std::vector<DifferenceKind>()))
    selection.kinds.Of(ToDifference(kind)) = true;
  if (input.partition_key && input.keys) {
    return Fail(ErrorKind::kValidation,
                "PartitionKey and Keys cannot be given together; without both, all items of the "
                "table are meant");
  }
  if (input.partition_key) {
    TM_TRY(auto range, PartitionRange(table.keys, *input.partition_key));
    selection.partition = std::move(range.begin);
  }
  if (input.keys) {
    TM_TRY(selection.rows, RowsOf(table.keys, *input.keys));
  }
  selection.dry_run = input.dry_run.value_or(false);
  return selection;
}

void WriteCounts(std::string_view name, const catalog::DifferenceCounts& counts,
                 codec::JsonWriter* w) {
  w->Key(name).BeginObject();
  for (const auto kind : {Difference::kRemoved, Difference::kChanged, Difference::kAdded})
    w->Field(ToString(kind), static_cast<int64_t>(counts.Of(kind)));
  w->EndObject();
}

Result<void> WriteSelection(const ItemRestoreRecord& job, codec::JsonWriter* w) {
  WriteInstant("RestoreDateTime", job.from, w);
  WriteInstant("Until", job.until, w);
  w->Key("Kinds").BeginArray();
  for (const auto kind : {Difference::kRemoved, Difference::kChanged, Difference::kAdded}) {
    if (job.selection.kinds.Of(kind)) w->String(ToString(kind));
  }
  w->EndArray();
  if (!job.selection.partition.empty()) {
    const item::KeySchema partition{job.keys.partition, std::nullopt};
    TM_TRY(const auto key, item::KeyFromRow(partition, job.selection.partition));
    w->Key("PartitionKey");
    dynamodb::WriteItem(key, w);
  }
  if (!job.selection.rows.empty())
    w->Field("KeyCount", static_cast<int64_t>(job.selection.rows.size()));
  w->FieldBool("DryRun", job.selection.dry_run);
  return {};
}

// The members of the description but for the items that were left alone.
Result<void> WriteSummary(const ItemRestoreRecord& job, codec::JsonWriter* w) {
  w->Field("JobId", job.id.ToString());
  w->Field("TableName", job.table_name).Field("TableId", job.selection.table.ToString());
  w->Field("Status", ToString(job.status));
  if (!job.failure.empty()) w->Field("FailureReason", job.failure);
  TM_TRYV(WriteSelection(job, w));
  WriteOrigin(job.access_key, {}, w);
  WriteInstant("CreationDateTime", job.created, w);
  if (job.ended != Timestamp{}) WriteInstant("EndDateTime", job.ended, w);
  w->Field("ProgressPercent", int64_t{restore::ProgressPercent(job)});
  w->Field("Examined", static_cast<int64_t>(job.examined()));
  WriteCounts("Restored", job.restored, w);
  w->Field("AlreadySo", static_cast<int64_t>(job.already));
  w->Field("Conflicts", static_cast<int64_t>(job.conflicts));
  w->Field("Refused", static_cast<int64_t>(job.refused));
  WriteCounts("NotSelected", job.not_selected, w);
  return {};
}

Result<std::string> DescriptionOf(const ItemRestoreRecord& job) {
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  TM_TRYV(WriteSummary(job, &w));
  w.Key("NotRestored").BeginArray();
  for (const catalog::ItemLeft& left : job.left) {
    TM_TRY(const auto key, item::KeyFromRow(job.keys, left.row));
    w.BeginObject().Key("Key");
    dynamodb::WriteItem(key, &w);
    w.Field("Kind", ToString(left.kind));
    w.Field("Reason", left.refusal.empty() ? "CHANGED_SINCE" : "REFUSED");
    if (!left.refusal.empty()) w.Field("Message", left.refusal);
    w.EndObject();
  }
  w.EndArray().EndObject();
  return answer;
}

}  // namespace

Task<std::string> RestoreItems(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseRestoreItems(body));
  TM_CO_TRY(auto table, FindTable(services, caller, *input.table_name));
  TM_CO_TRY(auto selection, ToSelection(*table, input));
  restore::ItemRestoreRequest request{.table = std::move(table),
                                      .selection = std::move(selection),
                                      .access_key = std::move(caller.origin.access_key),
                                      .token = std::move(input.client_token).value_or("")};
  auto work = [&]() -> Result<std::string> {
    TM_TRY(const auto job, services.item_restores.Start(std::move(request)));
    return DescriptionOf(*job);
  };
  co_return co_await runtime::Blocking(services.pool, std::move(work));
}

Task<std::string> DescribeItemRestore(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseDescribeItemRestore(body));
  const auto id = ItemRestoreId::Parse(*input.job_id);
  const auto job = id ? services.catalog.FindItemRestore(*id) : nullptr;
  if (!job || job->account != caller.account || job->region != caller.region) {
    co_return Fail(ErrorKind::kResourceNotFound,
                   "No restore of items has the id {}, or it was a long time ago; "
                   "ListItemRestores tells those on record",
                   *input.job_id);
  }
  co_return DescriptionOf(*job);
}

Task<std::string> ListItemRestores(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseListItemRestores(body));
  restore::ItemRestoreQuery query;
  if (input.table_name) {
    TM_CO_TRY(const auto name, table::TableNameOf(caller, *input.table_name));
    query.table_name = std::string(name);
  }
  query.limit = static_cast<size_t>(input.limit.value_or(kItemRestoresDefault));
  if (input.next_token) {
    TM_CO_TRY(const auto place, ReadListToken(*input.next_token));
    query.after = {place.created, ItemRestoreId::FromBytes(place.id)};
  }
  const auto page = services.item_restores.List(caller.account, caller.region, query);
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("ItemRestores").BeginArray();
  for (const auto& job : page.restores) {
    w.BeginObject();
    TM_CO_TRYV(WriteSummary(*job, &w));
    w.EndObject();
  }
  w.EndArray();
  if (page.more)
    w.Field("NextToken",
            ListToken(page.restores.back()->created, page.restores.back()->id.AsBytes()));
  w.EndObject();
  co_return answer;
}

}  // namespace tidemark::api::past
