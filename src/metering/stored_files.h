// What files take on disk, where many are links to the same one.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace tidemark::metering {

class StoredFiles {
 public:
  // Adds the files beneath a directory; one that is gone, or goes meanwhile, has none. Blocking.
  void Add(const std::string& directory);
  // Of all that were added, each file once: what it occupies.
  uint64_t bytes() const { return bytes_; }

 private:
  std::set<std::pair<uint64_t, uint64_t>> seen_;  // device and number
  uint64_t bytes_ = 0;
};

}  // namespace tidemark::metering
