#include "table/time_to_live.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/log.h"
#include "item/item_codec.h"
#include "runtime/io_threads.h"
#include "table/expiry.h"
#include "table/mutations.h"
#include "table/not_found.h"
#include "table/table_name.h"
#include "table/update_table.h"

namespace tidemark::table {
namespace {

using catalog::TablePtr;
using catalog::TableRecord;
using catalog::TableStatus;

constexpr size_t kWritesAtOnce = 100;
constexpr size_t kItemsAtOnce = 1000;  // looked at while filling
constexpr std::chrono::milliseconds kRoundTime{250};
constexpr std::chrono::seconds kRetryAfter{10};

Result<void> ChangeSettings(const UpdateTimeToLiveRequest& request, Timestamp now,
                            TableRecord* record) {
  TM_TRYV(CheckNotChanging(*record));
  const std::string& current = record->ttl.attribute;
  if (!current.empty() && current != request.attribute)
    return Fail(ErrorKind::kValidation,
                "TimeToLive is active on a different AttributeName: current AttributeName is {}",
                current);
  if (request.enabled == !current.empty())
    return Fail(ErrorKind::kValidation, "TimeToLive is already {}",
                request.enabled ? "enabled" : "disabled");
  record->ttl = {.attribute = request.enabled ? request.attribute : "",
                 .changed = std::max(now, record->ttl.changed + Micros(1)),
                 .unsettled = true};
  return {};
}

// Gives an item its expiry row.
Result<shard::Mutation> AddExpiry(const TableRecord& table, const std::optional<Bytes>& old_row) {
  shard::Mutation mutation;
  if (!old_row) return mutation;
  TM_TRY(const auto item, item::DecodeItem(*old_row));
  auto row = ExpiryRow(table, item);
  if (!row) return mutation;
  mutation.kind = shard::Mutation::Kind::kKeep;
  mutation.index_rows.push_back(MakeExpiryRow(std::move(*row)));
  return mutation;
}

bool IsSwept(const TablePtr& table) {
  return table->status == TableStatus::kActive &&
         (table->ttl.unsettled || !table->ttl.attribute.empty());
}

}  // namespace

Task<catalog::TtlSettings> TimeToLive::Describe(Caller caller, std::string table) {
  TM_CO_TRY(const auto name, TableNameOf(caller, table));
  const auto found = catalog_.FindTable(caller.account, caller.region, name);
  if (!found) co_return TableNotFound(name);
  if (found->status != TableStatus::kActive) {
    const auto status = catalog::ToString(found->status);
    co_return Fail(ErrorKind::kValidation,
                   "Cannot describe time to live while table is in {} state: Current table state "
                   "is {}",
                   status, status);
  }
  co_return found->ttl;
}

Task<void> TimeToLive::Update(Caller caller, UpdateTimeToLiveRequest request) {
  TM_CO_TRY(const auto name, TableNameOf(caller, request.table));
  const auto id = [&]() -> std::optional<TableId> {
    const auto found = catalog_.FindTable(caller.account, caller.region, name);
    return found ? std::optional(found->id) : std::nullopt;
  }();
  if (!id) co_return TableNotFound(name);
  const Timestamp now = clock_.Now();
  auto update = [&] {
    const auto change = [&](TableRecord& edited) { return ChangeSettings(request, now, &edited); };
    return catalog_.EditTable(*id, change, caller.origin);
  };
  TM_CO_TRYV(co_await runtime::Blocking(pool_, std::move(update)));
  co_return Result<void>();
}

void TimeToLive::Sweep() {
  std::vector<TablePtr> tables = catalog_.AllTables();
  std::erase_if(tables, [](const TablePtr& table) { return !IsSwept(table); });
  std::unordered_map<TableId, State> states;
  for (const auto& table : tables) {
    State& state = states[table->id] = std::move(states_[table->id]);
    if (state.setting != table->ttl.changed) state = State{.setting = table->ttl.changed};
  }
  states_ = std::move(states);

  // In turn, step by step, so that a table with much to do does not keep the others waiting.
  if (!tables.empty()) std::ranges::rotate(tables, tables.begin() + turn_++ % tables.size());
  const auto end = std::chrono::steady_clock::now() + kRoundTime;
  while (!tables.empty()) {
    std::vector<TablePtr> busy;
    for (const auto& table : tables) {
      if (std::chrono::steady_clock::now() >= end) return;
      if (Step(table)) busy.push_back(table);
    }
    tables = std::move(busy);
  }
}

bool TimeToLive::Step(const TablePtr& table) {
  State& state = states_[table->id];
  const auto more = Step(table, &state);
  if (more) return *more;
  LogWarn("expired items of table {} ({}) stay for now: {}", table->name, table->id.ToString(),
          more.error().message);
  state.retry = clock_.Monotonic() + kRetryAfter;
  return false;
}

Result<bool> TimeToLive::Step(const TablePtr& table, State* state) {
  if (clock_.Monotonic() < state->retry || !catalog::CheckAccessible(*table)) return false;
  shard::Shard* shard = shards_.Find(table->region);
  auto handle = shard ? shard->Find(table->id) : nullptr;
  if (!handle) return false;
  bool more = false;
  if (table->ttl.unsettled) {
    TM_TRY(more, Settle(table, *shard, handle, state));
  }
  if (table->ttl.attribute.empty()) return more;
  TM_TRY(const bool due, DeleteDue(table, *shard, std::move(handle), state));
  return more || due;
}

Result<bool> TimeToLive::Settle(const TablePtr& table, shard::Shard& shard,
                                shard::TableHandle handle, State* state) {
  state->seen.reset();
  // Requests that work with the setting before this one write no rows, or wrong ones.
  if (!catalog_.IndexesSettled(table->id)) return false;
  if (!state->erased) {
    const auto rows = AllExpiryRows();
    TM_TRYV(shard.EraseRows(table->id, rows.begin, rows.end));
    state->erased = true;
  }
  if (!table->ttl.attribute.empty()) {
    TM_TRY(const bool more, Fill(table, shard, std::move(handle), state));
    if (more) return true;
  }
  TM_TRYV(catalog_.EditTable(table->id, [&](TableRecord& edited) -> Result<void> {
    if (edited.ttl == table->ttl) edited.ttl.unsettled = false;
    return {};
  }));
  return false;
}

Result<bool> TimeToLive::Fill(const TablePtr& table, shard::Shard& shard, shard::TableHandle handle,
                              State* state) {
  const auto all = item::IndexRange(item::kPrimaryIndex, item::kPrimaryIndex);
  TM_TRY(const auto store, handle->OpenStore());
  TM_TRY(const auto rows, store->Scan({.begin = state->filled.empty() ? all.begin : state->filled,
                                       .end = all.end,
                                       .fill_cache = false}));
  std::vector<shard::WriteRequest> writes;
  size_t looked_at = 0;
  Bytes last;
  for (; rows->Valid() && looked_at < kItemsAtOnce && writes.size() < kWritesAtOnce; rows->Next()) {
    ++looked_at;
    last = rows->key();
    TM_TRY(const auto item, item::DecodeItem(rows->value()));
    if (!ExpiryRow(*table, item)) continue;
    writes.push_back({handle, last, [table](const std::optional<Bytes>& old_row) {
                        return AddExpiry(*table, old_row);
                      }});
  }
  TM_TRYV(rows->status());
  TM_TRYV(Write(shard, std::move(writes), {}));
  if (looked_at == 0) return false;
  state->filled = last + '\0';
  return true;
}

Result<bool> TimeToLive::DeleteDue(const TablePtr& table, shard::Shard& shard,
                                   shard::TableHandle handle, State* state) {
  const Timestamp now = clock_.Now();
  const auto due = DueRows(now);
  // Every change of an item changes what the table adds up to; known for a closed table, too.
  const auto totals = handle->TotalsIfKnown();
  if (totals && state->seen == totals && (!state->next || !IsDue(*state->next, now))) return false;
  TM_TRY(const auto store, handle->OpenStore());
  const auto current = handle->TotalsIfKnown();
  TM_TRY(const auto rows, store->Scan({.begin = due.begin, .end = due.end, .fill_cache = false}));
  std::vector<shard::WriteRequest> writes;
  std::deque<CollectionGrowth> growths;  // a deque: the evaluations refer to its elements
  for (; rows->Valid() && writes.size() < kWritesAtOnce; rows->Next()) {
    TM_TRY(Bytes primary, PrimaryRowOf(rows->key()));
    ExpirePlan plan{.table = table, .expiry_row = Bytes(rows->key())};
    auto& growth = growths.emplace_back(limit_.Known(*table, primary));
    writes.push_back({handle, std::move(primary),
                      [plan = std::move(plan), &growth](const std::optional<Bytes>& old_row) {
                        WriteOutcome ignored;
                        return growth.Count(*plan.table, Evaluate(plan, old_row, &ignored));
                      }});
  }
  TM_TRYV(rows->status());
  if (!writes.empty()) {
    TM_TRYV(Write(shard, std::move(writes),
                  {.access_key = std::string(shard::kServiceAccessKey), .request_id = {}}));
    for (auto& growth : growths) growth.Keep();
    return true;
  }
  const auto later = LaterRows(now);
  TM_TRY(const auto next, store->Scan({.begin = later.begin, .end = later.end}));
  state->next.reset();
  if (next->Valid()) {
    TM_TRY(state->next, ExpiryOf(next->key()));
  }
  TM_TRYV(next->status());
  state->seen = current;
  return false;
}

Result<void> TimeToLive::Write(shard::Shard& shard, std::vector<shard::WriteRequest> writes,
                               shard::Origin origin) {
  if (writes.empty()) return {};
  TM_TRY(auto results,
         runtime::RunBlocking(context_, shard.WriteAll(std::move(writes), std::move(origin))));
  for (auto& result : results)
    if (!result) return Fail(std::move(result).error());
  return {};
}

}  // namespace tidemark::table
