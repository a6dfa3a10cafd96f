// Keeps one segment ready: a file of zeros, written and synced in advance, because a write into
// blocks that exist costs one flush and no change of the file system's own records.
//
// A helper thread fills the file at a pace that leaves the disk to the writer, and at full speed
// once the writer waits. Take and PrepareNext belong to the writer thread.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.h"
#include "log/local/disk.h"

namespace tidemark::log {

class SegmentPreparer {
 public:
  // Takes over a spare left by an earlier run if it has the right size. `disk` must outlive this.
  SegmentPreparer(const Disk& disk, std::filesystem::path directory, uint32_t segment_bytes);
  ~SegmentPreparer();  // a ready spare stays for the next run

  // The spare, open for writing; the caller renames it. Waits for it.
  // Errors: why it could not be made (kNoSpace, kIo).
  Result<File> Take();
  // After the rename: the next spare may be made.
  void PrepareNext();

  uint64_t bytes_on_disk() const;

 private:
  enum class State { kTaken, kWanted, kReady };

  void Run();
  Result<File> Fill();
  // False when the helper is to stop.
  bool Pause();

  const Disk& disk_;
  const std::filesystem::path directory_;
  const std::filesystem::path path_;
  const uint32_t segment_bytes_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::kWanted;
  File ready_;
  bool urgent_ = false;  // the writer waits
  bool stop_ = false;
  std::optional<Error> error_;
  std::thread thread_;
};

}  // namespace tidemark::log
