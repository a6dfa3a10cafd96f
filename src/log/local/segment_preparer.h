// Keeps segments ready: files written and synced in advance, because a write into blocks that exist
// costs one flush and no change of the file system's own records. Truncated segments are used
// again; when there are none, a helper thread fills a file with zeros, at a pace that leaves the
// disk to the writer, and at full speed once the writer waits.
//
// What stands in a spare from an earlier use has lost its key, and names another segment.
// All but the figures belongs to the writer thread.
#pragma once
#include <array>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"
#include "log/local/disk.h"

namespace tidemark::log {

class SegmentPreparer {
 public:
  // Takes over spares left by an earlier run if they have the right size. `disk` must outlive this.
  SegmentPreparer(const Disk& disk, std::filesystem::path directory, uint32_t segment_bytes);
  ~SegmentPreparer();  // ready spares stay for the next run

  // A spare, open for writing; the caller renames it and calls Taken, or gives it back. Waits for
  // it. Errors: why it could not be made (kNoSpace, kIo).
  Result<File> Take();
  void Taken();
  void GiveBack(File file);

  // Disposes of a truncated segment's file: makes a spare of it, or removes it when there are
  // enough, it is no whole segment, or has other names (a link needs its content). Not durable:
  // the caller syncs the directory.
  Result<void> Recycle(const std::filesystem::path& path);

  size_t spares() const;  // ready ones; any thread
  uint64_t bytes_on_disk() const;

 private:
  static constexpr size_t kSparesMax = 2;
  struct Spare {
    File file;
    size_t slot = 0;  // of its name
  };

  std::filesystem::path SlotPath(size_t slot) const;
  std::optional<size_t> FreeSlot() const;  // under the mutex
  void AdoptOrRemove(size_t slot);
  Result<Spare> MakeSpareOf(const std::filesystem::path& path, size_t slot);
  void Run();
  Result<void> Fill();
  // False when the helper is to stop filling: the log is closed, or a spare has come.
  bool Pause();

  const Disk& disk_;
  const std::filesystem::path directory_;
  const uint32_t segment_bytes_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Spare> ready_;
  std::array<bool, kSparesMax> used_{};  // names of spares ready, taken or being made
  std::optional<size_t> taken_;          // not renamed yet
  bool urgent_ = false;                  // the writer waits
  bool stop_ = false;
  bool warned_ = false;  // that none can be made
  std::optional<Error> error_;
  std::thread thread_;
};

}  // namespace tidemark::log
