#include "table/control.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/log.h"
#include "table/create_table.h"
#include "table/not_found.h"
#include "table/resource_policies.h"
#include "table/sse.h"
#include "table/table_name.h"
#include "table/tags.h"
#include "table/update_table.h"

namespace tidemark::table {
namespace {

using catalog::TableRecord;
using catalog::TableStatus;

constexpr uint32_t kNamesMax = 100;

std::string CreateControl(const TableRecord& record) {
  return fmt::format(R"({{"act":"create table","table":{}}})", catalog::EncodeTableRecord(record));
}

std::string DropControl(const TableRecord& record) {
  return fmt::format(R"({{"act":"drop table","id":"{}"}})", record.id.ToString());
}

Unexpected ResourceNotFound(std::string_view arn) {
  return Fail(ErrorKind::kResourceNotFound,
              "Requested resource not found: ResourceArn: {} not found", arn);
}

Result<void> CheckDeletable(const TableRecord& record) {
  TM_TRYV(CheckNotChanging(record));
  if (record.deletion_protection)
    return Fail(ErrorKind::kValidation,
                "Resource cannot be deleted as it is currently protected against deletion. Disable "
                "deletion protection first.");
  return {};
}

// Removes the stores of erased tables. Each is tried: what fails is left over on disk and logged.
void DropStores(const catalog::Shards& shards, const std::vector<catalog::TablePtr>& tables) {
  for (const auto& table : tables) {
    auto* shard = shards.Find(table->region);
    if (!shard) continue;
    if (auto dropped = shard->DropTable(table->id, DropControl(*table)); !dropped)
      LogWarn("the rows of table {} of an emptied account remain: {}", table->id.ToString(),
              dropped.error().message);
  }
}

}  // namespace

Control::Control(catalog::Catalog& catalog, catalog::Shards& shards, runtime::BlockingPool& pool,
                 Clock& clock, Random& random, ControlHooks hooks, Micros create_delay)
    : catalog_(catalog),
      shards_(shards),
      pool_(pool),
      clock_(clock),
      random_(random),
      hooks_(std::move(hooks)),
      streams_(catalog, shards),
      create_delay_(create_delay) {}

Result<void> Control::Resume() {
  streams_.Resume();
  for (const auto& table : catalog_.AllTables()) {
    Result<void> finished;
    if (table->status == TableStatus::kDeleting) finished = FinishDelete(*table);
    // A table that is being restored is the restore's to finish.
    if (table->status == TableStatus::kCreating && !table->restore) finished = FinishCreate(*table);
    if (!finished)
      LogError("table {} ({}) could not be finished: {}", table->name, table->id.ToString(),
               finished.error().message);
  }
  return {};
}

void Control::ActivateCreated() {
  const Timestamp now = clock_.Now();
  for (const auto& table : catalog_.AllTables()) {
    const bool due = table->status == TableStatus::kCreating && !table->restore &&
                     table->created + create_delay_ <= now;
    if (!due) continue;
    if (auto finished = FinishCreate(*table); !finished)
      LogError("table {} stays CREATING: {}", table->name, finished.error().message);
  }
}

Result<void> Control::FinishCreate(const TableRecord& record) {
  TM_TRY(auto* shard, shards_.Ensure(record.region));
  TM_TRYV(shard->CreateTable(record.id, CreateControl(record)));
  auto stream = record.stream;
  if (stream) {
    TM_TRY(stream, streams_.Begin(record));
  }
  auto active = catalog_.EditTable(record.id, [&](TableRecord& edited) -> Result<void> {
    edited.status = TableStatus::kActive;
    edited.stream = stream;
    return {};
  });
  if (active) return {};
  // The record went away meanwhile (Reset): the store must go too.
  if (active.error().kind == ErrorKind::kResourceNotFound)
    TM_TRYV(shard->DropTable(record.id, DropControl(record)));
  return Fail(std::move(active).error());
}

Result<void> Control::FinishDelete(const TableRecord& record) {
  auto* shard = shards_.Find(record.region);
  if (shard && shard->Find(record.id)) {
    Result<void> dropped = hooks_.before_drop ? hooks_.before_drop(record) : Result<void>();
    if (dropped) dropped = shard->DropTable(record.id, DropControl(record));
    // An error is no deletion: a table that is still there goes on as it was.
    if (!dropped && shard->Find(record.id)) {
      if (hooks_.drop_failed) hooks_.drop_failed(record);
      TM_TRYV(catalog_.EditTable(record.id, [](TableRecord& edited) -> Result<void> {
        edited.status = TableStatus::kActive;
        return {};
      }));
      return dropped;
    }
  }
  TM_TRYV(streams_.Keep(record));
  TM_TRYV(catalog_.EraseTable(record.id));
  if (hooks_.after_drop) hooks_.after_drop(record);
  return {};
}

Task<TableDescription> Control::Create(Caller caller, CreateTableRequest request) {
  TM_CO_TRY(auto record, MakeTableRecord(caller, request));
  if (catalog_.FindTable(caller.account, caller.region, record.name))
    co_return Fail(ErrorKind::kResourceInUse, "Table already exists: {}", record.name);
  record.id = TableId::Make(random_);
  record.created = clock_.Now();
  record.status = TableStatus::kCreating;
  if (!record.policy.text.empty()) record.policy.revision = NewRevision(random_);
  if (record.billing == catalog::BillingMode::kPayPerRequest)
    record.billing_changed = record.created;
  auto create = [&]() -> Result<void> {
    TM_TRYV(ResolveKey(caller, &record.sse));
    TM_TRYV(shards_.Ensure(record.region));
    TM_TRYV(catalog_.InsertTable(record));
    if (create_delay_ > Micros(0)) return {};
    auto finished = FinishCreate(record);
    // Not acknowledged, so it must not be half there; if this fails too, Resume finishes the
    // creation.
    if (!finished) (void)catalog_.EraseTable(record.id);
    return finished;
  };
  TM_CO_TRYV(co_await runtime::Blocking(pool_, std::move(create)));
  if (const auto made = catalog_.FindTable(record.id)) record.stream = made->stream;
  record.billing_changed = {};  // told once it is ACTIVE
  co_return TableDescription{.record = std::move(record)};
}

Result<void> Control::ResolveKey(const Caller& caller, catalog::SseSettings* sse) const {
  if (!sse->enabled || !hooks_.resolve_key) return {};
  return hooks_.resolve_key(caller, sse);
}

Task<TableDescription> Control::Describe(Caller caller, std::string table) {
  TM_CO_TRY(const auto name, TableNameOf(caller, table));
  const auto record = catalog_.FindTable(caller.account, caller.region, name);
  if (!record) co_return TableNotFound(name);
  co_return co_await DescriptionOf(record);
}

// A table that cannot be opened is described nevertheless: whoever wants to delete it, or to know
// whether it is there, needs no numbers.
Task<TableDescription> Control::DescriptionOf(catalog::TablePtr record) {
  TableDescription description{.record = *record};
  description.decreases_today = record->throughput_changes.DecreasesOn(clock_.Now());
  auto* shard = shards_.Find(record->region);
  const auto handle = shard ? shard->Find(record->id) : nullptr;
  if (!handle) co_return description;
  auto totals = handle->TotalsIfKnown();
  if (!totals && catalog::CheckAccessible(*record)) {
    auto load = [&] { return handle->LoadTotals(); };
    auto loaded = co_await runtime::Blocking(pool_, std::move(load));
    if (loaded) totals = *loaded;
  }
  if (totals) {
    description.item_count = totals->items;
    description.size_bytes = totals->bytes;
    description.indexes = std::move(totals->indexes);
  }
  co_return description;
}

Task<TableNames> Control::List(Caller caller, std::optional<std::string> start_after,
                               std::optional<uint32_t> limit) {
  const size_t most = std::min(limit.value_or(kNamesMax), kNamesMax);
  const auto tables = catalog_.ListTables(caller.account, caller.region,
                                          start_after ? *start_after : std::string(), most + 1);
  TableNames page;
  for (size_t i = 0; i < std::min(most, tables.size()); ++i) page.names.push_back(tables[i]->name);
  if (tables.size() > most && !page.names.empty()) page.last_evaluated = page.names.back();
  co_return page;
}

Task<TableDescription> Control::Delete(Caller caller, std::string table) {
  TM_CO_TRY(const auto name, TableNameOf(caller, table));
  const auto found = catalog_.FindTable(caller.account, caller.region, name);
  if (!found) co_return TableNotFound(name);
  TM_CO_TRYV(CheckDeletable(*found));
  TM_CO_TRY(auto description, co_await DescriptionOf(found));
  description.record.status = TableStatus::kDeleting;
  auto drop = [&]() -> Result<void> {
    auto dropped = DeleteById(found->id);
    if (!dropped && dropped.error().kind == ErrorKind::kResourceNotFound)
      return TableNotFound(name);
    return dropped;
  };
  TM_CO_TRYV(co_await runtime::Blocking(pool_, std::move(drop)));
  co_return description;
}

Result<void> Control::DeleteById(TableId id) {
  // Checked under the catalog's lock: of two deletions one finds the table DELETING.
  TM_TRY(const auto deleting, catalog_.EditTable(id, [](TableRecord& edited) -> Result<void> {
    TM_TRYV(CheckDeletable(edited));
    edited.status = TableStatus::kDeleting;
    return {};
  }));
  return FinishDelete(*deleting);
}

Task<TableDescription> Control::Update(Caller caller, UpdateTableRequest request) {
  TM_CO_TRY(const auto name, TableNameOf(caller, request.table));
  TM_CO_TRYV(CheckUpdate(request));
  const auto found = catalog_.FindTable(caller.account, caller.region, name);
  if (!found) co_return TableNotFound(name);
  const Timestamp now = clock_.Now();
  TableRecord before;
  auto update = [&]() -> Result<catalog::TablePtr> {
    std::optional<catalog::SseSettings> sse;
    if (request.sse) {
      TM_TRY(sse, MakeSse(caller, *request.sse));
      TM_TRYV(ResolveKey(caller, &*sse));
    }
    const auto edit = [&](TableRecord& edited) {
      before = edited;
      return ApplyUpdate(request, sse, now, &edited);
    };
    if (request.stream) return streams_.Update(found->id, *request.stream, edit, caller.origin);
    TM_TRY(auto edited, catalog_.EditTable(found->id, edit, caller.origin));
    if (sse && hooks_.move_to_key) TM_TRYV(hooks_.move_to_key(found->id));
    return edited;
  };
  TM_CO_TRY(auto changed, co_await runtime::Blocking(pool_, std::move(update)));
  if (!request.index_updates.empty() && hooks_.indexes_changed) hooks_.indexes_changed(found->id);
  TM_CO_TRY(auto description, co_await DescriptionOf(std::move(changed)));
  ShowAsUpdating(request, before, now, &description);
  co_return description;
}

Task<void> Control::EditTags(Caller caller, std::string arn,
                             std::function<Result<void>(std::vector<catalog::Tag>*)> edit) {
  TM_CO_TRY(const auto name, TaggedTableOf(caller, arn));
  const auto found = catalog_.FindTable(caller.account, caller.region, name);
  if (!found) co_return ResourceNotFound(arn);
  auto change = [&] {
    const auto edit_tags = [&](TableRecord& edited) -> Result<void> {
      TM_TRYV(CheckNotChanging(edited));
      return edit(&edited.tags);
    };
    return catalog_.EditTable(found->id, edit_tags, caller.origin);
  };
  TM_CO_TRYV(co_await runtime::Blocking(pool_, std::move(change)));
  co_return Result<void>();
}

Task<void> Control::AddTags(Caller caller, std::string arn, std::vector<TagRequest> tags) {
  TM_CO_TRYV(TaggedTableOf(caller, arn));
  if (tags.empty())
    co_return Fail(ErrorKind::kValidation, "Atleast one Tag needs to be provided as Input.");
  auto add = [tags = std::move(tags)](std::vector<catalog::Tag>* all) {
    return table::AddTags(tags, all);
  };
  co_return co_await EditTags(std::move(caller), std::move(arn), std::move(add));
}

Task<void> Control::RemoveTags(Caller caller, std::string arn, std::vector<std::string> keys) {
  TM_CO_TRYV(TaggedTableOf(caller, arn));
  if (keys.empty())
    co_return Fail(ErrorKind::kValidation, "Atleast one Tag Key needs to be provided as Input.");
  auto remove = [keys = std::move(keys)](std::vector<catalog::Tag>* all) {
    return table::RemoveTags(keys, all);
  };
  co_return co_await EditTags(std::move(caller), std::move(arn), std::move(remove));
}

Task<std::vector<catalog::Tag>> Control::Tags(Caller caller, std::string arn) {
  TM_CO_TRY(const auto name, TaggedTableOf(caller, arn));
  const auto found = catalog_.FindTable(caller.account, caller.region, name);
  if (!found) co_return ResourceNotFound(arn);
  co_return found->tags;
}

Task<void> Control::Reset(Caller caller) {
  auto erase = [&] { return catalog_.EraseAccount(caller.account); };
  TM_CO_TRY(auto erased, co_await runtime::Blocking(pool_, std::move(erase)));
  // Shared: the pool's work must be copyable, and outlives this call.
  auto gone = std::make_shared<const catalog::Catalog::Erased>(std::move(erased));
  auto clean = [&shards = shards_, after_reset = hooks_.after_reset, gone] {
    DropStores(shards, gone->tables);
    if (after_reset) after_reset(*gone);
  };
  if (!pool_.Submit(std::move(clean)))
    co_return Fail(ErrorKind::kUnavailable, "too many requests are waiting for the disk");
  co_return Result<void>();
}

}  // namespace tidemark::table
