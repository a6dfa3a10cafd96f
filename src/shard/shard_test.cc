#include "shard/shard.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "engine/mem/mem_engine.h"
#include "log/mem/mem_log.h"
#include "runtime/io_threads.h"
#include "shard/test_rows.h"

namespace tidemark::shard {
namespace {

class ShardTest : public testing::Test {
 protected:
  ShardTest()
      : directory_(std::filesystem::temp_directory_path() /
                   ("tidemark-shard-test-" + std::to_string(::getpid()))),
        engine_(engine::MakeMemEngine()),
        threads_(2),
        pool_(2) {
    std::filesystem::remove_all(directory_);
    threads_.Start();
    Open(log::MakeMemLog());
  }
  ~ShardTest() override {
    shard_.reset();
    threads_.Stop();
    threads_.Join();
    std::filesystem::remove_all(directory_);
  }

  void Open(std::unique_ptr<log::CommitLog> log) {
    auto shard = Shard::Open({.name = "test", .directory = directory_.string()}, std::move(log),
                             *engine_, clock_, pool_);
    ASSERT_TRUE(shard.has_value()) << shard.error().message;
    shard_ = std::move(*shard);
    auto table = shard_->CreateTable(TableId::Make(TheSystemRandom()), "{}");
    ASSERT_TRUE(table.has_value()) << table.error().message;
    table_ = *table;
  }

  Result<Timestamp> Write(std::string_view name, Evaluate evaluate) {
    return runtime::RunBlocking(threads_.context(0),
                                shard_->Write({table_, Key(name), std::move(evaluate)}, {}));
  }
  std::optional<Bytes> Read(std::string_view name) {
    auto row = runtime::RunBlocking(threads_.context(0), shard_->Get(table_, Key(name)));
    EXPECT_TRUE(row.has_value());
    return row ? *row : std::nullopt;
  }

  SystemClock clock_;
  std::filesystem::path directory_;
  std::unique_ptr<engine::Engine> engine_;
  runtime::IoThreads threads_;
  runtime::BlockingPool pool_;
  std::unique_ptr<Shard> shard_;
  TableHandle table_;
};

TEST_F(ShardTest, ReadsItsOwnWrites) {
  ASSERT_TRUE(Write("a", PutRow("one")).has_value());
  EXPECT_EQ(Read("a"), "one");
  EXPECT_EQ(Read("b"), std::nullopt);
}

TEST_F(ShardTest, CommitTimesStrictlyIncrease) {
  Timestamp last{};
  for (int i = 0; i < 200; ++i) {
    const auto time = Write("a", Increment());
    ASSERT_TRUE(time.has_value());
    ASSERT_GT(*time, last);
    last = *time;
  }
}

TEST_F(ShardTest, KeepsExactTotals) {
  ASSERT_TRUE(Write("a", PutRow("12345")).has_value());
  ASSERT_TRUE(Write("b", PutRow("12")).has_value());
  ASSERT_TRUE(Write("a", PutRow("123")).has_value());
  EXPECT_EQ(table_->LoadTotals()->items, 2u);
  EXPECT_EQ(table_->LoadTotals()->bytes, 5u);
  ASSERT_TRUE(Write("a", [](const std::optional<Bytes>& old) -> Result<Mutation> {
                Mutation mutation;
                mutation.kind = Mutation::Kind::kDelete;
                mutation.old_size = old->size();
                return mutation;
              }).has_value());
  EXPECT_EQ(table_->LoadTotals()->items, 1u);
  EXPECT_EQ(table_->LoadTotals()->bytes, 2u);
  item::SetHash expected = item::HashRow(Key("b"), "12");
  EXPECT_EQ(table_->LoadTotals()->hash, expected);
}

TEST_F(ShardTest, LosesNoIncrementOfAHotRow) {
  constexpr int kWriters = 8, kEach = 500;
  std::vector<std::thread> writers;
  std::atomic<int> failed = 0;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kEach; ++i) {
        auto done = runtime::RunBlocking(threads_.context(static_cast<size_t>(writer) % 2),
                                         shard_->Write({table_, Key("hot"), Increment()}, {}));
        if (!done) ++failed;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(Read("hot"), std::to_string(kWriters * kEach));
  EXPECT_EQ(table_->LoadTotals()->items, 1u);
}

TEST_F(ShardTest, AnErrorOfEvaluateIsTheAnswerAndWritesNothing) {
  ASSERT_TRUE(Write("a", PutRow("one")).has_value());
  const auto refused = Write("a", [](const std::optional<Bytes>&) -> Result<Mutation> {
    return Fail(ErrorKind::kConditionFailed, "no");
  });
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kConditionFailed);
  EXPECT_EQ(Read("a"), "one");
}

TEST_F(ShardTest, ManyWritesEachHaveTheirOwnResult) {
  std::vector<WriteRequest> requests;
  requests.push_back({table_, Key("a"), PutRow("1")});
  requests.push_back({table_, Key("b"), [](const std::optional<Bytes>&) -> Result<Mutation> {
                        return Fail(ErrorKind::kConditionFailed, "no");
                      }});
  requests.push_back({table_, Key("c"), PutRow("3")});
  const auto results =
      runtime::RunBlocking(threads_.context(0), shard_->WriteAll(std::move(requests), {}));
  ASSERT_TRUE(results.has_value());
  EXPECT_TRUE((*results)[0].has_value());
  EXPECT_FALSE((*results)[1].has_value());
  EXPECT_TRUE((*results)[2].has_value());
  EXPECT_EQ(Read("c"), "3");
}

TEST_F(ShardTest, APinHoldsTheInstantWhileWritesGoOn) {
  ASSERT_TRUE(Write("a", PutRow("before")).has_value());
  const auto pin = shard_->Pin(table_->id(), shard_->ImagesDirectory() + "/pin", "{}");
  ASSERT_TRUE(pin.has_value()) << pin.error().message;
  const auto later = Write("a", PutRow("after!"));
  ASSERT_TRUE(later.has_value());
  EXPECT_GT(*later, pin->as_of);
  EXPECT_EQ(pin->totals.bytes, 6u);
}

TEST_F(ShardTest, ADroppedTableRefusesWritesAndIsForgotten) {
  ASSERT_TRUE(Write("a", PutRow("one")).has_value());
  ASSERT_TRUE(shard_->DropTable(table_->id(), "{}").has_value());
  EXPECT_EQ(shard_->Find(table_->id()), nullptr);
  const auto refused = Write("a", PutRow("two"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kResourceNotFound);
}

}  // namespace
}  // namespace tidemark::shard
