#include "metering/stored_files.h"

#include <sys/stat.h>

#include <filesystem>

namespace tidemark::metering {

void StoredFiles::Add(const std::string& directory) {
  constexpr uint64_t kBlockBytes = 512;  // the unit of st_blocks
  std::error_code ignored;
  std::filesystem::recursive_directory_iterator at(directory, ignored), end;
  for (; !ignored && at != end; at.increment(ignored)) {
    struct stat found {};
    if (::lstat(at->path().c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    if (seen_.emplace(found.st_dev, found.st_ino).second)
      bytes_ += static_cast<uint64_t>(found.st_blocks) * kBlockBytes;
  }
}

}  // namespace tidemark::metering
