// One table's database: RocksDB without its write-ahead log, over a sealing file system of its own.
//
// INVARIANT: every batch is written with disableWAL; what the files lack is replayed from the shard's
// log, from the position row they hold (dirty_track.h says why that row is a safe lower bound).
#pragma once
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/rocks/database_listener.h"
#include "engine/rocks/dirty_track.h"
#include "engine/rocks/memtable_gate.h"
#include "engine/rocks/rocks_options.h"
#include "engine/rocks/sealing_file_system.h"
#include "engine/table_store.h"

namespace tidemark::engine {

class RocksStore : public TableStore {
 public:
  struct How {
    bool create = false;   // there must be none yet
    bool lasts = true;     // false: nothing of it has to be durable
    bool compact = true;   // false: its files stay as they are, until BeginCompacting
    bool has_run = false;  // a run of the image is about to be ingested
  };
  // The database inside `files`.
  static Result<std::unique_ptr<RocksStore>> Open(std::shared_ptr<const RocksShared> shared,
                                                  std::shared_ptr<SealingFileSystem> files,
                                                  How how);
  // Flushes what is dirty; a failure is logged, and the log has it still.
  ~RocksStore() override;

  Result<void> Apply(std::span<const RowWrite> writes, log::Position position,
                     BytesView note) override;
  Bytes Note() const override;
  bool HasRun() const override { return has_run_; }
  log::Position Flushed() const override;
  std::optional<log::Position> OldestDirty() const override;
  uint64_t DirtyBytes() const override;
  Result<std::optional<Bytes>> Get(BytesView key, bool cached_only) const override;
  Result<void> GetMany(std::span<const Bytes> keys, const TakeRow& take) const override;
  Result<std::unique_ptr<RowIterator>> Scan(const ScanOptions& options) const override;
  Result<void> Flush() override;
  Result<Pinned> Pin(const std::string& directory) override;
  using TableStore::IngestParts;
  Result<void> IngestParts(std::span<const NextRow> parts,
                           const BeforeVisible& before_visible) override;
  Result<void> EraseRange(BytesView begin, BytesView end) override;
  Result<void> SetPosition(log::Position position, BytesView note) override;
  Result<void> MoveTo(const std::string& directory) override { return files_->MoveTo(directory); }
  std::string Directory() const override { return files_->directory(); }
  void Abandon() override;

  // Takes finished SSTs, given by paths inside `files`, into the database; they are gone from
  // there.
  Result<void> IngestFiles(const std::vector<std::string>& paths);
  Result<void> BeginCompacting();

 private:
  RocksStore(std::shared_ptr<const RocksShared> shared, std::shared_ptr<SealingFileSystem> files);
  Result<void> OpenDatabase(How how);
  std::string What(const char* act) const;  // "flush /data/tables/..."

  // Looks for a newer position row in the files, if some flush has ended since. Under mutex_.
  Result<void> RefreshLocked() const;
  // Also while RocksDB stalls; then whoever comes meanwhile is turned away.
  Result<void> WritePositionRow(MemtableGate::Pass& pass, log::Position position, BytesView note);
  Result<void> LimitWrites(bool limited);
  // In rocks_manifest.cc, which says why.
  using Changes = std::unordered_map<std::string, std::string>;
  Result<void> ChangeOptions(const Changes& changes, const char* act);
  // Makes sure of a whole MANIFEST that CURRENT names. Errors: of the disk.
  Result<void> RenewManifest();
  // Of files that RocksDB no longer needs, after failures that stopped it. If the disk does not let
  // us yet, the next flush tries again.
  void AllowDeletions();
  // Their names, and how much of the MANIFEST counts; nothing may be deleted meanwhile. Errors: of
  // the disk.
  Result<std::vector<std::string>> LiveFiles(uint64_t* manifest_bytes);
  Result<void> BeginFlush();
  // Begins a flush, and waits until `done` (asked after each event of the database) or an error.
  template <class Done>
  Result<void> FlushUntil(Done done);
  // `expected`: what the files must reach to at least.
  Result<void> FlushDatabase(log::Position expected);
  Result<Pinned> FillPin(const std::string& aside);

  std::shared_ptr<const RocksShared> shared_;
  std::shared_ptr<SealingFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  std::shared_ptr<DatabaseListener> listener_;
  std::unique_ptr<rocksdb::DB> db_;
  std::atomic<bool> abandoned_ = false;
  bool compacts_ = true;
  bool has_run_ = false;
  size_t ingested_files_ = 0;

  MemtableGate gate_;  // passed with writes and position rows; not held while files are written
  bool row_is_last_ = false;  // in the memtable, nothing follows the position row; inside the gate

  mutable std::mutex mutex_;  // what follows
  mutable DirtyTrack dirty_;
  mutable log::Position flushed_;
  mutable Bytes stored_note_;  // beside flushed_ in the files
  log::Position last_;
  Bytes note_;
};

}  // namespace tidemark::engine
