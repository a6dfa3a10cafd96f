// What RocksDB tells of a table's database by itself: flushes that ended, errors of background
// work. Thread-safe.
#pragma once
#include <rocksdb/listener.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace tidemark::engine {

class DatabaseListener : public rocksdb::EventListener {
 public:
  // Told after the new files are in place, so a row read afterwards is at least as new as that
  // flush.
  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) override {
    MarkStale();
    Wake();
  }
  void MarkStale() { stale_ = true; }
  bool TakeStale() { return stale_.exchange(false); }

  // After an I/O error RocksDB would refuse all work, and a flush asked for at that moment is lost
  // for good. But what could not be written is in memory still, and the next attempt makes new
  // files and a new MANIFEST; no write or sync that failed is relied on. So RocksDB is told that
  // all is well, and the store itself takes no writes until a flush has worked. A compaction that
  // failed changes nothing; RocksDB tries it again.
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override {
    using Reason = rocksdb::BackgroundErrorReason;
    const bool compaction = reason == Reason::kCompaction;
    {
      std::lock_guard lock(mutex_);
      if (reason == Reason::kManifestWrite || reason == Reason::kManifestWriteNoWAL) {
        ++deletions_stopped_;
      }
      if (error_.ok() && !(compaction && status->IsIOError())) error_ = *status;
    }
    if (status->IsIOError()) *status = rocksdb::Status::OK();
    Wake();
  }

  // The first error since ClearError().
  rocksdb::Status error() const {
    std::lock_guard lock(mutex_);
    return error_;
  }
  void ClearError() {
    std::lock_guard lock(mutex_);
    error_ = rocksdb::Status::OK();
  }
  // How often deleting files was stopped and not allowed again, because a MANIFEST could not be
  // written (rocks_manifest.cc).
  void AddDeletionsStopped(int times) {
    std::lock_guard lock(mutex_);
    deletions_stopped_ += times;
  }
  int TakeDeletionsStopped() {
    std::lock_guard lock(mutex_);
    return std::exchange(deletions_stopped_, 0);
  }

  // Events so far, and waiting for one more than `seen`.
  uint64_t events() const {
    std::lock_guard lock(mutex_);
    return events_;
  }
  void WaitBeyond(uint64_t seen) {
    std::unique_lock lock(mutex_);
    happened_.wait(lock, [&] { return events_ > seen; });
  }
  void Wake() {
    std::lock_guard lock(mutex_);
    ++events_;
    happened_.notify_all();
  }

 private:
  std::atomic<bool> stale_ = true;
  mutable std::mutex mutex_;
  std::condition_variable happened_;
  uint64_t events_ = 0;
  int deletions_stopped_ = 0;
  rocksdb::Status error_;
};

}  // namespace tidemark::engine
