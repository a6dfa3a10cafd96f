// Tables of the shard: making, adopting, dropping, pinning them; acts in log order.
#include <utility>

#include "base/files.h"
#include "engine/row_stream.h"
#include "shard/image_run.h"
#include "shard/local_shard.h"
#include "shard/not_found.h"

namespace tidemark::shard {

namespace {

constexpr uint64_t kRowsBetween = 1024;  // tellings of how far a retrieval is

}  // namespace

std::string LocalShard::RestoringPath(TableId id) const {
  return options_.directory + "/restoring/" + id.ToString();
}

OpenTablePtr LocalShard::FindTable(TableId id) const {
  std::shared_lock lock(tables_mutex_);
  const auto at = tables_.find(id);
  return at == tables_.end() ? nullptr : at->second;
}

std::vector<OpenTablePtr> LocalShard::AllTables() const {
  std::shared_lock lock(tables_mutex_);
  std::vector<OpenTablePtr> all;
  all.reserve(tables_.size());
  for (const auto& [id, table] : tables_) all.push_back(table);
  return all;
}

std::vector<TableId> LocalShard::TableIds() const {
  std::shared_lock lock(tables_mutex_);
  std::vector<TableId> ids;
  for (const auto& [id, table] : tables_) ids.push_back(id);
  return ids;
}

OpenTablePtr LocalShard::AddTable(TableId id, std::unique_ptr<engine::TableStore> store,
                                  const Totals& totals) {
  auto table = std::make_shared<OpenTable>(id, opener_, pool_, std::move(store), totals);
  std::unique_lock lock(tables_mutex_);
  tables_[id] = table;
  return table;
}

Result<TableHandle> LocalShard::LogNew(TableId id, OpenTablePtr table, const std::string& control) {
  if (auto logged = LogControl(id, control); !logged) {
    {
      std::unique_lock lock(tables_mutex_);
      tables_.erase(id);
    }
    table->End(/*remove=*/true);
    return Fail(std::move(logged).error());
  }
  return table;
}

Result<TableHandle> LocalShard::CreateTable(TableId id, const std::string& control) {
  if (auto table = FindTable(id)) return table;
  TM_TRY(auto store, engine_.Create(opener_.PathOf(id), id));
  return LogNew(id, AddTable(id, std::move(store), Totals{}), control);
}

Result<std::unique_ptr<engine::TableStore>> LocalShard::CloneStore(TableId id,
                                                                   const std::string& image,
                                                                   const Totals* totals_of_backup) {
  TM_TRYV(DiscardStore(id));
  TM_TRY(auto store, engine_.Clone(image, RestoringPath(id), id));
  if (totals_of_backup) TM_TRYV(CheckRun(*store, image, *totals_of_backup));
  return store;
}

Result<std::unique_ptr<engine::TableStore>> LocalShard::RetrieveStore(
    TableId id, const std::string& image,
    const std::function<Result<void>(uint64_t rows)>& so_far) {
  TM_TRYV(DiscardStore(id));
  // Links need the image's file system. What a crash leaves there goes with the images that no
  // record names.
  const std::string view = ParentDirectory(image) + "/" + id.ToString();
  TM_TRYV(RemoveTree(view));
  TM_TRY(const auto reader, engine_.OpenImage(image, view, id));
  TM_TRY(auto rows, engine::RowStream::Open(*reader));
  TM_TRY(auto store, engine_.Create(RestoringPath(id), id));
  uint64_t read = 0;
  TM_TRYV(store->Ingest([&]() -> Result<std::optional<engine::RowWrite>> {
    if (++read % kRowsBetween == 0) TM_TRYV(so_far(read));
    return rows.Next();
  }));
  return store;
}

Result<TableHandle> LocalShard::Adopt(TableId id, std::unique_ptr<engine::TableStore> store,
                                      Totals totals, const std::string& control) {
  // The clone's position belongs to another table's history: it starts afresh at the head of this
  // log. No frame up to there has anything of it.
  const log::Position head = std::max(queue_.NewestPosition(), tail_.last);
  TM_TRYV(store->SetPosition(head, EncodeTotals(totals)));
  store.reset();
  const std::string path = opener_.PathOf(id);
  TM_TRYV(RenameDurably(RestoringPath(id), path));
  TM_TRY(auto opened, engine_.Open(path, id));
  return LogNew(id, AddTable(id, std::move(opened), totals), control);
}

Result<void> LocalShard::DropTable(TableId id, const std::string& control) {
  auto table = FindTable(id);
  if (!table) return {};
  // Not opened for this: it may be one that cannot be.
  auto use = table->UseIfOpen();
  ++table->drops;
  auto done = Control(use ? *std::move(use) : table->WithoutStore(), id, control,
                      [&](const Applied&) -> Result<void> {
                        table->dropped = true;
                        return {};
                      });
  if (!done) --table->drops;
  if (!done && done.error().kind == ErrorKind::kResourceNotFound) return {};  // by another call
  TM_TRYV(done);
  {
    std::unique_lock lock(tables_mutex_);
    tables_.erase(id);
  }
  // Requests under way may still read it: its files go with the last of them.
  use.reset();
  table->End(/*remove=*/true);
  return owed_.Remove(id);
}

void LocalShard::CloseSoon(TableId id) {
  if (const auto table = FindTable(id)) table->CloseSoon();
}

void LocalShard::TryAgain(TableId id) {
  if (const auto table = FindTable(id)) table->TryAgain();
}

Result<void> LocalShard::DiscardStore(TableId id) { return RemoveTree(RestoringPath(id)); }

Result<Timestamp> LocalShard::Control(std::optional<TableUse> table, TableId id,
                                      const std::string& control,
                                      std::function<Result<void>(const Applied&)> act) {
  QueuedChange queued;
  queued.change.kind = ChangeKind::kControl;
  queued.change.control = control;
  if (table) {
    TableChange change;
    change.table = id;
    queued.change.tables.push_back(std::move(change));
    queued.tables.push_back(*std::move(table));
  }
  const auto gather = std::make_shared<Gather>(1);
  queued.gather = gather;
  queued.act = std::move(act);
  queue_.Push(std::move(queued));
  gather->Wait();
  return std::move(gather->results[0]);
}

Result<Timestamp> LocalShard::LogControl(TableId id, const std::string& control) {
  const auto table = FindTable(id);
  if (!table) return Control(std::nullopt, id, control, nullptr);
  // Opened for the record's totals; but a table that cannot be opened has a history still.
  auto use = table->Use();
  return Control(use ? *std::move(use) : table->WithoutStore(), id, control, nullptr);
}

Result<PinResult> LocalShard::Pin(TableId id, const std::string& directory,
                                  const std::string& control) {
  const auto table = FindTable(id);
  if (!table) return Fail(NotFound());
  auto use = table->Use();
  if (!use) return Fail(WithContext(use.error(), "pinning table {}", id.ToString()));
  PinResult result;
  engine::TableStore& store = *use->store;
  auto pinned = Control(*std::move(use), id, control, [&](const Applied& at) -> Result<void> {
    // What its owed run holds need not be in the log any more, and an image has only files and log.
    if (table->owed()) return Fail(table->FencedError());
    // Asked before the files are linked: a flush in between only makes them hold more.
    result.replay_from = table->OldestNeeded().value_or(at.position);
    TM_TRY(auto files, store.Pin(directory));
    result.as_of = at.commit_time;
    result.position = at.position;
    result.file_bytes = files.bytes;
    // Not those applied: a store that refuses changes is behind the log, and the log completes the
    // image.
    result.totals = at.totals;
    return {};
  });
  if (!pinned) return Fail(WithContext(pinned.error(), "pinning table {}", id.ToString()));
  return result;
}

Result<Shard::Instant> LocalShard::Look(TableId id, const engine::ScanOptions& range,
                                        const std::string& control) {
  const auto table = FindTable(id);
  if (!table) return Fail(NotFound());
  TM_TRY(auto use, table->Use());
  Instant instant;
  instant.store = use.store;
  TM_TRY(instant.commit_time,
         Control(std::move(use), id, control, [&](const Applied& at) -> Result<void> {
           if (table->fenced()) return Fail(table->FencedError());
           instant.totals = at.totals;
           TM_TRY(instant.rows, instant.store->Scan(range));
           return {};
         }));
  return instant;
}

Result<void> LocalShard::EraseRows(TableId id, BytesView begin, BytesView end) {
  const auto table = FindTable(id);
  if (!table) return Fail(NotFound());
  TM_TRY(const auto use, table->Use());
  // What a fenced table is owed may hold rows of the range.
  if (table->fenced()) return Fail(table->FencedError());
  return use.store->EraseRange(begin, end);
}

}  // namespace tidemark::shard
