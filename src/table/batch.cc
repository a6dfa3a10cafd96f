#include "table/batch.h"

#include <deque>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/assert.h"
#include "item/item_codec.h"
#include "item/item_size.h"
#include "table/capacity.h"
#include "table/index_rules.h"
#include "table/key_rules.h"
#include "table/mutations.h"
#include "table/open_table.h"
#include "table/parsed.h"
#include "table/seen_rows.h"

namespace tidemark::table {
namespace {

constexpr size_t kGetKeysMax = 100;
constexpr size_t kWritesMax = 25;
constexpr uint64_t kAnswerBytesMax = 16 * 1024 * 1024;

Unexpected Duplicates() {
  return Fail(ErrorKind::kValidation, "Provided list of item keys contains duplicates");
}

// The service looks for keys given twice before it looks for the tables.
Result<void> CheckKeysDiffer(const BatchGetRequest& request) {
  for (const auto& table : request.tables) {
    std::unordered_set<Bytes> seen;
    for (const auto& key : table.keys) {
      if (!seen.insert(item::EncodeItem(key)).second) return Duplicates();
    }
  }
  return {};
}

// One key of a BatchGetItem.
struct Read {
  size_t table;  // which of the request's
  size_t key;
  Bytes row;
  enum class State { kUnread, kNotCached, kRead, kThrottled } state = State::kUnread;
  std::optional<Bytes> value;
};

struct ReadTable {
  OpenTable open;
  RowReaderPtr rows;
  std::optional<expr::Projection> projection;
};

// Reads rows in order until the answer is full; what does not fit stays unread. Called first with
// `cached_only` on the I/O thread, then on the pool for what was not cached.
Result<void> ReadRows(const std::vector<ReadTable>& tables, bool cached_only,
                      std::vector<Read>* reads, uint64_t* bytes) {
  for (auto& read : *reads) {
    const bool open = read.state == Read::State::kUnread || read.state == Read::State::kNotCached;
    if (!open || *bytes >= kAnswerBytesMax) continue;
    auto value = tables[read.table].rows->Get(read.row, cached_only);
    if (!value && cached_only && value.error().kind == ErrorKind::kUnavailable) {
      read.state = Read::State::kNotCached;
      continue;
    }
    if (!value) return Fail(std::move(value).error());
    if (*value) {
      TM_TRY(const uint64_t size, item::EncodedItemSize(**value));
      if (*bytes + size > kAnswerBytesMax) {
        *bytes = kAnswerBytesMax;
        continue;
      }
      *bytes += size;
    }
    read.state = Read::State::kRead;
    read.value = std::move(*value);
  }
  return {};
}

Result<BatchGetResult> Assemble(std::vector<ReadTable>& tables, std::vector<Read>& reads,
                                BatchGetRequest& request) {
  BatchGetResult result;
  for (const auto& table : request.tables) {
    result.answers.push_back({.table = table.table, .items = {}});
    result.capacity.push_back({.table = table.table});
  }
  std::vector<std::vector<item::Item>> left(tables.size());
  for (auto& read : reads) {
    auto& asked = request.tables[read.table];
    if (read.state != Read::State::kRead) {
      left[read.table].push_back(std::move(asked.keys[read.key]));
      continue;
    }
    uint64_t size = 0;
    if (read.value) {
      TM_TRY(size, item::EncodedItemSize(*read.value));
      TM_TRY(auto item, Project(tables[read.table].projection, std::move(*read.value)));
      result.answers[read.table].items.push_back(std::move(item));
    }
    result.capacity[read.table].read_units += ReadUnits(size, asked.consistent_read);
  }
  for (size_t i = 0; i < left.size(); ++i) {
    if (left[i].empty()) continue;
    request.tables[i].keys = std::move(left[i]);
    result.unprocessed.push_back(std::move(request.tables[i]));
  }
  return result;
}

// Marks the reads that are refused. An error if all are.
Result<void> AdmitReads(Throttle* throttle, const std::vector<ReadTable>& tables,
                        std::vector<Read>* reads) {
  if (!throttle) return {};
  Result<void> refused;
  bool any = false;
  for (auto& read : *reads) {
    auto admitted = throttle->Admit(*tables[read.table].open.record, Throttle::Use::kRead);
    any |= admitted.has_value();
    if (admitted) continue;
    read.state = Read::State::kThrottled;
    refused = std::move(admitted);
  }
  return any ? Result<void>() : refused;
}

void ChargeReads(Throttle* throttle, const std::vector<ReadTable>& tables,
                 const std::vector<Read>& reads, const BatchGetResult& result) {
  if (!throttle) return;
  std::vector<size_t> admitted(tables.size());
  for (const auto& read : reads) admitted[read.table] += read.state != Read::State::kThrottled;
  for (size_t i = 0; i < tables.size(); ++i)
    throttle->Charge(*tables[i].open.record, Throttle::Use::kRead, result.capacity[i].read_units,
                     admitted[i]);
}

bool IsThrottling(const Error& error) {
  return error.kind == ErrorKind::kThrottled || error.kind == ErrorKind::kThroughputExceeded;
}

// One write of a BatchWriteItem.
struct Written {
  size_t table;
  size_t write;
  std::variant<PutPlan, DeletePlan> plan;
  CollectionGrowth growth;
  WriteOutcome outcome;
};

}  // namespace

Task<BatchGetResult> Batches::Get(Caller caller, BatchGetRequest request) {
  size_t keys = 0;
  for (const auto& table : request.tables) keys += table.keys.size();
  if (keys > kGetKeysMax)
    co_return Fail(ErrorKind::kValidation, "Too many items requested for the BatchGetItem call");
  TM_CO_TRYV(CheckKeysDiffer(request));

  const bool from_backup = !caller.from_backup.empty();
  TM_ASSERT(past_ != nullptr || !(from_backup || caller.as_of));
  Throttle* const throttle = from_backup ? nullptr : throttle_;
  std::vector<ReadTable> tables;
  tables.reserve(request.tables.size());
  for (const auto& table : request.tables) {
    TM_CO_TRY(auto projection, ParseProjection(table.expressions));
    OpenTable open;
    if (from_backup) {
      TM_CO_TRY(open, co_await past_->OpenBackup(caller, table.table));
    } else {
      TM_CO_TRY(open, FindActiveTable(catalog_, shards_, caller, table.table));
    }
    RowReaderPtr rows = open.backup_rows;
    if (!rows && caller.as_of) {
      TM_CO_TRY(rows, co_await past_->Open(open.record, *caller.as_of));
    } else if (!rows) {
      TM_CO_TRY(rows, co_await open.shard->Store(open.handle));
    }
    tables.push_back({std::move(open), std::move(rows), std::move(projection)});
  }
  std::vector<Read> reads;
  reads.reserve(keys);
  SeenRows seen;
  for (size_t i = 0; i < tables.size(); ++i) {
    const auto& open = tables[i].open;
    for (size_t k = 0; k < request.tables[i].keys.size(); ++k) {
      const auto& key = request.tables[i].keys[k];
      TM_CO_TRYV(CheckKey(open.keys(), key));
      Bytes row = PrimaryRow(open.keys(), key);
      if (!seen.Add(open.record->id, row)) co_return Duplicates();
      reads.push_back({.table = i, .key = k, .row = std::move(row), .value = std::nullopt});
    }
  }

  TM_CO_TRYV(AdmitReads(throttle, tables, &reads));
  uint64_t bytes = 0;
  TM_CO_TRYV(ReadRows(tables, true, &reads, &bytes));
  bool missed = false;
  for (const auto& read : reads) missed |= read.state == Read::State::kNotCached;
  if (missed) {
    auto rest = [&] { return ReadRows(tables, false, &reads, &bytes); };
    TM_CO_TRYV(co_await runtime::Blocking(pool_, std::move(rest)));
  }
  TM_CO_TRY(auto result, Assemble(tables, reads, request));
  ChargeReads(throttle, tables, reads, result);
  co_return result;
}

Task<BatchWriteResult> Batches::Write(Caller caller, BatchWriteRequest request) {
  size_t count = 0;
  for (const auto& table : request.tables) count += table.writes.size();
  if (count > kWritesMax)
    co_return Fail(ErrorKind::kValidation, "Too many items requested for the BatchWriteItem call");
  for (const auto& table : request.tables) {
    for (const auto& write : table.writes) {
      if (const auto* put = std::get_if<BatchPut>(&write))
        TM_CO_TRYV(CheckPutSize(item::ItemSize(put->item)));
    }
  }

  BatchWriteResult result;
  shard::Shard* shard = nullptr;  // one Region, one shard
  std::deque<Written> written;    // a deque: the evaluations refer to its elements
  std::vector<shard::WriteRequest> writes;
  writes.reserve(count);
  std::vector<catalog::TablePtr> records;
  std::vector<std::vector<BatchWrite>> left(request.tables.size());
  Result<void> refused;
  SeenRows seen;
  for (size_t i = 0; i < request.tables.size(); ++i) {
    TM_CO_TRY(const auto table,
              FindActiveTable(catalog_, shards_, caller, request.tables[i].table));
    shard = table.shard;
    records.push_back(table.record);
    result.capacity.push_back({.table = request.tables[i].table});
    for (size_t w = 0; w < request.tables[i].writes.size(); ++w) {
      auto& one = written.emplace_back();
      one.table = i;
      one.write = w;
      Bytes row;
      if (const auto* put = std::get_if<BatchPut>(&request.tables[i].writes[w])) {
        TM_CO_TRYV(CheckBatchItemKey(table.keys(), put->item));
        TM_CO_TRYV(CheckIndexKeys(*table.record, put->item));
        row = PrimaryRow(table.keys(), put->item);
        PutPlan plan;
        plan.rules.table = table.record;
        plan.value = item::EncodeItem(put->item);
        plan.size = item::ItemSize(put->item);
        if (HasIndexRows(*table.record)) plan.item = put->item;  // may be handed back
        one.plan = std::move(plan);
      } else {
        const auto& key = std::get<BatchDelete>(request.tables[i].writes[w]).key;
        TM_CO_TRYV(CheckKey(table.keys(), key));
        row = PrimaryRow(table.keys(), key);
        one.plan = DeletePlan{.rules = {.table = table.record}};
      }
      if (!seen.Add(table.record->id, row)) co_return Duplicates();
      auto admitted = Admit(throttle_, *table.record, Throttle::Use::kWrite);
      if (!admitted) {
        refused = std::move(admitted);
        left[i].push_back(std::move(request.tables[i].writes[w]));
        written.pop_back();
        continue;
      }
      if (limit_.Concerns(table)) {
        const bool puts = std::holds_alternative<PutPlan>(one.plan);
        TM_CO_TRY(one.growth, co_await limit_.Follow(table, row, puts));
      }
      writes.push_back(
          {.table = table.handle,
           .key = std::move(row),
           .evaluate = [this, &one, &record = *table.record](const std::optional<Bytes>& old_row) {
             auto evaluated = std::visit(
                 [&](auto& plan) { return Evaluate(plan, old_row, &one.outcome); }, one.plan);
             evaluated =
                 AdmitToIndexes(throttle_, record, one.outcome.indexes, std::move(evaluated));
             return one.growth.Count(record, std::move(evaluated));
           }});
    }
  }
  if (writes.empty()) {
    TM_CO_TRYV(refused);
    co_return result;
  }

  TM_CO_TRY(auto done, co_await shard->WriteAll(std::move(writes), std::move(caller.origin)));
  for (size_t n = 0; n < done.size(); ++n) {
    if (done[n]) written[n].growth.Keep();
  }
  size_t throttled = 0;
  for (size_t n = 0; n < done.size(); ++n) {
    auto& one = written[n];
    if (done[n]) {
      result.capacity[one.table].write_units += one.outcome.write_units;
      for (const auto& index : one.outcome.indexes) result.capacity[one.table].AddIndex(index);
      Charge(throttle_, *records[one.table], Throttle::Use::kWrite, one.outcome.write_units);
      ChargeIndexes(throttle_, *records[one.table], one.outcome.indexes);
      continue;
    }
    // Throttled writes are handed back; for any other failure the whole call answers.
    if (!IsThrottling(done[n].error())) co_return Fail(done[n].error());
    left[one.table].push_back(std::move(request.tables[one.table].writes[one.write]));
    if (++throttled == done.size()) co_return Fail(done[n].error());
  }
  for (size_t i = 0; i < left.size(); ++i)
    if (!left[i].empty())
      result.unprocessed.push_back(
          {.table = request.tables[i].table, .writes = std::move(left[i])});
  co_return result;
}

}  // namespace tidemark::table
