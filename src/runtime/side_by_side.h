// Work that is split among threads, for jobs that nobody waits for in milliseconds.
#pragma once
#include <cstddef>
#include <functional>

#include "base/result.h"

namespace tidemark::runtime {

// Parts that are worth it: one for each core, up to a few.
size_t PartsOfWork();

// Runs `work(0)` to `work(parts - 1)` on at most `threads_max` threads that take them in order,
// behind whatever else wants the cores (nice 10), and waits for all. After an error no further part
// is begun. The error of the first part that has one. A single part is done by the caller's thread.
Result<void> SideBySide(size_t parts, const std::function<Result<void>(size_t part)>& work,
                        size_t threads_max = PartsOfWork());

}  // namespace tidemark::runtime
