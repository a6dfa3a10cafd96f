#include "runtime/side_by_side.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tidemark::runtime {
namespace {

TEST(SideBySide, EachPartIsDoneOnceByFewThreads) {
  constexpr size_t kParts = 100;
  std::vector<std::atomic<int>> done(kParts);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  ASSERT_TRUE(SideBySide(kParts, [&](size_t part) -> Result<void> {
    ++done[part];
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    return {};
  }));
  for (const auto& times : done) EXPECT_EQ(times, 1);
  EXPECT_LE(threads.size(), PartsOfWork());
}

TEST(SideBySide, AnErrorEndsIt) {
  constexpr size_t kParts = 100'000;
  std::atomic<size_t> begun = 0;
  const auto done = SideBySide(kParts, [&](size_t part) -> Result<void> {
    ++begun;
    if (part == 3) return Fail(ErrorKind::kIo, "part {}", part);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return {};
  });
  EXPECT_EQ(done.error().message, "part 3");
  EXPECT_LT(begun, kParts);
}

TEST(SideBySide, AnExceptionIsAnError) {
  const auto done =
      SideBySide(2, [](size_t) -> Result<void> { throw std::runtime_error("no memory"); });
  EXPECT_EQ(done.error().kind, ErrorKind::kInternal);
}

}  // namespace
}  // namespace tidemark::runtime
