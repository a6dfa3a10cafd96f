#include "log/local/segment_preparer.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "log/local/aligned_buffer.h"

namespace tidemark::log {
namespace {

// Unpaced filling tripled the p99 of commits at 16 clients.
constexpr size_t kChunkBytes = 256 << 10;
constexpr auto kPause = std::chrono::microseconds(1200);
constexpr auto kRetryAfter = std::chrono::seconds(1);

AlignedBuffer Zeros(size_t bytes) {
  AlignedBuffer zeros;
  zeros.Reserve(bytes);
  std::memset(zeros.data(), 0, bytes);
  return zeros;
}

}  // namespace

SegmentPreparer::SegmentPreparer(const Disk& disk, std::filesystem::path directory,
                                 uint32_t segment_bytes)
    : disk_(disk), directory_(std::move(directory)), segment_bytes_(segment_bytes) {
  for (size_t slot = 0; slot < kSparesMax; ++slot) AdoptOrRemove(slot);
  thread_ = std::thread([this] { Run(); });
}

SegmentPreparer::~SegmentPreparer() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::filesystem::path SegmentPreparer::SlotPath(size_t slot) const {
  return directory_ / (slot == 0 ? "spare" : fmt::format("spare-{}", slot + 1));
}

std::optional<size_t> SegmentPreparer::FreeSlot() const {
  for (size_t slot = 0; slot < kSparesMax; ++slot) {
    if (!used_[slot]) return slot;
  }
  return std::nullopt;
}

void SegmentPreparer::AdoptOrRemove(size_t slot) {
  std::string path = SlotPath(slot).string();
  if (!Exists(path)) return;
  if (auto file = disk_.Open(path, Disk::Mode::kWrite)) {
    auto size = file->Size();
    auto links = file->Links();
    if (size && *size == segment_bytes_ && links && *links == 1) {
      ready_.push_back({.file = std::move(*file), .slot = slot});
      used_[slot] = true;
      return;
    }
  }
  (void)RemoveFile(path);  // else it is written over
}

Result<File> SegmentPreparer::Take() {
  std::unique_lock lock(mutex_);
  if (ready_.empty()) {
    urgent_ = true;
    error_.reset();
    changed_.notify_all();
    changed_.wait(lock, [this] { return !ready_.empty() || error_.has_value(); });
    urgent_ = false;
    if (ready_.empty()) return Fail(*error_);
  }
  Spare spare = std::move(ready_.back());
  ready_.pop_back();
  taken_ = spare.slot;
  changed_.notify_all();
  return std::move(spare.file);
}

void SegmentPreparer::Taken() {
  std::lock_guard lock(mutex_);
  used_[*taken_] = false;
  taken_.reset();
}

void SegmentPreparer::GiveBack(File file) {
  std::lock_guard lock(mutex_);
  size_t slot = *std::exchange(taken_, std::nullopt);
  if (file.is_open() && file.path() == SlotPath(slot)) {
    ready_.push_back({.file = std::move(file), .slot = slot});
  } else {
    used_[slot] = false;
  }
}

Result<void> SegmentPreparer::Recycle(const std::filesystem::path& path) {
  std::optional<size_t> slot;
  {
    std::lock_guard lock(mutex_);
    slot = FreeSlot();
    if (slot) used_[*slot] = true;
  }
  if (slot) {
    Result<Spare> spare = MakeSpareOf(path, *slot);
    std::lock_guard lock(mutex_);
    if (spare) {
      ready_.push_back(std::move(*spare));
      error_.reset();
      changed_.notify_all();
      return {};
    }
    used_[*slot] = false;
  }
  return RemoveFile(path.string());
}

Result<SegmentPreparer::Spare> SegmentPreparer::MakeSpareOf(const std::filesystem::path& path,
                                                            size_t slot) {
  Spare spare{.file = {}, .slot = slot};
  TM_TRY(spare.file, disk_.Open(path, Disk::Mode::kWrite));
  TM_TRY(uint64_t bytes, spare.file.Size());
  if (bytes != segment_bytes_) return Fail(ErrorKind::kValidation, "not a whole segment");
  TM_TRYV(spare.file.RenameTo(SlotPath(slot)));
  auto prepare = [&]() -> Result<void> {
    // WHY after renaming: from here on nobody can give it another name.
    TM_TRY(uint64_t links, spare.file.Links());
    if (links != 1) return Fail(ErrorKind::kValidation, "another name needs the content");
    // The wrapped key goes, and with it all that stands behind it.
    AlignedBuffer zeros = Zeros(kBlockBytes);
    TM_TRYV(spare.file.WriteAt(0, {zeros.data(), kBlockBytes}));
    return spare.file.SyncData();
  };
  auto prepared = prepare();
  if (!prepared) {
    TM_TRYV(RemoveFile(SlotPath(slot).string()));
    return Fail(std::move(prepared).error());
  }
  return spare;
}

size_t SegmentPreparer::spares() const {
  std::lock_guard lock(mutex_);
  return ready_.size();
}

uint64_t SegmentPreparer::bytes_on_disk() const { return spares() * uint64_t{segment_bytes_}; }

void SegmentPreparer::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stop_ || ready_.empty(); });
    if (stop_) return;
    lock.unlock();
    Result<void> filled = Fill();
    lock.lock();
    changed_.notify_all();
    if (filled || filled.error().kind == ErrorKind::kCancelled) {
      warned_ = false;
      continue;
    }
    if (!std::exchange(warned_, true)) {
      LogWarn("the commit log's next segment cannot be prepared: {}", filled.error().message);
    }
    error_ = std::move(filled).error();
    // Room may be made meanwhile; a writer that asks is told at once what a new attempt gives.
    changed_.wait_for(lock, kRetryAfter,
                      [this] { return stop_ || !ready_.empty() || (urgent_ && !error_); });
  }
}

Result<void> SegmentPreparer::Fill() {
  std::filesystem::path temporary = directory_ / "spare.tmp";
  auto fill = [&]() -> Result<void> {
    TM_TRY(File file, disk_.Open(temporary, Disk::Mode::kCreate));
    TM_TRYV(file.Allocate(segment_bytes_));
    AlignedBuffer zeros = Zeros(kChunkBytes);
    for (uint64_t offset = 0; offset < segment_bytes_; offset += kChunkBytes) {
      size_t bytes = static_cast<size_t>(std::min<uint64_t>(kChunkBytes, segment_bytes_ - offset));
      TM_TRYV(file.WriteAt(offset, {zeros.data(), bytes}));
      if (!Pause()) return Fail(ErrorKind::kCancelled, "it is not needed any more");
    }
    TM_TRYV(file.SyncAll());
    std::lock_guard lock(mutex_);
    std::optional<size_t> slot = FreeSlot();
    if (!slot) return Fail(ErrorKind::kCancelled, "there are enough");
    // The name need not be durable: it becomes a segment's, which is.
    TM_TRYV(file.RenameTo(SlotPath(*slot)));
    used_[*slot] = true;
    ready_.push_back({.file = std::move(file), .slot = *slot});
    return {};
  };
  Result<void> filled = fill();
  if (!filled) (void)RemoveFile(temporary.string());
  return filled;
}

bool SegmentPreparer::Pause() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPause, [this] { return stop_ || urgent_; });
  return !stop_ && ready_.empty();
}

}  // namespace tidemark::log
