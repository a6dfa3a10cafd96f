#include "faults/simulated_disk.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <thread>

#include "base/assert.h"
#include "base/files.h"

namespace tidemark::faults {
namespace {

namespace fs = std::filesystem;

std::string Normal(std::string_view path) {
  std::string normal = fs::path(path).lexically_normal().string();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

// Done to what was opened before, maybe under another name.
bool OfOpenFile(FileOp op) {
  return op == FileOp::kRead || op == FileOp::kWrite || op == FileOp::kSync ||
         op == FileOp::kTruncate || op == FileOp::kSyncDirectory;
}

}  // namespace

SimulatedDisk::SimulatedDisk(std::string root, uint64_t seed)
    : root_(Normal(root)),
      random_(seed),
      names_(root_ + ".stash", [this](ino_t inode) { data_.Forget(inode); }) {
  fs::create_directories(root_);
  if (const char* path = std::getenv("TIDEMARK_FAULT_TRACE")) trace_.emplace(path);
  SetFileHook(this);
}

SimulatedDisk::~SimulatedDisk() {
  SetFileHook(nullptr);
  std::error_code ignored;
  fs::remove_all(names_.stash(), ignored);
}

bool SimulatedDisk::Changes(FileOp op) { return op != FileOp::kOpen && op != FileOp::kRead; }

int SimulatedDisk::Before(const FileCall& call) {
  std::string path = Normal(call.path);
  if (path != root_ && !path.starts_with(root_ + "/")) return 0;
  std::chrono::microseconds delay{0};
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return EIO;
    if (OfOpenFile(call.op)) path = Resolve(std::move(path));
    const int failed = AskRules(call, path, &delay);
    if (failed) return failed;
    if (Changes(call.op)) {
      ++operations_;
      if (stop_at_ != 0 && operations_ >= stop_at_) {
        if (trace_) *trace_ << "stopped here\n";
        Trace(call, path);
        StopLocked(how_);
        if (call.op == FileOp::kWrite) Tear(call, path);
        return EIO;
      }
      Trace(call, path);
      Note(call, path, Normal(call.to));
    }
  }
  if (delay.count() > 0) std::this_thread::sleep_for(delay);
  return 0;
}

std::string SimulatedDisk::Resolve(std::string path) const {
  for (const auto& [from, to] : moved_) {
    if (Exists(path)) break;
    if (path == from || path.starts_with(from + "/")) path = to + path.substr(from.size());
  }
  return path;
}

int SimulatedDisk::AskRules(const FileCall& call, const std::string& path,
                            std::chrono::microseconds* delay) {
  for (FaultRule& rule : rules_) {
    if (!rule.ops.empty() && !rule.ops.contains(call.op)) continue;
    if (::fnmatch(rule.pattern.c_str(), path.c_str(), 0) != 0) continue;
    if (rule.probability < 1 &&
        std::uniform_real_distribution<>(0, 1)(random_) >= rule.probability) {
      continue;
    }
    if (rule.spared > 0) {
      --rule.spared;
      continue;
    }
    *delay += rule.delay;
    if (rule.error) return rule.error;
  }
  return 0;
}

void SimulatedDisk::Trace(const FileCall& call, const std::string& path) {
  if (!trace_) return;
  constexpr const char* kNames[] = {"open",   "create", "read",   "write", "sync",   "truncate",
                                    "rename", "link",   "remove", "mkdir", "syncdir"};
  *trace_ << operations_ << " " << kNames[static_cast<int>(call.op)] << " " << path << " "
          << call.to << " " << call.offset << " " << call.data.size() << "\n";
}

void SimulatedDisk::Note(const FileCall& call, const std::string& path, const std::string& to) {
  switch (call.op) {
    case FileOp::kCreate:
      names_.Create(path);
      data_.Truncate(path, 0);
      break;
    case FileOp::kWrite:
      data_.Write(path, call.offset, call.data.size());
      break;
    case FileOp::kTruncate:
      data_.Truncate(path, call.offset);
      break;
    case FileOp::kSync:
      data_.Sync(path);
      break;
    case FileOp::kRename:
      if (fs::is_directory(path)) moved_.emplace_back(path, to);
      names_.Rename(path, to);
      break;
    case FileOp::kLink:
      names_.Link(path, to);
      break;
    case FileOp::kRemove:
      names_.Remove(path);
      break;
    case FileOp::kMakeDirectory:
      names_.MakeDirectory(path);
      break;
    case FileOp::kSyncDirectory:
      names_.SyncDirectory(path);
      break;
    case FileOp::kOpen:
    case FileOp::kRead:
      break;
  }
}

void SimulatedDisk::Tear(const FileCall& call, const std::string& path) {
  const auto kind = random_() % 3;
  if (kind == 0) return;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  data_.Write(path, call.offset, call.data.size());
  const uint64_t end = call.offset + call.data.size();
  // The first sectors, or any.
  const uint64_t prefix = kind == 1 || how_ == Stop::kProcessKill
                              ? call.offset + random_() % (call.data.size() + 1)
                              : 0;
  for (uint64_t from = call.offset; from < end;) {
    const uint64_t to = std::min(end, (from / kSectorBytes + 1) * kSectorBytes);
    const bool written = prefix ? to <= prefix : random_() % 2 == 0;
    if (written) {
      const BytesView part = call.data.substr(from - call.offset, to - from);
      TM_ASSERT(::pwrite(fd, part.data(), part.size(), static_cast<off_t>(from)) ==
                static_cast<ssize_t>(part.size()));
    }
    from = to;
  }
  ::close(fd);
}

void SimulatedDisk::StopAt(uint64_t operation, Stop how) {
  std::lock_guard lock(mutex_);
  stop_at_ = operations_ + operation;
  how_ = how;
}

void SimulatedDisk::StopNow(Stop how) {
  std::lock_guard lock(mutex_);
  if (!stopped_) StopLocked(how);
}

void SimulatedDisk::StopLocked(Stop how) {
  how_ = how;
  stopped_ = true;
  changed_.notify_all();
}

bool SimulatedDisk::stopped() const {
  std::lock_guard lock(mutex_);
  return stopped_;
}

bool SimulatedDisk::WaitStopped(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, longest, [&] { return stopped_; });
}

uint64_t SimulatedDisk::operations() const {
  std::lock_guard lock(mutex_);
  return operations_;
}

void SimulatedDisk::Restore() {
  std::lock_guard lock(mutex_);
  if (trace_)
    *trace_ << "restored after " << (how_ == Stop::kPowerCut ? "a cut" : "a kill") << std::endl;
  if (stopped_ && how_ == Stop::kPowerCut) {
    data_.Lose({root_, names_.stash()}, random_);
    names_.Lose(random_);
  }
  stopped_ = false;
  stop_at_ = 0;
  moved_.clear();
}

void SimulatedDisk::SetRules(std::vector<FaultRule> rules) {
  std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
}

}  // namespace tidemark::faults
