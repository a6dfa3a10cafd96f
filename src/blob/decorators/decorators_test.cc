#include <gmock/gmock.h>

#include "blob/decorators/faulty_store.h"
#include "blob/decorators/metered_store.h"
#include "blob/decorators/retry_store.h"
#include "blob/decorators/stoppable_store.h"
#include "blob/decorators/throttled_store.h"
#include "blob/mem/mem_store.h"

namespace tidemark::blob {
namespace {

// Time passes only here.
class SteppingPause final : public Pause {
 public:
  explicit SteppingPause(ManualClock& clock) : clock_(clock) {}
  Result<void> For(Micros time) override {
    clock_.Advance(time);
    waits.push_back(time);
    return {};
  }
  std::vector<Micros> waits;

 private:
  ManualClock& clock_;
};

class DecoratorsTest : public testing::Test {
 protected:
  Micros Elapsed() const { return clock_.Monotonic() - begun_; }

  ManualClock clock_{FromMicros(1'000'000)};
  Micros begun_ = clock_.Monotonic();
  SteppingPause pause_{clock_};
  MemStore mem_;
};

TEST_F(DecoratorsTest, RetriesUpToItsAttempts) {
  FaultyStore faulty(mem_, {.before = 1}, 1, pause_);
  RetryStore store(faulty, {.attempts_max = 4}, TheSystemRandom(), pause_);
  EXPECT_EQ(store.Head("a").error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(faulty.faults(), 4u);
  EXPECT_EQ(pause_.waits.size(), 3u);
}

TEST_F(DecoratorsTest, RetriesNoOtherErrors) {
  FaultyStore calm(mem_, {}, 1, pause_);
  RetryStore store(calm, {}, TheSystemRandom(), pause_);
  EXPECT_EQ(store.Get("a", {}).error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(pause_.waits.empty());
}

TEST_F(DecoratorsTest, AConditionalPutKnowsItsOwnBlobAgain) {
  // Behind an attempt whose answer is lost the blob is there, under the same writer.
  for (uint64_t seed = 0; seed < 200; ++seed) {
    FaultyStore faulty(mem_, {.before = 0.2, .after = 0.5, .torn = 0.2}, seed, pause_);
    RetryStore store(faulty, {.attempts_max = 100}, TheSystemRandom(), pause_);
    const std::string name = fmt::format("{}", seed);
    const auto mine = store.Put(name, MemorySource("mine"), {.only_if_absent = true});
    ASSERT_TRUE(mine) << "seed " << seed << ": " << mine.error().message;
    const auto other = store.Put(name, MemorySource("other"), {.only_if_absent = true});
    ASSERT_FALSE(other) << "seed " << seed;
    EXPECT_EQ(other.error().kind, ErrorKind::kAlreadyExists);
    EXPECT_EQ(mem_.Get(name, {})->bytes, "mine");
  }
}

TEST_F(DecoratorsTest, ATornPutLeavesNothing) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    FaultyStore faulty(mem_, {.torn = 1}, seed, pause_);
    const auto put = faulty.Put("a", MemorySource("0123456789"), {});
    // A store that reads once may have read all before the source would have broken off.
    EXPECT_EQ(put.has_value(), mem_.Head("a").has_value());
    ASSERT_TRUE(mem_.Delete("a"));
  }
}

TEST_F(DecoratorsTest, CountsCallsBytesFailuresAndTime) {
  FaultyStore slow(mem_, {.slow = 1, .slow_longest = Micros(1000)}, 1, pause_);
  MeteredStore store(slow, clock_);
  ASSERT_TRUE(store.Put("a", MemorySource("hello"), {}));
  ASSERT_TRUE(store.Get("a", {.offset = 1, .bytes = 2}));
  EXPECT_FALSE(store.Get("b", {}));
  EXPECT_FALSE(store.Get("", {}));
  ASSERT_TRUE(store.Delete("a"));
  EXPECT_EQ(store.Figures(BlobOp::kPut).bytes, 5u);
  EXPECT_EQ(store.Figures(BlobOp::kGet).bytes, 2u);
  EXPECT_EQ(store.Figures(BlobOp::kGet).times.count, 3u);
  EXPECT_EQ(store.Figures(BlobOp::kGet).failures, 1u);
  EXPECT_EQ(store.Figures(BlobOp::kHead).times.count, 0u);
  uint64_t sum = 0;
  for (size_t op = 0; op < kBlobOps; ++op) sum += store.Figures(BlobOp(op)).times.sum;
  EXPECT_EQ(sum, static_cast<uint64_t>(Elapsed().count()));
  EXPECT_EQ(ToString(BlobOp::kDelete), "delete");
}

// Sets the flag while it is read.
class StoppingSource final : public BlobSource {
 public:
  explicit StoppingSource(std::atomic<bool>& stop) : stop_(stop) {}
  uint64_t size() const override { return 3 << 20; }
  Result<void> Read(uint64_t, size_t bytes, char* out) const override {
    std::memset(out, 'x', bytes);
    stop_ = true;
    return {};
  }

 private:
  std::atomic<bool>& stop_;
};

TEST_F(DecoratorsTest, EndsCallsOnceItIsStopped) {
  std::atomic<bool> stop{false};
  StoppableStore store(mem_, stop);
  ASSERT_TRUE(store.Put("a", MemorySource("x"), {}));
  ASSERT_TRUE(store.Get("a", {}));
  const StoppingSource source(stop);
  EXPECT_EQ(HashOf(StoppableSource(source, stop)).error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(store.Put("b", MemorySource("x"), {}).error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(store.Get("a", {}).error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(store.Head("a").error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(store.List({}).error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(store.Delete("a").error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(mem_.List({})->blobs.size(), 1u);
}

TEST_F(DecoratorsTest, LetsOnlySoManyBytesThroughPerSecond) {
  ThrottledStore store(mem_, 1000, clock_, pause_);
  const Bytes content(500, 'x');
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(store.Put("a", MemorySource(content), {}));
  // The first goes at once, each other waits until the one before is through.
  EXPECT_EQ(Elapsed(), std::chrono::seconds(2));
  ASSERT_TRUE(store.Get("a", {}));
  EXPECT_EQ(Elapsed(), std::chrono::milliseconds(2500));
  clock_.Advance(std::chrono::seconds(10));  // what was not used is gone
  const Micros before = Elapsed();
  ASSERT_TRUE(store.Get("a", {}));
  ASSERT_TRUE(store.Get("a", {}));
  EXPECT_EQ(Elapsed() - before, std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace tidemark::blob
