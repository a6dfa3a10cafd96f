#include "runtime/completion.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "runtime/io_threads.h"

namespace tidemark::runtime {
namespace {

// Hands completions to the test's thread.
template <class T>
struct Slot {
  std::promise<Completion<T>> promise;
  Completion<T> Take() { return promise.get_future().get(); }
};

template <class T>
Task<T> WaitIn(Slot<T>* slot) {
  co_return co_await Await<T>(
      [slot](Completion<T> done) { slot->promise.set_value(std::move(done)); });
}

template <class T>
Task<T> AnswerAtOnce(Result<T> result) {
  co_return co_await Await<T>([&](Completion<T> done) { done.Post(std::move(result)); });
}

TEST(Completion, ResumesWithTheValuePostedFromAnotherThread) {
  IoThreads threads(1);
  threads.Start();
  Slot<int> slot;
  auto poster = std::async(std::launch::async, [&] { slot.Take().Post(42); });
  auto result = RunBlocking(threads.context(0), WaitIn(&slot));
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, 42);
}

TEST(Completion, DroppedOneResumesWithCancelled) {
  IoThreads threads(1);
  threads.Start();
  Slot<int> slot;
  auto dropper = std::async(std::launch::async, [&] { slot.Take(); });
  auto result = RunBlocking(threads.context(0), WaitIn(&slot));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
}

TEST(Completion, OverwrittenOneResumesWithCancelled) {
  IoThreads threads(1);
  threads.Start();
  Slot<int> slot;
  auto dropper = std::async(std::launch::async, [&] {
    auto done = slot.Take();
    done = Completion<int>();
    EXPECT_FALSE(done);
  });
  auto result = RunBlocking(threads.context(0), WaitIn(&slot));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
}

TEST(Completion, CompletingInsideStartDoesNotSuspend) {
  IoThreads threads(1);
  threads.Start();
  EXPECT_EQ(*RunBlocking(threads.context(0), AnswerAtOnce<int>(7)), 7);
  EXPECT_TRUE(RunBlocking(threads.context(0), AnswerAtOnce<void>({})));
  auto failed = RunBlocking(threads.context(0), AnswerAtOnce<void>(Fail(ErrorKind::kIo, "disk")));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::kIo);
}

TEST(Completion, CarriesMoveOnlyValues) {
  IoThreads threads(1);
  threads.Start();
  auto result =
      RunBlocking(threads.context(0), AnswerAtOnce<std::unique_ptr<int>>(std::make_unique<int>(5)));
  ASSERT_TRUE(result);
  EXPECT_EQ(**result, 5);
}

TEST(Completion, SecondPostIsIgnored) {
  IoThreads threads(1);
  threads.Start();
  Slot<int> slot;
  auto poster = std::async(std::launch::async, [&] {
    auto done = slot.Take();
    EXPECT_EQ(done.context(), &threads.context(0));
    done.Post(1);
    EXPECT_FALSE(done);
    done.Post(2);
  });
  EXPECT_EQ(*RunBlocking(threads.context(0), WaitIn(&slot)), 1);
}

TEST(Completion, RunResumesOnTheCallersStack) {
  asio::io_context context(1);
  Slot<int> slot;
  int seen = 0;
  asio::co_spawn(context, WaitIn(&slot),
                 [&](std::exception_ptr, Result<int> result) { seen = result.value_or(-1); });
  context.poll();
  auto done = slot.Take();
  asio::post(context, [&] {
    done.Run(9);
    EXPECT_EQ(seen, 9);
  });
  context.restart();
  context.run();
  EXPECT_EQ(seen, 9);
}

struct Flag {
  std::atomic<bool>* destroyed;
  ~Flag() { *destroyed = true; }
};

Task<int> HoldAndWait(std::atomic<bool>* destroyed, Slot<int>* slot) {
  Flag flag{destroyed};
  co_return co_await WaitIn(slot);
}

TEST(Completion, MayOutliveTheContextWhoseCoroutinesAreDestroyed) {
  std::atomic<bool> destroyed{false};
  Slot<int> slot;
  Completion<int> kept;
  {
    asio::io_context context(1);
    asio::co_spawn(context, HoldAndWait(&destroyed, &slot), asio::detached);
    context.poll();
    kept = slot.Take();
    EXPECT_FALSE(destroyed);
  }
  EXPECT_TRUE(destroyed);
  kept.Post(1);
}

TEST(Completion, PostedButNeverRunIsDestroyedWithItsContext) {
  std::atomic<bool> destroyed{false};
  Slot<int> slot;
  {
    asio::io_context context(1);
    asio::co_spawn(context, HoldAndWait(&destroyed, &slot), asio::detached);
    context.poll();
    slot.Take().Post(1);
  }
  EXPECT_TRUE(destroyed);
}

TEST(Completion, CallersOfRunBlockingAreReleasedWhenTheContextGoesAway) {
  Slot<int> slot;
  std::promise<Result<int>> promise;
  auto future = promise.get_future();
  Completion<int> kept;
  {
    asio::io_context context(1);
    asio::co_spawn(context, detail::RunAndSet<int>(WaitIn(&slot), std::move(promise)),
                   asio::detached);
    context.poll();
    kept = slot.Take();
  }
  EXPECT_THROW(future.get(), std::future_error);
}

// Completions cross between many coroutines and many posting threads; each answer must arrive once,
// at the coroutine that asked.
struct Exchange {
  std::mutex mutex;
  std::vector<std::pair<int, Completion<int>>> waiting;
  std::atomic<bool> stop{false};
  std::atomic<int> finished{0};
  std::atomic<int> wrong{0};
};

asio::awaitable<void> AskMany(Exchange* exchange, int id, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    int question = id * 1'000'000 + i;
    auto answer = co_await Await<int>([&](Completion<int> done) {
      std::lock_guard lock(exchange->mutex);
      exchange->waiting.emplace_back(question, std::move(done));
    });
    if (!answer || *answer != question + 1) ++exchange->wrong;
  }
  ++exchange->finished;
}

TEST(Completion, ManyThreadsAnswerManyCoroutinesExactlyOnce) {
  constexpr int kCoroutines = 64;
  constexpr int kRounds = 1000;
  Exchange exchange;
  IoThreads threads(2);
  threads.Start();
  std::vector<std::thread> posters;
  for (int t = 0; t < 4; ++t)
    posters.emplace_back([&] {
      while (!exchange.stop) {
        std::vector<std::pair<int, Completion<int>>> taken;
        {
          std::lock_guard lock(exchange.mutex);
          taken.swap(exchange.waiting);
        }
        if (taken.empty()) std::this_thread::yield();
        for (auto& [question, done] : taken) done.Post(question + 1);
      }
    });
  for (int i = 0; i < kCoroutines; ++i)
    Spawn(threads.context(static_cast<size_t>(i % 2)), AskMany(&exchange, i, kRounds));
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (exchange.finished < kCoroutines && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  exchange.stop = true;
  for (auto& poster : posters) poster.join();
  EXPECT_EQ(exchange.finished, kCoroutines);
  EXPECT_EQ(exchange.wrong, 0);
}

TEST(IoThreads, StopWhilePostersAreBusyIsSafe) {
  for (int round = 0; round < 20; ++round) {
    Exchange exchange;
    auto threads = std::make_unique<IoThreads>(2);
    threads->Start();
    for (int i = 0; i < 16; ++i)
      Spawn(threads->context(static_cast<size_t>(i % 2)), AskMany(&exchange, i, 1'000'000));
    std::thread poster([&] {
      while (!exchange.stop) {
        std::vector<std::pair<int, Completion<int>>> taken;
        {
          std::lock_guard lock(exchange.mutex);
          taken.swap(exchange.waiting);
        }
        for (auto& [question, done] : taken) done.Post(question + 1);
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    threads.reset();
    exchange.stop = true;
    poster.join();
    EXPECT_EQ(exchange.wrong, 0);
  }
}

asio::awaitable<void> Throw() {
  throw std::runtime_error("on purpose");
  co_return;
}

TEST(IoThreads, ATaskThatThrowsEndsOnlyItself) {
  IoThreads threads(1);
  threads.Start();
  Spawn(threads.context(0), Throw());
  asio::post(threads.context(0), [] { throw std::runtime_error("a bare handler"); });
  EXPECT_EQ(*RunBlocking(threads.context(0), AnswerAtOnce<int>(3)), 3);
}

}  // namespace
}  // namespace tidemark::runtime
