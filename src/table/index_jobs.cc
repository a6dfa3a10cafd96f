#include "table/index_jobs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "index/row.h"
#include "item/item_codec.h"
#include "item/set_hash.h"

namespace tidemark::table {
namespace {

using catalog::IndexRecord;
using catalog::IndexStatus;

constexpr std::chrono::seconds kRetryPause{1};
constexpr std::chrono::milliseconds kSettlePause{2};
// Of one chunk of a build: what is queued at once and awaited together.
constexpr size_t kChunkRows = 256;
constexpr uint64_t kChunkBytes = 1 << 20;
constexpr size_t kScannedMax = 4096;
constexpr size_t kChunksBetweenSaves = 64;

Error Stopping() { return MakeError(ErrorKind::kCancelled, "the server is stopping"); }

// The row of the item in the index, as it is under the row's latch.
shard::Evaluate PutIndexRow(const index::Definition& definition, const item::KeySchema& keys) {
  return [&definition, &keys](const std::optional<Bytes>& row) -> Result<shard::Mutation> {
    shard::Mutation mutation;
    if (!row) return mutation;
    TM_TRY(const item::Item item, item::DecodeItem(*row));
    auto index_row = index::RowOf(definition, keys, {item, *row});
    if (!index_row) return mutation;
    mutation.kind = shard::Mutation::Kind::kKeep;
    mutation.index_rows.push_back({std::move(index_row->key), std::move(index_row->value)});
    return mutation;
  };
}

}  // namespace

// Rows of items that are to be put into the index.
struct IndexJobs::Chunk {
  std::vector<shard::WriteRequest> writes;
  Bytes last;        // of the rows looked at
  bool end = false;  // there is no further row
};

IndexJobs::IndexJobs(catalog::Catalog& catalog, catalog::Shards& shards, asio::io_context& context)
    : catalog_(catalog), shards_(shards), context_(context), thread_([this] { Run(); }) {}

void IndexJobs::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool IndexJobs::stopping() const {
  std::lock_guard lock(mutex_);
  return stopping_;
}

void IndexJobs::Resume() {
  for (const auto& table : catalog_.AllTables()) {
    if (std::ranges::any_of(table->indexes, [](const IndexRecord& index) {
          return index.status != IndexStatus::kActive;
        }))
      Queue(table->id);
  }
}

void IndexJobs::Queue(TableId table) {
  {
    std::lock_guard lock(mutex_);
    if (std::ranges::find(queued_, table) == queued_.end()) queued_.push_back(table);
  }
  wake_.notify_all();
}

void IndexJobs::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto due = [&] { return stopping_ || !queued_.empty(); };
    if (!failed_.empty() && !wake_.wait_for(lock, kRetryPause, due)) {
      for (const auto& [table, told] : failed_) queued_.push_back(table);
    }
    wake_.wait(lock, due);
    if (stopping_) return;
    const TableId table = queued_.front();
    queued_.pop_front();
    lock.unlock();
    auto more = Step(table);
    lock.lock();
    if (more) {
      failed_.erase(table);
      if (*more) queued_.push_front(table);
    } else if (more.error().kind != ErrorKind::kCancelled) {
      auto& told = failed_[table];
      if (told != more.error().message)
        LogError("index_job: an index of table {} is tried again: {}", table.ToString(),
                 more.error().message);
      told = more.error().message;
    }
  }
}

Result<bool> IndexJobs::Step(TableId id) {
  std::optional<Work> work;
  {
    // Not held any longer: it is waited for that nobody holds it.
    const auto table = catalog_.FindTable(id);
    if (!table || table->status != catalog::TableStatus::kActive) return false;
    TM_TRYV(catalog::CheckAccessible(*table));
    const auto at = std::ranges::find_if(table->indexes, [](const IndexRecord& index) {
      return index.status != IndexStatus::kActive;
    });
    if (at == table->indexes.end()) return false;
    work = Work{.table = id, .keys = table->keys, .index = *at};
    work->shard = shards_.Find(table->region);
  }
  if (work->shard) work->handle = work->shard->Find(id);
  if (!work->handle) return false;
  TM_TRYV(AwaitSettled(id));
  if (work->index.status == IndexStatus::kDeleting) {
    TM_TRYV(Remove(*work));
  } else if (work->index.definition.deletes_only) {
    TM_TRYV(Edit(*work, [](IndexRecord& index) { index.definition.deletes_only = false; }));
  } else if (work->index.definition.building) {
    TM_TRYV(Build(*work));
  } else {
    TM_TRYV(Count(*work));
  }
  return true;
}

Result<void> IndexJobs::AwaitSettled(TableId table) {
  std::unique_lock lock(mutex_);
  while (!catalog_.IndexesSettled(table)) {
    wake_.wait_for(lock, kSettlePause, [&] { return stopping_; });
    if (stopping_) return Fail(Stopping());
  }
  return {};
}

// Writes that know nothing of the index are answered; but those of a table that refused them, with
// an outcome that is unknown, are not in its store, and a scan would miss their items.
Result<void> IndexJobs::AwaitApplied(const Work& work) {
  const auto range = item::IndexRange(work.index.definition.number, work.index.definition.number);
  TM_TRYV(work.shard->Look(work.table, {.begin = range.begin, .end = range.end},
                           R"({"act":"build index"})"));
  return {};
}

Result<IndexJobs::Chunk> IndexJobs::ReadChunk(const Work& work, const Bytes& after) const {
  const auto range = item::IndexRange(item::kPrimaryIndex, item::kPrimaryIndex);
  Chunk chunk;
  TM_TRY(const auto store, work.handle->OpenStore());
  TM_TRY(auto rows, store->Scan({.begin = after.empty() ? range.begin : after + '\0',
                                 .end = range.end,
                                 .fill_cache = false}));
  uint64_t bytes = 0;
  size_t scanned = 0;
  for (; rows->Valid(); rows->Next()) {
    if (chunk.writes.size() == kChunkRows || bytes >= kChunkBytes || scanned++ == kScannedMax)
      return chunk;
    chunk.last = rows->key();
    TM_TRY(const item::Item item, item::DecodeItem(rows->value()));
    // An item that has no row gets one by a change alone, and that writes it.
    if (!index::RowKeyOf(work.index.definition, work.keys, item)) continue;
    bytes += rows->value().size();
    chunk.writes.push_back(
        {work.handle, chunk.last, PutIndexRow(work.index.definition, work.keys)});
  }
  chunk.end = true;
  TM_TRYV(rows->status());
  return chunk;
}

Result<void> IndexJobs::Build(const Work& work) {
  TM_TRYV(AwaitApplied(work));
  Bytes last = work.index.built_to;
  for (size_t chunks = 1;; ++chunks) {
    if (stopping()) return Fail(Stopping());
    TM_TRY(auto chunk, ReadChunk(work, last));
    if (!chunk.writes.empty()) {
      TM_TRY(const auto written,
             runtime::RunBlocking(context_, work.shard->WriteAll(std::move(chunk.writes), {})));
      for (const auto& one : written) TM_TRYV(one);
    }
    if (!chunk.last.empty()) last = std::move(chunk.last);
    if (chunk.end) break;
    if (chunks % kChunksBetweenSaves > 0) continue;
    // What was written is in the log, so a restart may go on from here.
    TM_TRY(const bool goes_on, Edit(work, [&](IndexRecord& index) { index.built_to = last; }));
    if (!goes_on) return {};
  }
  TM_TRYV(Edit(work, [](IndexRecord& index) {
    index.definition.building = false;
    index.built_to.clear();
  }));
  return {};
}

Result<void> IndexJobs::Count(const Work& work) {
  const uint16_t number = work.index.definition.number;
  const auto range = item::IndexRange(number, number);
  TM_TRY(auto instant,
         work.shard->Look(work.table, {.begin = range.begin, .end = range.end, .fill_cache = false},
                          R"({"act":"count index"})"));
  const shard::IndexTotals counted_so_far = instant.totals.OfIndex(number);
  shard::IndexDelta delta{.index = number,
                          .items = -static_cast<int64_t>(counted_so_far.items),
                          .bytes = -static_cast<int64_t>(counted_so_far.bytes),
                          .added = {},
                          .removed = counted_so_far.hash};
  for (auto& rows = *instant.rows; rows.Valid(); rows.Next()) {
    TM_TRY(const uint64_t size, item::EncodedItemSize(rows.value()));
    delta.items += 1;
    delta.bytes += static_cast<int64_t>(size);
    delta.added += item::HashRow(rows.key(), rows.value());
  }
  TM_TRYV(instant.rows->status());
  TM_TRY(const Timestamp ready, MoveTotals(work, delta));
  TM_TRYV(Edit(work, [&](IndexRecord& index) {
    index.status = IndexStatus::kActive;
    index.ready_at = ready;
  }));
  LogInfo("index {} of table {} is built: {} items", work.index.name, work.table.ToString(),
          counted_so_far.items + static_cast<uint64_t>(delta.items));
  return {};
}

Result<Timestamp> IndexJobs::MoveTotals(const Work& work, shard::IndexDelta delta) {
  // Totals move with rows: here the deletion of a row that no item can have.
  const Bytes nothing =
      item::IndexRange(work.index.definition.number, work.index.definition.number).begin;
  auto evaluate = [delta, nothing](const std::optional<Bytes>&) -> Result<shard::Mutation> {
    shard::Mutation mutation;
    mutation.kind = shard::Mutation::Kind::kKeep;
    mutation.index_rows.push_back({nothing, std::nullopt});
    mutation.indexes.push_back(delta);
    return mutation;
  };
  return runtime::RunBlocking(context_,
                              work.shard->Write({work.handle, nothing, std::move(evaluate)}, {}));
}

Result<void> IndexJobs::Remove(const Work& work) {
  const uint16_t number = work.index.definition.number;
  TM_TRY(const shard::Totals totals, work.handle->LoadTotals());
  const shard::IndexTotals counted = totals.OfIndex(number);
  if (counted != shard::IndexTotals{number}) {
    TM_TRYV(MoveTotals(work, {.index = number,
                              .items = -static_cast<int64_t>(counted.items),
                              .bytes = -static_cast<int64_t>(counted.bytes),
                              .added = {},
                              .removed = counted.hash}));
  }
  const auto range = item::IndexRange(number, number);
  TM_TRYV(work.shard->EraseRows(work.table, range.begin, range.end));
  TM_TRYV(catalog_.EditTable(work.table, [&](catalog::TableRecord& record) -> Result<void> {
    std::erase_if(record.indexes,
                  [&](const IndexRecord& index) { return index.definition.number == number; });
    record.DropUnusedAttributes();
    return {};
  }));
  return {};
}

Result<bool> IndexJobs::Edit(const Work& work, const std::function<void(IndexRecord&)>& edit) {
  bool there = false;
  TM_TRYV(catalog_.EditTable(work.table, [&](catalog::TableRecord& record) -> Result<void> {
    for (IndexRecord& index : record.indexes) {
      if (index.definition.number != work.index.definition.number || !index.IsKept()) continue;
      there = true;
      edit(index);
    }
    return {};
  }));
  return there;
}

}  // namespace tidemark::table
