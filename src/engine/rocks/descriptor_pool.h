// The descriptors with which all open tables read their files: at most a budget of them, whoever
// needs them. A file is opened when it is read and closed when others need its descriptor more.
//
// Which one goes is told by a clock hand that passes over files read since it came by last (a cheap
// stand-in for the least recently used). A read of an open file takes no lock: it adds itself to a
// count of users beside the descriptor, in one word, and only what has no user can be taken away.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace tidemark::engine {

class PooledFile;

// Thread-safe. Outlives its files.
class DescriptorPool {
 public:
  explicit DescriptorPool(size_t budget);
  DescriptorPool(const DescriptorPool&) = delete;
  DescriptorPool& operator=(const DescriptorPool&) = delete;

  size_t budget() const { return budget_; }
  uint64_t open() const;                     // those of writers included
  uint64_t opens() const { return opens_; }  // reads that found their file closed, so far

  // Files being written hold a descriptor outside the budget, for a short while; they report it.
  void WriterOpened() { ++writers_; }
  void WriterClosed() { --writers_; }

 private:
  friend class PooledFile;

  // Opens `file` and counts the caller as its user. When everything is in use the budget is
  // exceeded rather than anybody kept waiting: by as many as there are threads reading, at most.
  Result<int> OpenAndUse(PooledFile& file);
  void Forget(PooledFile& file);
  void MakeRoom();
  bool GiveUpOne();
  int TakeUnusedLocked();  // a descriptor to be closed; -1: all are in use

  const size_t budget_;
  std::atomic<uint64_t> opens_{0};
  std::atomic<int64_t> writers_{0};
  std::array<std::mutex, 16> opening_;  // by file: two threads shall not open the same one

  mutable std::mutex mutex_;  // what follows
  std::list<PooledFile*> ring_;
  std::list<PooledFile*>::iterator hand_ = ring_.end();
  size_t kept_ = 0;  // descriptors in the ring, and those being opened
};

class TablePlace;

// A file read at random. Thread-safe; nobody may be reading when it is destroyed. It can be read as
// long as it has its name in the table's directory, wherever that is.
class PooledFile {
 public:
  PooledFile(std::shared_ptr<const TablePlace> place, std::string path);
  PooledFile(const PooledFile&) = delete;
  PooledFile& operator=(const PooledFile&) = delete;
  ~PooledFile();

  // Fills `to`; gives the bytes read, fewer than `bytes` only at the file's end.
  Result<size_t> Read(uint64_t offset, size_t bytes, char* to);
  // Advice to the operating system.
  void Readahead(uint64_t offset, size_t bytes);
  Result<uint64_t> Size();
  std::string RealPath() const;  // for messages

 private:
  friend class DescriptorPool;
  class Use;

  Result<int> BeginUse();
  void EndUse() { state_.fetch_sub(1, std::memory_order_release); }
  int OpenDescriptor() const;  // or -errno

  // state := (descriptor + 1)(u32), 0 when closed; users(u32)
  static uint64_t Opened(int descriptor) { return static_cast<uint64_t>(descriptor + 1) << 32; }
  static int DescriptorOf(uint64_t state) { return static_cast<int>(state >> 32) - 1; }
  static uint32_t UsersOf(uint64_t state) { return static_cast<uint32_t>(state); }

  const std::shared_ptr<const TablePlace> place_;
  const std::string path_;
  std::atomic<uint64_t> state_{0};
  std::atomic<bool> read_lately_{false};
  bool in_ring_ = false;  // under the pool's mutex, as the next
  std::list<PooledFile*>::iterator at_;
};

}  // namespace tidemark::engine
