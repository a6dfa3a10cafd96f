#include "engine/rocks/rocks_store.h"

#include <rocksdb/convenience.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "engine/rocks/directory.h"
#include "engine/rocks/position_row.h"
#include "engine/rocks/rocks_status.h"
#include "engine/rocks/sst_slices.h"
#include "engine/rocks/table_env.h"
#include "runtime/side_by_side.h"

namespace tidemark::engine {
namespace {

// A row in every batch would double the cost of small ones; replaying a MiB again costs nothing.
constexpr uint64_t kBytesBetweenRows = 1 << 20;
constexpr uint64_t kIngestSliceBytes = 64 << 20;
constexpr size_t kGottenAtOnce = 32;  // RocksDB makes no more of them one batch
constexpr size_t kIngestedMax = 16;   // files that may wait to be compacted: more would stop writes

rocksdb::WriteOptions WithoutLog(bool may_wait) {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  options.no_slowdown = !may_wait;
  return options;
}

}  // namespace

RocksStore::RocksStore(std::shared_ptr<const RocksShared> shared,
                       std::shared_ptr<SealingFileSystem> files)
    : shared_(std::move(shared)),
      files_(std::move(files)),
      env_(MakeTableEnv(files_)),
      listener_(std::make_shared<DatabaseListener>()) {}

Result<std::unique_ptr<RocksStore>> RocksStore::Open(std::shared_ptr<const RocksShared> shared,
                                                     std::shared_ptr<SealingFileSystem> files,
                                                     How how) {
  std::unique_ptr<RocksStore> store(new RocksStore(std::move(shared), std::move(files)));
  TM_TRYV(store->OpenDatabase(how));
  return store;
}

Result<void> RocksStore::OpenDatabase(How how) {
  rocksdb::Options options = TableOptions(*shared_, env_.get(), FinalName(files_->directory()));
  options.listeners.push_back(listener_);
  options.create_if_missing = how.create;
  options.error_if_exists = how.create;
  options.disable_auto_compactions = !how.compact;
  compacts_ = how.compact;
  has_run_ = how.has_run;
  rocksdb::DB* db = nullptr;
  TM_TRYV(CheckRocks(rocksdb::DB::Open(options, SealingFileSystem::kInside, &db), What("open")));
  db_.reset(db);
  ++shared_->open_tables;
  std::lock_guard lock(mutex_);
  TM_TRYV(RefreshLocked());
  last_ = flushed_;
  note_ = stored_note_;
  return {};
}

void RocksStore::Abandon() {
  abandoned_ = true;
  listener_->Wake();
  // Also keeps the destructor of the database from flushing what nobody will read.
  db_->SetDBOptions({{"avoid_flush_during_shutdown", "true"}}).PermitUncheckedError();
  rocksdb::CancelAllBackgroundWork(db_.get(), /*wait=*/true);
}

RocksStore::~RocksStore() {
  if (db_ == nullptr) return;
  --shared_->open_tables;
  if (abandoned_) return;
  if (Result<void> flushed = Flush(); !flushed) {
    LogError("closing a table with unflushed writes: {}", flushed.error().message);
    // RocksDB would try once more, and wait until that works.
    db_->SetDBOptions({{"avoid_flush_during_shutdown", "true"}}).PermitUncheckedError();
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
  MemtableGate::Pass pass = gate_.EnterUnlessStalled();
  if (!pass) return Fail(ErrorKind::kBusy, "{}: a flush waits there", What("apply to"));
  if (rocksdb::Status earlier = listener_->error(); !earlier.ok()) {
    return Fail(FromRocks(earlier, What("apply to")));
  }
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
  rocksdb::Status status = db_->Write(WithoutLog(/*may_wait=*/false), &batch);
  if (status.ok()) row_is_last_ = with_row;
  std::lock_guard lock(mutex_);
  if (status.IsIncomplete()) {
    dirty_.TakeBack(bytes);
    return Fail(ErrorKind::kBusy, "{}: {}", What("apply to"), status.ToString());
  }
  if (!status.ok()) return Fail(FromRocks(status, What("apply to")));
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

Result<void> RocksStore::GetMany(std::span<const Bytes> keys, const TakeRow& take) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.verify_checksums = false;  // the chunks' tags say more
  std::array<rocksdb::Slice, kGottenAtOnce> slices;
  std::array<rocksdb::PinnableSlice, kGottenAtOnce> values;
  std::array<rocksdb::Status, kGottenAtOnce> statuses;
  for (size_t first = 0; first < keys.size(); first += kGottenAtOnce) {
    const auto some = keys.subspan(first, std::min(kGottenAtOnce, keys.size() - first));
    std::ranges::copy(some, slices.begin());
    db_->MultiGet(options, db_->DefaultColumnFamily(), some.size(), slices.data(), values.data(),
                  statuses.data(), /*sorted_input=*/true);
    for (size_t i = 0; i < some.size(); ++i) {
      if (statuses[i].IsNotFound()) continue;
      TM_TRYV(CheckRocks(statuses[i], What("read from")));
      TM_TRYV(take(some[i], {values[i].data(), values[i].size()}));
      values[i].Reset();
    }
  }
  return {};
}

// RocksDB's limits to what may wait for flushes and compactions. Lifted only for a moment, so that
// a flush gets in however the table is doing: to wait for a sick one could last forever.
Result<void> RocksStore::LimitWrites(bool limited) {
  const rocksdb::ColumnFamilyOptions usual;
  const auto text = [&](uint64_t value, uint64_t lifted) {
    return std::to_string(limited ? value : lifted);
  };
  constexpr uint64_t kMany = 1 << 20;
  const auto level0 = [](int files) { return static_cast<uint64_t>(files); };
  return ChangeOptions(
      {{"max_write_buffer_number", text(kMemtablesMax, kMany)},
       {"level0_slowdown_writes_trigger",
        text(level0(usual.level0_slowdown_writes_trigger), kMany)},
       {"level0_stop_writes_trigger", text(level0(usual.level0_stop_writes_trigger), kMany)},
       {"soft_pending_compaction_bytes_limit", text(usual.soft_pending_compaction_bytes_limit, 0)},
       {"hard_pending_compaction_bytes_limit", text(usual.hard_pending_compaction_bytes_limit, 0)}},
      "change the limits of");
}

Result<void> RocksStore::BeginFlush() {
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  rocksdb::Status begun = db_->Flush(options);
  if (begun.IsTryAgain()) {  // while writes are stopped none is begun that is not waited for
    TM_TRYV(LimitWrites(false));
    begun = db_->Flush(options);
    TM_TRYV(LimitWrites(true));
  }
  return CheckRocks(begun, What("flush"));
}

// RocksDB's own waiting is not used: it would not end with an error that it was not told of.
template <class Done>
Result<void> RocksStore::FlushUntil(Done done) {
  TM_TRYV(BeginFlush());
  while (true) {
    const uint64_t seen = listener_->events();
    TM_TRY(const bool reached, done());
    if (reached) return {};
    TM_TRYV(CheckRocks(listener_->error(), What("flush")));
    if (abandoned_) return Fail(ErrorKind::kUnavailable, "{}: it was dropped", What("flush"));
    listener_->WaitBeyond(seen);
  }
}

Result<void> RocksStore::WritePositionRow(MemtableGate::Pass& pass, log::Position position,
                                          BytesView note) {
  Bytes row = EncodePositionRow(position, note);
  rocksdb::WriteBatch batch;
  TM_TRYV(
      CheckRocks(batch.Put(rocksdb::Slice(kPositionKey), rocksdb::Slice(row)), "collect writes"));
  rocksdb::Status status = db_->Write(WithoutLog(/*may_wait=*/false), &batch);
  if (status.IsIncomplete()) {
    pass.Stall();
    TM_TRYV(LimitWrites(false));
    status = db_->Write(WithoutLog(/*may_wait=*/true), &batch);
    TM_TRYV(LimitWrites(true));
  }
  TM_TRYV(CheckRocks(status, What("write the position of")));
  row_is_last_ = true;
  return {};
}

Result<void> RocksStore::FlushDatabase(log::Position expected) {
  TM_TRYV(FlushUntil([&]() -> Result<bool> {
    std::lock_guard lock(mutex_);
    TM_TRYV(RefreshLocked());
    // The applier may have gone on meanwhile, and its rows may be in the files too.
    return flushed_ == expected || (flushed_.log_id == expected.log_id && flushed_ > expected);
  }));
  AllowDeletions();
  std::lock_guard lock(mutex_);
  // A newer row may be in the files before its writer has noted it, and would then drop nothing.
  dirty_.Flushed(expected);
  return {};
}

Result<void> RocksStore::Flush() {
  log::Position position;
  {
    MemtableGate::Pass pass = gate_.Enter();
    listener_->ClearError();
    Bytes note;
    {
      std::lock_guard lock(mutex_);
      if (!dirty_.oldest()) return {};
      position = last_;
      note = note_;
    }
    // After a failure the row is in memory already.
    if (!row_is_last_) TM_TRYV(WritePositionRow(pass, position, note));
    std::lock_guard lock(mutex_);
    dirty_.AddRow(position);
  }
  return FlushDatabase(position);
}

Result<void> RocksStore::BeginCompacting() {
  if (compacts_) return {};
  TM_TRYV(ChangeOptions({{"disable_auto_compactions", "false"}}, "compact"));
  compacts_ = true;
  return {};
}

Result<void> RocksStore::SetPosition(log::Position position, BytesView note) {
  TM_TRYV(BeginCompacting());
  {
    MemtableGate::Pass pass = gate_.Enter();
    listener_->ClearError();
    TM_TRYV(WritePositionRow(pass, position, note));
    std::lock_guard lock(mutex_);
    // Dirty until the flush has worked, so that a failed one is tried again.
    dirty_.Add(position, 0, true);
    last_ = position;
    note_ = note;
  }
  return FlushDatabase(position);
}

Result<void> RocksStore::IngestParts(std::span<const NextRow> parts,
                                     const BeforeVisible& before_visible) {
  const rocksdb::Options options = TableOptions(*shared_, env_.get(), files_->directory());
  std::vector<Slices> written(parts.size());
  const auto write = [&](size_t part) -> Result<void> {
    const std::string prefix =
        std::string(SealingFileSystem::kInside) + "/" + kIngestPrefix + std::to_string(part) + "-";
    TM_TRY(written[part], WriteSlices(options, prefix, kIngestSliceBytes, parts[part]));
    return {};
  };
  Result<void> done = runtime::SideBySide(parts.size(), write);
  std::vector<std::string> paths;
  Bytes last_key;
  for (const Slices& slices : written) {
    if (slices.paths.empty()) continue;
    if (done && !paths.empty() && slices.first_key <= last_key)
      done = Fail(ErrorKind::kInternal, "parts to ingest are not in the order of keys");
    last_key = slices.last_key;
    paths.insert(paths.end(), slices.paths.begin(), slices.paths.end());
  }
  if (done) done = before_visible();
  if (done && !paths.empty()) done = IngestFiles(paths);
  if (!done) {
    for (const std::string& path : paths) env_->DeleteFile(path).PermitUncheckedError();
  }
  return done;
}

Result<void> RocksStore::EraseRange(BytesView begin, BytesView end) {
  TM_ASSERT(begin >= kFirstRowKey && begin < end);
  const std::string path =
      std::string(SealingFileSystem::kInside) + "/" + kIngestPrefix + "erase.sst";
  const rocksdb::Options options = TableOptions(*shared_, env_.get(), files_->directory());
  Result<void> done = WriteErasure(options, path, begin, end);
  if (done) done = IngestFiles({path});
  if (!done) env_->DeleteFile(path).PermitUncheckedError();
  return done;
}

Result<void> RocksStore::IngestFiles(const std::vector<std::string>& paths) {
  // RocksDB would flush what the files overlap, and wait until that works.
  TM_TRYV(Flush());
  const rocksdb::Options opens = TableOptions(*shared_, env_.get(), files_->directory());
  for (const std::string& path : paths) TM_TRYV(CacheEnds(opens, path));
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  options.failed_move_fall_back_to_copy = false;
  // A run is a link on the image's file: nothing may be written into it.
  options.write_global_seqno = false;
  // WHY: after a failure RocksDB deletes what it has linked, though the MANIFEST may name it, if
  // only its sync has failed: the table could not be opened again. What is not needed goes with all
  // else that is not (rocks_manifest.cc).
  const auto kept = files_->KeepLinks();
  TM_TRYV(CheckRocks(db_->IngestExternalFile(paths, options), What("ingest into")));
  ingested_files_ += paths.size();
  return ingested_files_ < kIngestedMax ? Result<void>() : BeginCompacting();
}

}  // namespace tidemark::engine
