#include "engine/rocks/descriptor_pool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <utility>

#include "base/file_hook.h"
#include "engine/rocks/table_place.h"

namespace tidemark::engine {

DescriptorPool::DescriptorPool(size_t budget) : budget_(std::max<size_t>(budget, 1)) {}

uint64_t DescriptorPool::open() const {
  std::lock_guard lock(mutex_);
  return kept_ + static_cast<uint64_t>(std::max<int64_t>(writers_, 0));
}

int DescriptorPool::TakeUnusedLocked() {
  // Twice around: the first time may only find what was read lately.
  for (size_t left = 2 * ring_.size(); left > 0; --left) {
    if (hand_ == ring_.end()) hand_ = ring_.begin();
    PooledFile& file = **hand_;
    uint64_t state = file.state_.load(std::memory_order_relaxed);
    if (!file.read_lately_.exchange(false, std::memory_order_relaxed) &&
        PooledFile::UsersOf(state) == 0 &&
        file.state_.compare_exchange_strong(state, 0, std::memory_order_acq_rel)) {
      hand_ = ring_.erase(hand_);
      file.in_ring_ = false;
      --kept_;
      return PooledFile::DescriptorOf(state);
    }
    ++hand_;
  }
  return -1;
}

bool DescriptorPool::GiveUpOne() {
  int descriptor;
  {
    std::lock_guard lock(mutex_);
    descriptor = TakeUnusedLocked();
  }
  if (descriptor < 0) return false;
  ::close(descriptor);
  return true;
}

void DescriptorPool::MakeRoom() {
  while (true) {
    {
      std::lock_guard lock(mutex_);
      if (kept_ < budget_) {
        ++kept_;
        return;
      }
    }
    if (GiveUpOne()) continue;
    std::lock_guard lock(mutex_);
    ++kept_;
    return;
  }
}

Result<int> DescriptorPool::OpenAndUse(PooledFile& file) {
  std::lock_guard opening(
      opening_[std::hash<PooledFile*>()(&file) / sizeof(PooledFile) % opening_.size()]);
  // Another thread may have been here first.
  const uint64_t before = file.state_.fetch_add(1, std::memory_order_acquire);
  if (PooledFile::DescriptorOf(before) >= 0) return PooledFile::DescriptorOf(before);
  ++opens_;
  MakeRoom();
  int descriptor = file.OpenDescriptor();
  // The budget may be more than the process is allowed: others of ours have to go then.
  while ((descriptor == -EMFILE || descriptor == -ENFILE) && GiveUpOne()) {
    descriptor = file.OpenDescriptor();
  }
  std::lock_guard lock(mutex_);
  if (descriptor < 0) {
    --kept_;
    file.EndUse();
    return Fail(FromErrno(-descriptor, "open " + file.RealPath()));
  }
  file.state_.fetch_add(PooledFile::Opened(descriptor), std::memory_order_release);
  file.at_ = ring_.insert(hand_, &file);  // where the hand comes last
  file.in_ring_ = true;
  return descriptor;
}

void DescriptorPool::Forget(PooledFile& file) {
  {
    std::lock_guard lock(mutex_);
    if (!file.in_ring_) return;
    if (hand_ == file.at_) ++hand_;
    ring_.erase(file.at_);
    --kept_;
  }
  ::close(PooledFile::DescriptorOf(file.state_.load(std::memory_order_acquire)));
}

class PooledFile::Use {
 public:
  explicit Use(PooledFile& file) : file_(file) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { file_.EndUse(); }

 private:
  PooledFile& file_;
};

PooledFile::PooledFile(std::shared_ptr<const TablePlace> place, std::string path)
    : place_(std::move(place)), path_(std::move(path)) {}

PooledFile::~PooledFile() { place_->descriptors().Forget(*this); }

std::string PooledFile::RealPath() const { return place_->RealPath(path_); }

Result<int> PooledFile::BeginUse() {
  const uint64_t before = state_.fetch_add(1, std::memory_order_acquire);
  if (const int descriptor = DescriptorOf(before); descriptor >= 0) {
    // Not written again and again: readers on all cores share this line.
    if (!read_lately_.load(std::memory_order_relaxed)) {
      read_lately_.store(true, std::memory_order_relaxed);
    }
    return descriptor;
  }
  EndUse();
  return place_->descriptors().OpenAndUse(*this);
}

int PooledFile::OpenDescriptor() const {
  const TablePlace::Real real = place_->At(path_);
  if (const int failed = AskFileHook({.op = FileOp::kOpen, .path = real.path})) return -failed;
  const int descriptor = ::open(real.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM);
  return descriptor;
}

Result<size_t> PooledFile::Read(uint64_t offset, size_t bytes, char* to) {
  TM_TRY(const int descriptor, BeginUse());
  const Use use(*this);
  if (g_file_hook.load(std::memory_order_acquire) != nullptr) {
    const std::string path = RealPath();
    if (const int failed =
            AskFileHook({.op = FileOp::kRead, .path = path, .offset = offset, .bytes = bytes})) {
      return Fail(FromErrno(failed, "read " + path));
    }
  }
  size_t done = 0;
  while (done < bytes) {
    const ssize_t got =
        ::pread(descriptor, to + done, bytes - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(FromErrno(errno, "read " + RealPath()));
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

void PooledFile::Readahead(uint64_t offset, size_t bytes) {
  const Result<int> descriptor = BeginUse();
  if (!descriptor) return;
  const Use use(*this);
  (void)::readahead(*descriptor, static_cast<off64_t>(offset), bytes);
}

Result<uint64_t> PooledFile::Size() {
  TM_TRY(const int descriptor, BeginUse());
  const Use use(*this);
  struct stat info;
  if (::fstat(descriptor, &info) != 0) return Fail(FromErrno(errno, "look at " + RealPath()));
  return static_cast<uint64_t>(info.st_size);
}

}  // namespace tidemark::engine
