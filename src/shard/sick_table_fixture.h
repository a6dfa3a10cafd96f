// A shard whose engine, log and disk fall sick on command, with a table that does and one that does
// not. Time stands still until told; maintenance is done by hand.
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include "runtime/io_threads.h"
#include "shard/faulty_engine.h"
#include "shard/faulty_log.h"
#include "shard/local_shard.h"
#include "shard/test_keys.h"
#include "shard/test_rows.h"

namespace tidemark::shard {

inline Evaluate FailedCondition() {
  return [](const std::optional<Bytes>&) -> Result<Mutation> {
    return Fail(ErrorKind::kConditionFailed, "no");
  };
}

class SickTableTest : public testing::Test {
 protected:
  using Answer = std::future<Result<Timestamp>>;

  SickTableTest() : threads_(1), pool_(1) {
    std::string name = (std::filesystem::temp_directory_path() / "tidemark_sick_XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    threads_.Start();
    options_.name = "test";
    options_.directory = directory_;
    options_.keys = &keys_;
    options_.maintain = false;
    options_.pay_backlogs = false;
    options_.ask_space = [this](const std::string&) -> Result<Space> {
      return Space{.free_bytes = free_bytes_, .total_bytes = 1'000'000'000};
    };
  }
  ~SickTableTest() override {
    for (const TableId table : options_.active_tables) {
      engine_.FailApply(table, std::nullopt);
      engine_.FailOpen(table, false);
    }
    shard_.reset();
    threads_.Stop();
    threads_.Join();
    std::filesystem::remove_all(directory_);
  }

  // Opens the shard; the first time with two new tables.
  void Start() {
    auto shard = Shard::Open(options_, std::make_unique<FaultyLog>(log_), engine_, clock_, pool_);
    ASSERT_TRUE(shard.has_value()) << shard.error().message;
    shard_ = std::move(*shard);
    if (options_.active_tables.empty()) {
      for (int i = 0; i < 2; ++i) {
        options_.active_tables.push_back(TableId::Make(TheSystemRandom()));
        ASSERT_TRUE(shard_->CreateTable(options_.active_tables.back(), "{}").has_value());
      }
    }
    sick_ = shard_->Find(options_.active_tables[0]);
    well_ = shard_->Find(options_.active_tables[1]);
    ASSERT_TRUE(sick_ && well_);
  }
  // What memory held is lost, as in a crash; the log and what was flushed stays.
  void Crash() {
    engine_.inner().LoseUnflushed(true);
    engine_.inner().FailFlushes(true);
    sick_.reset();
    well_.reset();
    shard_.reset();
    engine_.inner().LoseUnflushed(false);
    engine_.inner().FailFlushes(false);
  }
  LocalShard& local() { return static_cast<LocalShard&>(*shard_); }

  // The write is queued, or waits for something, before whatever begins later.
  Answer Begin(TableHandle table, std::string_view name, Evaluate evaluate) {
    auto promise = std::make_shared<std::promise<Result<Timestamp>>>();
    auto answer = promise->get_future();
    runtime::Spawn(threads_.context(0),
                   Run(shard_.get(), {std::move(table), Key(name), std::move(evaluate)}, promise));
    return answer;
  }
  Result<Timestamp> Write(TableHandle table, std::string_view name, Evaluate evaluate) {
    return Begin(std::move(table), name, std::move(evaluate)).get();
  }
  // When it returns, the applier has seen everything begun before, and acted upon it.
  void Through() {
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(Write(well_, "through", PutRow("x")).has_value());
  }
  static bool Answered(const Answer& answer) {
    return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  // One round of maintenance, and what it set off.
  void Maintain() {
    local().Maintain();
    Through();
    std::promise<void> done;  // the pool has one thread
    ASSERT_TRUE(pool_.Submit([&] { done.set_value(); }));
    done.get_future().wait();
  }

  std::optional<Bytes> Read(TableHandle table, std::string_view name) {
    auto row = runtime::RunBlocking(threads_.context(0), shard_->Get(table, Key(name)));
    EXPECT_TRUE(row.has_value()) << row.error().message;
    return row ? *row : std::nullopt;
  }
  Totals TotalsOf(const TableHandle& table) { return table->LoadTotals().value_or(Totals{}); }
  // Values the sick table's stores took, in order.
  std::vector<Bytes> Taken() {
    std::vector<Bytes> values;
    for (const auto& [table, value] : engine_.Taken()) {
      if (table == options_.active_tables[0]) values.push_back(value);
    }
    return values;
  }
  void MakeSick(std::optional<ErrorKind> kind) { engine_.FailApply(sick_->id(), kind); }

  std::string directory_;
  TestKeys keys_;
  FaultyEngine engine_;
  ManualClock clock_{FromMicros(1'000'000'000'000'000)};
  std::atomic<uint64_t> free_bytes_{500'000'000};
  std::shared_ptr<LogFaults> log_ = std::make_shared<LogFaults>();
  ShardOptions options_;
  runtime::IoThreads threads_;
  runtime::BlockingPool pool_;
  std::unique_ptr<Shard> shard_;
  TableHandle sick_, well_;

 private:
  static asio::awaitable<void> Run(Shard* shard, WriteRequest request,
                                   std::shared_ptr<std::promise<Result<Timestamp>>> promise) {
    Origin origin;  // named: GCC 12 destroys a temporary of a co_await twice
    auto answer = co_await shard->Write(std::move(request), std::move(origin));
    promise->set_value(std::move(answer));
  }
};

}  // namespace tidemark::shard
