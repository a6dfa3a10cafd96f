// What files hold beyond what was synced: the bytes that unsynced writes replaced, newest last, so
// that a power cut can take them back sector by sector. Files are known by inode: links are one
// file. Not thread-safe.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace tidemark::faults {

inline constexpr uint64_t kSectorBytes = 512;

class UnsyncedData {
 public:
  // Each before it happens. A file that is not there is passed over.
  void Write(const std::string& path, uint64_t offset, uint64_t bytes);
  void Truncate(const std::string& path, uint64_t bytes);
  void Sync(const std::string& path);
  // The file's last name goes: its inode may come back as another file.
  void Forget(ino_t inode) { changes_.erase(inode); }

  bool empty() const { return changes_.empty(); }

  // Keeps or loses every unsynced sector, and chooses how long each file is. `trees`: where the
  // files are.
  void Lose(const std::vector<std::string>& trees, std::mt19937_64& random);

 private:
  struct Change {
    bool truncation = false;
    uint64_t offset = 0, bytes = 0;  // what was written, or cut off
    Bytes old;                       // shorter than `bytes` where the file ended
    uint64_t size_before = 0, size_after = 0;
  };
  static void LoseIn(const std::string& path, const std::vector<Change>& changes,
                     std::mt19937_64& random);

  std::map<ino_t, std::vector<Change>> changes_;
};

}  // namespace tidemark::faults
