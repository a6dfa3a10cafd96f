// RestoreItems, DescribeItemRestore, ListItemRestores: bringing back less than a table; and
// RewindTable, the same of all of it.
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
  if (input.restore_date_time.has_value() == input.backup_arn.has_value())
    return Fail(ErrorKind::kValidation, "Specify either RestoreDateTime or BackupArn");
  if (input.restore_date_time) {
    TM_TRY(selection.from, codec::ParseInstant(*input.restore_date_time));
  } else {
    selection.backup_arn = *input.backup_arn;
  }
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

Result<catalog::ItemRestorePtr> FindItemJob(const Services& services, const Caller& caller,
                                            const std::string& job_id) {
  const auto id = ItemRestoreId::Parse(job_id);
  auto job = id ? services.catalog.FindItemRestore(*id) : nullptr;
  if (job && job->account == caller.account && job->region == caller.region) return job;
  return Fail(ErrorKind::kResourceNotFound,
              "No restore of items has the id {}, or it was a long time ago; "
              "ListItemRestores tells those on record",
              job_id);
}

// What takes back a job: the table as it was before it, in the rows that the job wrote last.
Result<void> SelectUndo(const catalog::ItemRestorePtr& job, catalog::ItemSelection* selection) {
  if (job->selection.table != selection->table) {
    return Fail(ErrorKind::kValidation, "The job {} was of another table: {}", job->id.ToString(),
                job->table_name);
  }
  if (job->status == catalog::ItemRestoreStatus::kRunning) {
    return Fail(ErrorKind::kValidation,
                "The job {} is under way and can be undone when it has ended", job->id.ToString());
  }
  if (job->selection.dry_run) {
    return Fail(ErrorKind::kValidation, "The job {} was a dry run: there is nothing to undo",
                job->id.ToString());
  }
  selection->from = job->until;
  selection->until = job->ended;
  selection->undo_of = job->id;
  return {};
}

Result<catalog::ItemSelection> ToRewind(const Services& services, const Caller& caller,
                                        const catalog::TableRecord& table,
                                        const dynamodb::RewindTableInput& input) {
  catalog::ItemSelection selection{.table = table.id, .kinds = {true, true, true}};
  selection.dry_run = input.dry_run.value_or(false);
  selection.rewind = true;
  if (input.restore_date_time.has_value() == input.undo_job_id.has_value())
    return Fail(ErrorKind::kValidation, "Specify either RestoreDateTime or UndoJobId");
  if (input.restore_date_time) {
    TM_TRY(selection.from, codec::ParseInstant(*input.restore_date_time));
    return selection;
  }
  TM_TRY(const auto job, FindItemJob(services, caller, *input.undo_job_id));
  TM_TRYV(SelectUndo(job, &selection));
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
  if (!job.selection.backup_arn.empty()) w->Field("BackupArn", job.selection.backup_arn);
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
  w->FieldBool("Rewind", job.selection.rewind);
  if (job.selection.undo_of) w->Field("UndoOf", job.selection.undo_of->ToString());
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
  // The members of a RewindTable that takes it back.
  const bool is_over = job.status != catalog::ItemRestoreStatus::kRunning;
  if (is_over && !job.selection.dry_run && job.written() > 0) {
    w->Key("Undo").BeginObject().Field("TableName", job.table_name);
    w->Field("UndoJobId", job.id.ToString()).EndObject();
  }
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

Task<std::string> BeginJob(const Services& services, restore::ItemRestoreRequest request) {
  auto work = [&]() -> Result<std::string> {
    TM_TRY(const auto job, services.item_restores.Start(std::move(request)));
    return DescriptionOf(*job);
  };
  co_return co_await runtime::Blocking(services.pool, std::move(work));
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
  co_return co_await BeginJob(services, std::move(request));
}

Task<std::string> RewindTable(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseRewindTable(body));
  TM_CO_TRY(auto table, FindTable(services, caller, *input.table_name));
  TM_CO_TRY(auto selection, ToRewind(services, caller, *table, input));
  restore::ItemRestoreRequest request{.table = std::move(table),
                                      .selection = std::move(selection),
                                      .access_key = std::move(caller.origin.access_key),
                                      .token = std::move(input.client_token).value_or("")};
  co_return co_await BeginJob(services, std::move(request));
}

Task<std::string> DescribeItemRestore(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseDescribeItemRestore(body));
  TM_CO_TRY(const auto job, FindItemJob(services, caller, *input.job_id));
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
