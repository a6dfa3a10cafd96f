#include "faults/unsynced_data.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/assert.h"

namespace tidemark::faults {
namespace {

namespace fs = std::filesystem;

class Open {
 public:
  Open(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  ~Open() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Bytes ReadAt(const std::string& path, uint64_t offset, uint64_t bytes) {
  Open file(path, O_RDONLY);
  TM_ASSERT(file.get() >= 0);
  Bytes content(bytes, '\0');
  size_t got = 0;
  while (got < bytes) {
    const ssize_t part =
        ::pread(file.get(), content.data() + got, bytes - got, static_cast<off_t>(offset + got));
    TM_ASSERT(part >= 0);
    if (part == 0) break;
    got += static_cast<size_t>(part);
  }
  content.resize(got);
  return content;
}

void WriteAt(int fd, uint64_t offset, BytesView content) {
  TM_ASSERT(::pwrite(fd, content.data(), content.size(), static_cast<off_t>(offset)) ==
            static_cast<ssize_t>(content.size()));
}

bool StatFile(const std::string& path, struct stat* info) {
  return ::stat(path.c_str(), info) == 0 && S_ISREG(info->st_mode);
}

}  // namespace

void UnsyncedData::Write(const std::string& path, uint64_t offset, uint64_t bytes) {
  struct stat info;
  if (bytes == 0 || !StatFile(path, &info)) return;
  auto& changes = changes_[info.st_ino];
  const auto size = static_cast<uint64_t>(info.st_size);
  Change change{.offset = offset, .bytes = bytes, .size_before = size};
  change.size_after = std::max(size, offset + bytes);
  if (offset < size) change.old = ReadAt(path, offset, std::min(bytes, size - offset));
  changes.push_back(std::move(change));
}

void UnsyncedData::Truncate(const std::string& path, uint64_t bytes) {
  struct stat info;
  if (!StatFile(path, &info)) return;
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size == bytes) return;
  Change change{.truncation = size > bytes, .size_before = size, .size_after = bytes};
  if (change.truncation) {
    change.offset = bytes;
    change.bytes = size - bytes;
    change.old = ReadAt(path, bytes, size - bytes);
  }
  changes_[info.st_ino].push_back(std::move(change));
}

void UnsyncedData::Sync(const std::string& path) {
  struct stat info;
  if (StatFile(path, &info)) changes_.erase(info.st_ino);
}

void UnsyncedData::Lose(const std::vector<std::string>& trees, std::mt19937_64& random) {
  for (const std::string& tree : trees) {
    if (changes_.empty()) return;
    for (const auto& entry : fs::recursive_directory_iterator(tree)) {
      struct stat info;
      if (!StatFile(entry.path(), &info)) continue;
      const auto found = changes_.find(info.st_ino);
      if (found == changes_.end()) continue;
      LoseIn(entry.path(), found->second, random);
      changes_.erase(found);
    }
  }
  changes_.clear();  // files no name leads to
}

void UnsyncedData::LoseIn(const std::string& path, const std::vector<Change>& changes,
                          std::mt19937_64& random) {
  Open file(path, O_RDWR);
  TM_ASSERT(file.get() >= 0);
  // The length is metadata: it tells of the first `lengths` changes, whatever data reached the
  // disk.
  const size_t lengths =
      random() % 3 == 0 ? (random() % 2 ? changes.size() : 0) : random() % (changes.size() + 1);
  uint64_t size = lengths == 0 ? changes.front().size_before : changes[lengths - 1].size_after;
  if (lengths > 0 && size > changes[lengths - 1].size_before && random() % 4 == 0) {
    size =
        changes[lengths - 1].size_before + random() % (size - changes[lengths - 1].size_before + 1);
  }
  std::set<uint64_t> settled;  // sectors that hold what they will hold
  for (size_t at = changes.size(); at-- > 0;) {
    const Change& change = changes[at];
    const uint64_t end = change.offset + change.bytes;
    const auto kind = random() % 3;  // all kept, all lost, or each sector by itself
    for (uint64_t from = change.offset; from < end;) {
      const uint64_t sector = from / kSectorBytes;
      const uint64_t to = std::min(end, (sector + 1) * kSectorBytes);
      bool kept = kind == 0 || (kind == 2 && random() % 2);
      if (change.truncation) kept = at < lengths;
      if (!settled.contains(sector)) {
        if (kept) {
          if (!change.truncation || from % kSectorBytes == 0) settled.insert(sector);
        } else {
          Bytes old(to - from, '\0');
          const uint64_t begin = from - change.offset;
          if (begin < change.old.size()) change.old.copy(old.data(), old.size(), begin);
          WriteAt(file.get(), from, old);
        }
      }
      from = to;
    }
  }
  TM_ASSERT(::ftruncate(file.get(), static_cast<off_t>(size)) == 0);
}

}  // namespace tidemark::faults
