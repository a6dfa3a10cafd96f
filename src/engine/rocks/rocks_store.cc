#include "engine/rocks/rocks_store.h"

#include <rocksdb/convenience.h>
#include <rocksdb/listener.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "engine/rocks/directory.h"
#include "engine/rocks/position_row.h"
#include "engine/rocks/rocks_status.h"
#include "engine/rocks/sst_slices.h"

namespace tidemark::engine {
namespace {

// A row in every batch would double the cost of small ones; replaying a MiB again costs nothing.
constexpr uint64_t kBytesBetweenRows = 1 << 20;
constexpr uint64_t kIngestSliceBytes = 64 << 20;

rocksdb::WriteOptions WithoutLog() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

}  // namespace

// Hears of flushes RocksDB began by itself. It is told after the new files are in place, so a row
// read afterwards is at least as new as that flush.
class RocksStore::FlushListener : public rocksdb::EventListener {
 public:
  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { MarkStale(); }
  void MarkStale() { stale_ = true; }
  bool TakeStale() { return stale_.exchange(false); }

 private:
  std::atomic<bool> stale_ = true;
};

RocksStore::RocksStore(std::shared_ptr<const RocksShared> shared,
                       std::shared_ptr<SealingFileSystem> files)
    : shared_(std::move(shared)),
      files_(std::move(files)),
      env_(rocksdb::NewCompositeEnv(files_)),
      listener_(std::make_shared<FlushListener>()),
      options_(TableOptions(*shared_, env_.get(), FinalName(files_->directory()))) {
  options_.listeners.push_back(listener_);
}

Result<std::unique_ptr<RocksStore>> RocksStore::Open(std::shared_ptr<const RocksShared> shared,
                                                     std::shared_ptr<SealingFileSystem> files,
                                                     bool create) {
  std::unique_ptr<RocksStore> store(new RocksStore(std::move(shared), std::move(files)));
  TM_TRYV(store->OpenDatabase(create));
  return store;
}

Result<void> RocksStore::OpenDatabase(bool create) {
  rocksdb::Options options = options_;
  options.create_if_missing = create;
  options.error_if_exists = create;
  rocksdb::DB* db = nullptr;
  TM_TRYV(CheckRocks(rocksdb::DB::Open(options, SealingFileSystem::kInside, &db), What("open")));
  db_.reset(db);
  std::lock_guard lock(mutex_);
  TM_TRYV(RefreshLocked());
  last_ = flushed_;
  note_ = stored_note_;
  return {};
}

void RocksStore::Abandon() {
  abandoned_ = true;
  // Also keeps the destructor of the database from flushing what nobody will read.
  db_->SetDBOptions({{"avoid_flush_during_shutdown", "true"}}).PermitUncheckedError();
  rocksdb::CancelAllBackgroundWork(db_.get(), /*wait=*/true);
}

RocksStore::~RocksStore() {
  if (db_ == nullptr || abandoned_) return;
  if (Result<void> flushed = Flush(); !flushed) {
    LogError("closing a table with unflushed writes: {}", flushed.error().message);
  }
}

std::string RocksStore::What(const char* act) const {
  return fmt::format("{} {}", act, files_->directory());
}

Result<void> RocksStore::Apply(std::span<const RowWrite> writes, log::Position position,
                               BytesView note) {
  uint64_t bytes = 0;
  for (const RowWrite& write : writes) {
    TM_ASSERT(write.key >= kFirstRowKey);
    bytes += write.key.size() + (write.value ? write.value->size() : 0);
  }
  rocksdb::WriteBatch batch(bytes + 16 * writes.size() + 128);
  for (const RowWrite& write : writes) {
    rocksdb::Slice key(write.key);
    TM_TRYV(
        CheckRocks(write.value ? batch.Put(key, rocksdb::Slice(*write.value)) : batch.Delete(key),
                   "collect writes"));
  }
  std::lock_guard memtable(memtable_mutex_);
  bool with_row;
  {
    std::lock_guard lock(mutex_);
    with_row = dirty_.bytes_since_row() + bytes >= kBytesBetweenRows;
    // Before the write: a flush may take it to the files before Write() returns, and nobody may
    // find the table clean meanwhile.
    dirty_.Add(position, bytes, false);
  }
  if (with_row) {
    Bytes row = EncodePositionRow(position, note);
    TM_TRYV(
        CheckRocks(batch.Put(rocksdb::Slice(kPositionKey), rocksdb::Slice(row)), "collect writes"));
  }
  TM_TRYV(WriteBatch(batch, "apply to"));
  std::lock_guard lock(mutex_);
  if (with_row) dirty_.AddRow(position);
  last_ = position;
  note_ = note;
  return {};
}

Bytes RocksStore::Note() const {
  std::lock_guard lock(mutex_);
  return note_;
}

Result<void> RocksStore::RefreshLocked() const {
  if (!listener_->TakeStale()) return {};
  rocksdb::ReadOptions options;
  // Files only: without a write-ahead log this tier leaves out the memtables.
  options.read_tier = rocksdb::kPersistedTier;
  rocksdb::PinnableSlice value;
  rocksdb::Status status =
      db_->Get(options, db_->DefaultColumnFamily(), rocksdb::Slice(kPositionKey), &value);
  if (status.IsNotFound()) return {};
  Result<PositionRow> row =
      status.ok() ? DecodePositionRow({value.data(), value.size()})
                  : Result<PositionRow>(Fail(FromRocks(status, What("read the position of"))));
  if (!row) {
    listener_->MarkStale();
    return Fail(std::move(row).error());
  }
  flushed_ = row->position;
  stored_note_ = std::move(row->note);
  dirty_.Flushed(flushed_);
  return {};
}

log::Position RocksStore::Flushed() const {
  std::lock_guard lock(mutex_);
  // When the row cannot be read, the one known before is a lower bound still.
  if (Result<void> fresh = RefreshLocked(); !fresh) LogError("{}", fresh.error().message);
  return flushed_;
}

std::optional<log::Position> RocksStore::OldestDirty() const {
  std::lock_guard lock(mutex_);
  if (Result<void> fresh = RefreshLocked(); !fresh) LogError("{}", fresh.error().message);
  return dirty_.oldest();
}

uint64_t RocksStore::DirtyBytes() const {
  std::lock_guard lock(mutex_);
  if (Result<void> fresh = RefreshLocked(); !fresh) LogError("{}", fresh.error().message);
  return dirty_.bytes();
}

Result<std::optional<Bytes>> RocksStore::Get(BytesView key, bool cached_only) const {
  rocksdb::ReadOptions options;
  if (cached_only) options.read_tier = rocksdb::kBlockCacheTier;
  rocksdb::PinnableSlice value;
  rocksdb::Status status =
      db_->Get(options, db_->DefaultColumnFamily(), rocksdb::Slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return Fail(FromRocks(status, What("read from")));
  return Bytes(value.data(), value.size());
}

Result<void> RocksStore::WriteBatch(rocksdb::WriteBatch& batch, const char* act) {
  rocksdb::Status status = db_->Write(WithoutLog(), &batch);
  if (status.ok()) return {};
  failed_ = true;
  return Fail(FromRocks(status, What(act)));
}

Result<void> RocksStore::WritePositionRow(log::Position position, BytesView note) {
  Bytes row = EncodePositionRow(position, note);
  rocksdb::WriteBatch batch;
  TM_TRYV(
      CheckRocks(batch.Put(rocksdb::Slice(kPositionKey), rocksdb::Slice(row)), "collect writes"));
  return WriteBatch(batch, "write the position of");
}

// After a failed flush RocksDB refuses all writes until it is told to go on. Where it calls the
// failure fatal, only closing and opening the table again helps: the log has what was not flushed.
Result<void> RocksStore::ResumeAfterFailure() {
  if (!failed_) return {};
  TM_TRYV(CheckRocks(db_->Resume(), What("resume")));
  failed_ = false;
  return {};
}

Result<void> RocksStore::FlushDatabase(log::Position expected) {
  rocksdb::FlushOptions options;
  options.wait = true;
  options.allow_write_stall = true;
  rocksdb::Status status = db_->Flush(options);
  if (!status.ok()) {
    failed_ = true;
    return Fail(FromRocks(status, What("flush")));
  }
  listener_->MarkStale();
  std::lock_guard lock(mutex_);
  TM_TRYV(RefreshLocked());
  // The applier may have gone on meanwhile, and its rows may be in the files too.
  const bool newer = flushed_.log_id == expected.log_id && flushed_ > expected;
  if (flushed_ != expected && !newer) {
    return Fail(ErrorKind::kInternal, "{}: the files reach to {} only, not to {}", What("flush"),
                flushed_.ToString(), expected.ToString());
  }
  // A newer row may be in the files before its writer has noted it, and would then drop nothing.
  dirty_.Flushed(expected);
  return {};
}

Result<void> RocksStore::Flush() {
  log::Position position;
  {
    std::lock_guard memtable(memtable_mutex_);
    Bytes note;
    {
      std::lock_guard lock(mutex_);
      if (!dirty_.oldest()) return {};
      position = last_;
      note = note_;
    }
    TM_TRYV(ResumeAfterFailure());
    TM_TRYV(WritePositionRow(position, note));
    std::lock_guard lock(mutex_);
    dirty_.AddRow(position);
  }
  return FlushDatabase(position);
}

Result<void> RocksStore::SetPosition(log::Position position, BytesView note) {
  {
    std::lock_guard memtable(memtable_mutex_);
    TM_TRYV(ResumeAfterFailure());
    TM_TRYV(WritePositionRow(position, note));
    std::lock_guard lock(mutex_);
    // Dirty until the flush has worked, so that a failed one is tried again.
    dirty_.Add(position, 0, true);
    last_ = position;
    note_ = note;
  }
  return FlushDatabase(position);
}

Result<void> RocksStore::Ingest(const std::function<Result<std::optional<RowWrite>>()>& next) {
  std::string prefix = std::string(SealingFileSystem::kInside) + "/" + kIngestPrefix;
  TM_TRY(auto paths, WriteSlices(options_, prefix, kIngestSliceBytes, next));
  if (paths.empty()) return {};
  Result<void> done = IngestFiles(paths);
  if (!done) {
    for (const std::string& path : paths) env_->DeleteFile(path).PermitUncheckedError();
  }
  return done;
}

Result<void> RocksStore::IngestFiles(const std::vector<std::string>& paths) {
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  options.failed_move_fall_back_to_copy = false;
  // A run is a link on the image's file: nothing may be written into it.
  options.write_global_seqno = false;
  return CheckRocks(db_->IngestExternalFile(paths, options), What("ingest into"));
}

uint64_t RocksStore::FileBytes() const {
  uint64_t bytes = 0;
  db_->GetIntProperty(rocksdb::DB::Properties::kLiveSstFilesSize, &bytes);
  return bytes;
}

}  // namespace tidemark::engine
