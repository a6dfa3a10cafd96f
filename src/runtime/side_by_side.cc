#include "runtime/side_by_side.h"

#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#include "base/log.h"

namespace tidemark::runtime {
namespace {

constexpr size_t kPartsMax = 8;
constexpr int kNice = 10;

}  // namespace

size_t PartsOfWork() {
  return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kPartsMax);
}

Result<void> SideBySide(size_t parts, const std::function<Result<void>(size_t part)>& work) {
  std::vector<Result<void>> done(parts);
  std::vector<std::jthread> threads;
  for (size_t part = 0; part < parts; ++part) {
    threads.emplace_back([&, part] {
      // Of this thread alone, where 0 is given.
      if (::setpriority(PRIO_PROCESS, 0, kNice) != 0) LogWarn("a job's thread stays as it is");
      try {
        done[part] = work(part);
      } catch (const std::exception& error) {  // of memory: no reason to end the server
        done[part] = Fail(ErrorKind::kInternal, "{}", error.what());
      }
    });
  }
  threads.clear();
  for (auto& one : done) TM_TRYV(std::move(one));
  return {};
}

}  // namespace tidemark::runtime
