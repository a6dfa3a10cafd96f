// Writes of several rows as one, reads of several rows as of one moment.
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "shard/shard_harness.h"
#include "shard/sick_table_fixture.h"

namespace tidemark::shard {
namespace {

int NumberOf(const std::optional<Bytes>& row) { return row ? std::stoi(*row) : 0; }

Evaluate AddTo(int amount) {
  return [amount](const std::optional<Bytes>& old) -> Result<Mutation> {
    return PutRow(std::to_string(NumberOf(old) + amount))(old);
  };
}

class TogetherTest : public OnBothEngines {
 protected:
  WriteRequest Request(TableId table, std::string_view name, Evaluate evaluate) {
    return {shard_->Find(table), Key(name), std::move(evaluate)};
  }
  Result<Timestamp> WriteTogether(std::vector<WriteRequest> requests, size_t io = 0) {
    return runtime::RunBlocking(threads_.context(io % 2),
                                shard_->WriteTogether(std::move(requests), {}));
  }
  Result<std::vector<std::optional<Bytes>>> GetTogether(
      const std::vector<std::pair<TableId, std::string>>& names, size_t io = 0) {
    std::vector<RowRef> rows;
    for (const auto& [table, name] : names) rows.push_back({shard_->Find(table), Key(name)});
    return runtime::RunBlocking(threads_.context(io % 2), shard_->GetTogether(std::move(rows)));
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, TogetherTest,
                         testing::Values(StoreKind::kInMemory, StoreKind::kOnRocks), EngineName);

TEST_P(TogetherTest, OneRecordHoldsAllRowsWithTotalsAfterEach) {
  const TableId one = Create(), two = Create();
  Put(one, "old", "12345");
  const auto before = shard().Stats().changes;
  std::vector<WriteRequest> requests;
  requests.push_back(Request(one, "a", PutRow("1")));
  requests.push_back(Request(two, "b", PutRow("22")));
  requests.push_back(Request(one, "old", PutRow("333")));
  const auto done = WriteTogether(std::move(requests));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(shard().Stats().changes, before + 1);
  rows_[one] = {{"a", "1"}, {"old", "333"}};
  rows_[two] = {{"b", "22"}};
  VerifyAll();
  Crash();
  Open();
  VerifyAll();
}

TEST_P(TogetherTest, ARefusedRowKeepsTheOthersFromTakingEffect) {
  const TableId table = Create();
  Put(table, "a", "1");
  int evaluated = 0;
  const auto count = [&](Evaluate evaluate) -> Evaluate {
    return [&evaluated, evaluate](const std::optional<Bytes>& old) {
      ++evaluated;
      return evaluate(old);
    };
  };
  std::vector<WriteRequest> requests;
  requests.push_back(Request(table, "b", count(FailedCondition())));
  requests.push_back(Request(table, "a", count(PutRow("2"))));
  const auto done = WriteTogether(std::move(requests));
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind, ErrorKind::kTransactionCanceled);
  EXPECT_EQ(evaluated, 2) << "each row has its say";
  VerifyAll();
  Put(table, "a", "3");  // its latch was let go
  VerifyAll();
}

TEST_P(TogetherTest, RowsThatStayAsTheyAreAreNotLogged) {
  const TableId table = Create();
  Put(table, "a", "1");
  const auto nothing = [](const std::optional<Bytes>&) -> Result<Mutation> { return Mutation{}; };
  const auto before = shard().Stats().changes;
  std::vector<WriteRequest> requests;
  requests.push_back(Request(table, "a", nothing));
  requests.push_back(Request(table, "b", nothing));
  ASSERT_TRUE(WriteTogether(std::move(requests)).has_value());
  EXPECT_EQ(shard().Stats().changes, before);
  requests.clear();
  requests.push_back(Request(table, "a", nothing));
  requests.push_back(Request(table, "b", PutRow("2")));
  ASSERT_TRUE(WriteTogether(std::move(requests)).has_value());
  rows_[table]["b"] = "2";
  VerifyAll();
}

TEST_P(TogetherTest, ALargeOneIsAFrameOfItsOwn) {
  const TableId table = Create();
  std::vector<WriteRequest> requests;
  for (int i = 0; i < 10; ++i) {
    const std::string name = std::to_string(i);
    rows_[table][name] = Bytes(400'000, static_cast<char>('a' + i));
    requests.push_back(Request(table, name, PutRow(rows_[table][name])));
  }
  const auto done = WriteTogether(std::move(requests));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  Crash();
  Open();
  VerifyAll();
}

// Two transfers that name the same rows in opposite order, reads of all, and single writes.
TEST_P(TogetherTest, TransfersKeepTheSumAndReadsOfAllSeeIt) {
  constexpr int kAccounts = 6, kBegin = 1000, kEach = 300;
  const TableId tables[] = {Create(), Create()};
  const auto table_of = [&](int account) { return tables[account % 2]; };
  std::vector<std::pair<TableId, std::string>> all;
  for (int i = 0; i < kAccounts; ++i) {
    Put(table_of(i), std::to_string(i), std::to_string(kBegin));
    all.emplace_back(table_of(i), std::to_string(i));
  }
  std::atomic<int> failed = 0, wrong = 0;
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      std::mt19937 random(static_cast<unsigned>(thread));
      for (int i = 0; i < kEach; ++i) {
        const int from = static_cast<int>(random() % kAccounts);
        const int to = (from + 1 + static_cast<int>(random() % (kAccounts - 1))) % kAccounts;
        const int amount = static_cast<int>(random() % 50);
        std::vector<WriteRequest> requests;
        requests.push_back(Request(table_of(from), std::to_string(from), AddTo(-amount)));
        requests.push_back(Request(table_of(to), std::to_string(to), AddTo(amount)));
        if (!WriteTogether(std::move(requests), thread)) ++failed;
        if (i % 16 == 0 && !Write(table_of(from), std::to_string(from), AddTo(0), thread)) ++failed;
      }
    });
  }
  threads.emplace_back([&] {
    while (!done) {
      const auto read = GetTogether(all, 1);
      int sum = 0;
      for (int i = 0; read && i < kAccounts; ++i) sum += NumberOf((*read)[static_cast<size_t>(i)]);
      if (!read) ++failed;
      if (sum != kAccounts * kBegin) ++wrong;
    }
  });
  for (size_t i = 0; i < 4; ++i) threads[i].join();
  done = true;
  threads.back().join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(wrong, 0) << "reads that saw part of a transfer";
  const auto read = GetTogether(all);
  ASSERT_TRUE(read.has_value());
  int sum = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    rows_[all[i].first][all[i].second] = *(*read)[i];
    sum += NumberOf((*read)[i]);
  }
  EXPECT_EQ(sum, kAccounts * kBegin);
  VerifyAll();
  Crash();
  Open();
  VerifyAll();
}

TEST_P(TogetherTest, AStartWithLittleMemoryGivesATableNoHalfOfAFrame) {
  const TableId table = Create();
  std::vector<WriteRequest> requests;
  for (int i = 0; i < 30; ++i) {
    const std::string name = std::to_string(i);
    rows_[table][name] = Bytes(1000, static_cast<char>('a' + i % 26));
    requests.push_back(Request(table, name, PutRow(rows_[table][name])));
  }
  ASSERT_TRUE(WriteTogether(std::move(requests)).has_value());
  Crash();
  options.tail_memory_max = 10'000;  // reached in the middle of the record
  Open();
  VerifyAll();
}

class TogetherSickTest : public SickTableTest {
 protected:
  static asio::awaitable<void> Run(Shard* shard, std::vector<WriteRequest> requests,
                                   std::shared_ptr<std::promise<Result<Timestamp>>> promise) {
    Origin origin;  // named: GCC 12 destroys a temporary of a co_await twice
    auto answer = co_await shard->WriteTogether(std::move(requests), std::move(origin));
    promise->set_value(std::move(answer));
  }
  // Of row `name` of both tables.
  Answer BeginBoth(std::string_view name, Evaluate evaluate) {
    std::vector<WriteRequest> requests;
    requests.push_back({sick_, Key(name), evaluate});
    requests.push_back({well_, Key(name), evaluate});
    auto promise = std::make_shared<std::promise<Result<Timestamp>>>();
    auto answer = promise->get_future();
    runtime::Spawn(threads_.context(0), Run(shard_.get(), std::move(requests), promise));
    return answer;
  }
  using Values = Result<std::vector<std::optional<Bytes>>>;
  static asio::awaitable<void> Read(Shard* shard, std::vector<RowRef> rows,
                                    std::shared_ptr<std::promise<Values>> promise) {
    promise->set_value(co_await shard->GetTogether(std::move(rows)));
  }
  std::future<Values> BeginRead(std::string_view name) {
    auto promise = std::make_shared<std::promise<Values>>();
    auto answer = promise->get_future();
    std::vector<RowRef> rows;
    rows.push_back({sick_, Key(name)});
    rows.push_back({well_, Key(name)});
    runtime::Spawn(threads_.context(0), Read(shard_.get(), std::move(rows), promise));
    return answer;
  }
  template <class T>
  static bool Ready(const std::future<T>& answer) {
    return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
};

TEST_F(TogetherSickTest, WhileOneTableIsParkedItIsNotAnsweredNorReadInPart) {
  Start();
  ASSERT_TRUE(BeginBoth("a", PutRow("old")).get().has_value());
  MakeSick(ErrorKind::kBusy);
  auto both = BeginBoth("a", PutRow("new"));
  Through();
  auto read = BeginRead("a");
  Through();
  EXPECT_FALSE(Ready(both));
  EXPECT_FALSE(Ready(read)) << "one table has its part and the other has not";
  MakeSick(std::nullopt);
  EXPECT_TRUE(both.get().has_value());
  const auto values = read.get();
  ASSERT_TRUE(values.has_value()) << values.error().message;
  EXPECT_EQ((*values)[0], "new");
  EXPECT_EQ((*values)[1], "new");
}

TEST_F(TogetherSickTest, AFencedTableRefusesWritesAndReadsOfSeveral) {
  Start();
  ASSERT_TRUE(BeginBoth("a", PutRow("old")).get().has_value());
  MakeSick(ErrorKind::kIo);
  EXPECT_EQ(Write(sick_, "x", PutRow("1")).error().kind, ErrorKind::kIo);
  const auto refused = BeginBoth("a", PutRow("new")).get();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kIo);
  EXPECT_EQ(SickTableTest::Read(well_, "a"), "old") << "nothing of it was written";
  EXPECT_EQ(BeginRead("a").get().error().kind, ErrorKind::kIo);
}

TEST_F(TogetherSickTest, WhatAFencedTableIsOwedMakesItWholeAfterACrash) {
  Start();
  ASSERT_TRUE(BeginBoth("a", PutRow("old")).get().has_value());
  MakeSick(ErrorKind::kIo);
  EXPECT_EQ(BeginBoth("a", PutRow("new")).get().error().kind, ErrorKind::kIo) << "unknown";
  Crash();
  engine_.FailApply(options_.active_tables[0], std::nullopt);
  Start();
  const auto values = BeginRead("a").get();
  ASSERT_TRUE(values.has_value()) << values.error().message;
  EXPECT_EQ((*values)[0], "new");
  EXPECT_EQ((*values)[1], "new");
}

TEST_F(TogetherSickTest, ALogWithoutRoomTakesBackAllRows) {
  Start();
  ASSERT_TRUE(BeginBoth("n", Increment()).get().has_value());
  log_->HoldNext(ErrorKind::kNoSpace);
  auto one = BeginBoth("n", Increment());
  log_->WaitUntilHeld();
  auto two = BeginBoth("n", Increment());
  auto read = BeginRead("n");
  std::promise<void> queued;
  asio::post(threads_.context(0), [&] { queued.set_value(); });
  queued.get_future().wait();
  log_->LetGo();
  EXPECT_FALSE(one.get().has_value());
  EXPECT_FALSE(two.get().has_value());
  const auto refused = read.get();
  EXPECT_TRUE(!refused || *(*refused)[0] == "1") << "it saw what was never stored";
  ASSERT_TRUE(BeginBoth("n", Increment()).get().has_value());
  EXPECT_EQ(SickTableTest::Read(sick_, "n"), "2");
  EXPECT_EQ(SickTableTest::Read(well_, "n"), "2");
  EXPECT_EQ(TotalsOf(sick_).hash, item::HashRow(Key("n"), "2"));
  EXPECT_EQ(TotalsOf(well_).hash, item::HashRow(Key("n"), "2"));
}

TEST_F(TogetherSickTest, BehindTheDropOfOneTableNothingOfItIsWritten) {
  Start();
  ASSERT_TRUE(BeginBoth("a", PutRow("old")).get().has_value());
  MakeSick(ErrorKind::kBusy);
  auto parked =
      Begin(sick_, "x", PutRow("1"));  // the drop is queued behind it and not yet carried out
  Through();
  auto drop = std::async(std::launch::async, [&] { return shard_->DropTable(sick_->id(), "{}"); });
  while (static_cast<OpenTable&>(*sick_).drops == 0) std::this_thread::yield();
  const auto refused = BeginBoth("a", PutRow("new")).get();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kResourceNotFound);
  MakeSick(std::nullopt);
  EXPECT_TRUE(drop.get().has_value());
  EXPECT_TRUE(parked.get().has_value());
  EXPECT_EQ(SickTableTest::Read(well_, "a"), "old");
}

TEST_F(TogetherSickTest, RefusedForOneTableItLeavesWhatTheOthersRowsAreAboutToBe) {
  Start();
  ASSERT_TRUE(BeginBoth("n", Increment()).get().has_value());
  log_->HoldNext(std::nullopt);
  auto before = Begin(well_, "n", Increment());
  log_->WaitUntilHeld();
  auto drop = std::async(std::launch::async, [&] { return shard_->DropTable(sick_->id(), "{}"); });
  while (static_cast<OpenTable&>(*sick_).drops == 0) std::this_thread::yield();
  EXPECT_EQ(BeginBoth("n", Increment()).get().error().kind, ErrorKind::kResourceNotFound);
  auto after = Begin(well_, "n", Increment());
  std::promise<void> queued;
  asio::post(threads_.context(0), [&] { queued.set_value(); });
  queued.get_future().wait();
  log_->LetGo();
  EXPECT_TRUE(before.get().has_value());
  EXPECT_TRUE(after.get().has_value());
  EXPECT_TRUE(drop.get().has_value());
  EXPECT_EQ(SickTableTest::Read(well_, "n"), "3");
  EXPECT_EQ(TotalsOf(well_).hash, item::HashRow(Key("n"), "3"));
}

}  // namespace
}  // namespace tidemark::shard
