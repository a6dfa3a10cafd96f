// Whether the files of an image are as they were written: each is read once, and its tags are
// checked. Rows are not looked at.
#pragma once
#include <atomic>
#include <string>
#include <vector>

#include "engine/table_store.h"

namespace tidemark::engine {

// `keys`: what KeysOf gives of it. kCorruption, kNotFound, kIo: names the file, within the image.
// kCancelled: `stop`.
Result<void> CheckImageFiles(const std::string& image, const std::vector<ImageKey>& keys,
                             const std::atomic<bool>& stop);

}  // namespace tidemark::engine
