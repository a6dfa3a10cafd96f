#include "blob/local/incoming.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/log.h"
#include "blob/blob_store.h"

namespace tidemark::blob {
namespace {

OpenFile OpenDirectory(const std::string& path) {
  return OpenFile(path, ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// Is the open directory still the one of that name? Whoever sweeps may have been faster.
bool IsThere(const OpenFile& directory) {
  struct stat open, named;
  return ::fstat(directory.fd(), &open) == 0 && ::stat(directory.path().c_str(), &named) == 0 &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

// Removes what belongs to no process that lives. What fails to go is tried again at the next open.
void Sweep(const std::string& directory) {
  const auto entries = DirectoryEntries(directory);
  if (!entries) return;
  for (const DirectoryEntry& entry : *entries) {
    const std::string path = directory + "/" + entry.name;
    const OpenFile lock = OpenDirectory(path);
    if (!lock.is_open() || ::flock(lock.fd(), LOCK_EX | LOCK_NB) != 0) continue;
    if (const auto removed = RemoveTree(path); !removed) {
      LogWarn("half-made blobs stay in {}: {}", path, removed.error().message);
    }
  }
}

}  // namespace

Result<Incoming> Incoming::Open(const std::string& directory) {
  Sweep(directory);
  while (true) {
    const std::string own = directory + "/" + NewWriter();
    TM_TRYV(MakeDirectories(own));
    OpenFile lock = OpenDirectory(own);
    if (!lock.is_open()) continue;
    if (::flock(lock.fd(), LOCK_EX) != 0) return FailedCall("locking", own);
    if (IsThere(lock)) return Incoming(own, std::move(lock));
  }
}

Incoming::Incoming(Incoming&& other) noexcept
    : own_(std::move(other.own_)), lock_(std::move(other.lock_)), next_(other.next_.load()) {}

Incoming::~Incoming() {
  if (!lock_.is_open()) return;
  (void)RemoveTree(own_);  // else whoever opens the store next does it
}

std::string Incoming::NewPath() { return fmt::format("{}/{}", own_, next_++); }

}  // namespace tidemark::blob
