#include "runtime/side_by_side.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "base/log.h"

namespace tidemark::runtime {
namespace {

constexpr size_t kPartsMax = 8;
constexpr int kNice = 10;

Result<void> Caught(const std::function<Result<void>(size_t part)>& work, size_t part) {
  try {
    return work(part);
  } catch (const std::exception& error) {  // of memory: no reason to end the server
    return Fail(ErrorKind::kInternal, "{}", error.what());
  }
}

}  // namespace

size_t PartsOfWork() {
  return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kPartsMax);
}

Result<void> SideBySide(size_t parts, const std::function<Result<void>(size_t part)>& work,
                        size_t threads_max) {
  if (parts == 1) return Caught(work, 0);
  std::vector<Result<void>> done(parts);
  std::atomic<size_t> next = 0;
  std::atomic<bool> failed = false;
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < std::min(parts, threads_max); ++i) {
    threads.emplace_back([&] {
      // Of this thread alone, where 0 is given.
      if (::setpriority(PRIO_PROCESS, 0, kNice) != 0) LogWarn("a job's thread stays as it is");
      for (size_t part = next++; part < parts && !failed; part = next++) {
        done[part] = Caught(work, part);
        if (!done[part]) failed = true;
      }
    });
  }
  threads.clear();
  for (auto& one : done) TM_TRYV(std::move(one));
  return {};
}

}  // namespace tidemark::runtime
