// What an image, or what is being made of one, has on disk.
#pragma once
#include <string>

#include "base/files.h"

namespace tidemark::backup {

// Of all files in it, one that is being written as well.
inline Result<uint64_t> BytesIn(const std::string& directory) {
  uint64_t bytes = 0;
  TM_TRY(const auto names, ListDirectory(directory));
  for (const std::string& name : names) {
    TM_TRY(const uint64_t size, FileSize(directory + "/" + name));
    bytes += size;
  }
  return bytes;
}

}  // namespace tidemark::backup
