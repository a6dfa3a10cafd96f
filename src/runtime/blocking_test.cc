#include "runtime/blocking.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>

#include "runtime/io_threads.h"

namespace tidemark::runtime {
namespace {

Task<std::string> CallOnPool(BlockingPool* pool, std::thread::id* ran_on) {
  std::string local = "from the frame";
  TM_CO_TRY(auto text, co_await Blocking(*pool, [&]() -> Result<std::string> {
              *ran_on = std::this_thread::get_id();
              return local + ", read on the pool";
            }));
  co_return text;
}

Task<void> FailOnPool(BlockingPool* pool, bool by_exception) {
  co_return co_await Blocking(*pool, [&]() -> Result<void> {
    if (by_exception) throw std::runtime_error("on purpose");
    return Fail(ErrorKind::kNoSpace, "full");
  });
}

TEST(Blocking, ReturnsTheResultOfWorkThatRanOnThePool) {
  IoThreads threads(1);
  threads.Start();
  BlockingPool pool(2);
  std::thread::id ran_on;
  auto text = RunBlocking(threads.context(0), CallOnPool(&pool, &ran_on));
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "from the frame, read on the pool");
  EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST(Blocking, ReturnsErrorsAndTurnsExceptionsIntoThem) {
  IoThreads threads(1);
  threads.Start();
  BlockingPool pool(1);
  EXPECT_EQ(RunBlocking(threads.context(0), FailOnPool(&pool, false)).error().kind,
            ErrorKind::kNoSpace);
  EXPECT_EQ(RunBlocking(threads.context(0), FailOnPool(&pool, true)).error().kind,
            ErrorKind::kInternal);
}

TEST(Blocking, AFullQueueIsUnavailable) {
  IoThreads threads(1);
  threads.Start();
  std::promise<void> release;
  std::promise<void> running;
  BlockingPool pool(1, 1);
  ASSERT_TRUE(pool.Submit([&] {
    running.set_value();
    release.get_future().wait();
  }));
  running.get_future().wait();
  ASSERT_TRUE(pool.Submit([] {}));
  EXPECT_EQ(pool.queued(), 1u);
  std::thread::id unused;
  auto refused = RunBlocking(threads.context(0), CallOnPool(&pool, &unused));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  release.set_value();
}

TEST(BlockingPool, DestructorFinishesWhatIsQueued) {
  std::atomic<int> ran{0};
  {
    BlockingPool pool(2);
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(pool.Submit([&] { ++ran; }));
  }
  EXPECT_EQ(ran, 1000);
}

TEST(BlockingPool, WorkThatThrowsDoesNotEndItsThread) {
  std::atomic<int> ran{0};
  {
    BlockingPool pool(1);
    ASSERT_TRUE(pool.Submit([] { throw std::runtime_error("on purpose"); }));
    ASSERT_TRUE(pool.Submit([&] { ++ran; }));
  }
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace tidemark::runtime
