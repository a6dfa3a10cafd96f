// Which segment was begun last, as the name of an empty file, `newest-NNNNNNNNNN`. It moves after
// the segment's own name is durable and before a frame in it is acknowledged. So if it names a
// segment that is not there, the newest segments are missing.
#pragma once
#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace tidemark::log {

// 0: the name is not a mark's.
uint32_t NewestMark(const std::filesystem::path& path);

// Moves the mark from `*mark` (0: there is none yet) to `number`. Durable: yes.
Result<void> MoveNewestMark(const std::filesystem::path& directory, uint32_t number,
                            uint32_t* mark);

}  // namespace tidemark::log
