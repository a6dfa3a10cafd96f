#include "table/collection_limit.h"

#include <atomic>
#include <future>
#include <random>
#include <thread>

#include "item/item_size.h"
#include "table/item_collections.h"
#include "table/open_table.h"
#include "table/table_fixture.h"
#include "table/time_to_live.h"

namespace tidemark::table {
namespace {

using Role = KeyElement::Role;

item::Item KeyOf(const std::string& pk, int64_t sk) { return Make({{"pk", S(pk)}, {"sk", N(sk)}}); }

// An item of `bytes` and a little more: by its time it is in the index byWhen.
item::Item Sized(const std::string& pk, int64_t sk, size_t bytes, bool indexed = false) {
  auto item = KeyOf(pk, sk);
  item.Set("b", S(std::string(bytes, 'x')));
  if (indexed) item.Set("when", N(sk));
  return item;
}

PutRequest PutOf(item::Item item, std::string table = "Threads") {
  PutRequest put;
  put.table = std::move(table);
  put.item = std::move(item);
  return put;
}

UpdateRequest SetBytes(const std::string& pk, int64_t sk, size_t bytes) {
  UpdateRequest update;
  update.table = "Threads";
  update.key = KeyOf(pk, sk);
  update.expressions.update = "SET b = :b";
  update.expressions.values.Set(":b", S(std::string(bytes, 'y')));
  update.expressions.values_given = true;
  return update;
}

DeleteRequest DeleteOf(const std::string& pk, int64_t sk) {
  DeleteRequest request;
  request.table = "Threads";
  request.key = KeyOf(pk, sk);
  return request;
}

class CollectionLimitTest : public TableFixture {
 protected:
  void SetUp() override {
    TableFixture::SetUp();
    CreateTableRequest request;
    request.table = "Threads";
    request.attributes = {
        {"pk", item::Type::kString}, {"sk", item::Type::kNumber}, {"when", item::Type::kNumber}};
    request.key_schema = {{"pk", Role::kHash}, {"sk", Role::kRange}};
    request.billing = catalog::BillingMode::kPayPerRequest;
    IndexRequest local;
    local.name = "byWhen";
    local.key_schema = {{"pk", Role::kHash}, {"when", Role::kRange}};
    local.projection = index::Projection::kAll;
    request.local_indexes = {local};
    IndexRequest global = local;
    global.name = "atAnyTime";
    global.key_schema = {{"when", Role::kHash}};
    request.global_indexes = {global};
    const auto made = Run(control_->Create(caller_, request));
    ASSERT_TRUE(made) << made.error().message;
    MakeWriters(10'000);
  }

  // "": written.
  template <class T>
  std::string Fault(const Result<T>& result) {
    if (result) return "";
    if (result.error().kind == ErrorKind::kItemCollectionTooLarge) {
      EXPECT_EQ(result.error().message, "Collection size exceeded.");
      return "too large";
    }
    return result.error().message;
  }
  std::string Put(item::Item item) {
    return Fault(Run(items_->Put(caller_, PutOf(std::move(item)))));
  }
  std::string Update(UpdateRequest update) { return Fault(Run(items_->Update(caller_, update))); }
  std::string Delete(const std::string& pk, int64_t sk) {
    return Fault(Run(items_->Delete(caller_, DeleteOf(pk, sk))));
  }
  bool IsThere(const std::string& pk, int64_t sk) { return !Get("Threads", KeyOf(pk, sk)).empty(); }

  // Not seen by limit_: as if there were no bound.
  void PutUnseen(item::Item item) {
    CollectionLimit none(pool_);
    ItemOps items(*catalog_, *shards_, none);
    ASSERT_TRUE(Run(items.Put(caller_, PutOf(std::move(item)))));
  }
  uint64_t Measure(const std::string& pk) {
    ItemCollections collections(*catalog_, *shards_, pool_);
    const auto measured = Run(collections.Measure(caller_, "Threads", {KeyOf(pk, 1)}));
    EXPECT_TRUE(measured);
    return measured->front().bytes;
  }
  OpenTable Open() { return *FindActiveTable(*catalog_, *shards_, caller_, "Threads"); }
  std::string Transact(std::vector<TransactAction> actions) {
    const auto done = Run(transactions_->Write(caller_, {.actions = std::move(actions)}));
    if (done) return "";
    const auto* cancelled = dynamic_cast<const TransactionCancelled*>(done.error().detail.get());
    if (!cancelled) return done.error().message;
    std::string kinds;
    for (const auto& reason : cancelled->reasons)
      kinds += reason ? std::string(ToString(reason->kind)) + ";" : "-;";
    return kinds;
  }
};

TEST_F(CollectionLimitTest, RefusesWhatMakesACollectionTooLarge) {
  EXPECT_EQ(Put(Sized("p", 1, 4000)), "");
  EXPECT_EQ(Put(Sized("p", 2, 4000)), "");
  EXPECT_EQ(Put(Sized("p", 3, 4000)), "too large");
  EXPECT_FALSE(IsThere("p", 3));
  EXPECT_EQ(Update(SetBytes("p", 3, 4000)), "too large");
  EXPECT_EQ(Update(SetBytes("p", 2, 6000)), "too large");
  EXPECT_EQ(Put(Sized("q", 1, 9000)), "") << "collections are apart";
  EXPECT_EQ(Put(Sized("p", 3, 1500)), "") << "it fits";
}

TEST_F(CollectionLimitTest, RowsInLocalIndexesCount) {
  EXPECT_EQ(Put(Sized("p", 1, 4000, true)), "");
  EXPECT_EQ(Put(Sized("p", 2, 2500)), "too large");
  EXPECT_EQ(Put(Sized("p", 2, 1500)), "") << "rows in global indexes do not";
  EXPECT_EQ(Put(Sized("q", 1, 6000, true)), "too large") << "an item that is alone, too";
}

TEST_F(CollectionLimitTest, WritesThatDoNotGrowItPass) {
  for (int i = 0; i < 5; ++i) PutUnseen(Sized("p", i, 4000));
  EXPECT_EQ(Update(SetBytes("p", 1, 4001)), "too large");
  EXPECT_EQ(Put(Sized("p", 1, 4000)), "");
  EXPECT_EQ(Update(SetBytes("p", 1, 4000)), "");
  EXPECT_EQ(Update(SetBytes("p", 1, 3000)), "");
  EXPECT_EQ(Update(SetBytes("p", 1, 3001)), "too large") << "it still is";
  for (int i = 1; i < 5; ++i) EXPECT_EQ(Delete("p", i), "");
  EXPECT_EQ(Put(Sized("p", 1, 4000)), "");
}

TEST_F(CollectionLimitTest, TablesWithoutLocalIndexesHaveNoBound) {
  CreateTable("Plain", kHashAndRange);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(Fault(Run(items_->Put(caller_, PutOf(Sized("p", i, 4000), "Plain")))), "");
}

TEST_F(CollectionLimitTest, BatchesStopWhereItIsFull) {
  BatchWriteRequest request;
  request.tables.push_back({"Threads", {BatchDelete{KeyOf("p", 0)}}});
  for (int i = 1; i < 4; ++i) request.tables[0].writes.push_back(BatchPut{Sized("p", i, 4000)});
  EXPECT_EQ(Fault(Run(batches_->Write(caller_, request))), "too large");
  EXPECT_TRUE(IsThere("p", 2)) << "each write of a batch stands alone";
  EXPECT_FALSE(IsThere("p", 3));
  request.tables[0].writes.pop_back();
  EXPECT_EQ(Fault(Run(batches_->Write(caller_, request))), "") << "the same again does not grow it";

  request.tables[0].writes = {BatchPut{Sized("q", 1, 11'000)}, BatchPut{Sized("q", 2, 6000)}};
  EXPECT_EQ(Fault(Run(batches_->Write(caller_, request))), "too large");
  EXPECT_TRUE(IsThere("q", 2));
  EXPECT_EQ(Put(Sized("q", 3, 6000)), "too large") << "what the batch did write counts";
}

TEST_F(CollectionLimitTest, TransactionsAreCancelledWhole) {
  EXPECT_EQ(Transact({PutOf(Sized("q", 1, 4000)), PutOf(Sized("p", 1, 6000)),
                      PutOf(Sized("p", 2, 6000)), DeleteOf("p", 3)}),
            "-;-;item collection too large;-;");
  EXPECT_FALSE(IsThere("q", 1));
  // What was cancelled does not count.
  auto failing = PutOf(Sized("q", 2, 1));
  failing.expressions.condition = "attribute_exists(pk)";
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(Transact({PutOf(Sized("p", 1, 6000)), failing}), "-;condition failed;");
  EXPECT_EQ(Transact({PutOf(Sized("p", 1, 6000)), PutOf(Sized("p", 2, 3000))}), "");
  EXPECT_EQ(Transact({SetBytes("p", 2, 4500)}), "item collection too large;");
  EXPECT_EQ(Transact({DeleteOf("p", 1)}), "");
  EXPECT_EQ(Transact({SetBytes("p", 2, 4500)}), "");
}

TEST_F(CollectionLimitTest, FollowsEveryWriteExactly) {
  MakeWriters(200'000);
  std::mt19937 random(20261127);
  const auto below = [&](int bound) {
    return std::uniform_int_distribution<int>(0, bound - 1)(random);
  };
  for (int i = 0; i < 300; ++i) {
    const int64_t sk = below(20);
    const auto bytes = static_cast<size_t>(below(4000));
    switch (below(4)) {
      case 0:
        EXPECT_EQ(Put(Sized("p", sk, bytes, below(2) == 0)), "");
        break;
      case 1:
        EXPECT_EQ(Update(SetBytes("p", sk, bytes)), "");
        break;
      case 2:
        EXPECT_EQ(Transact({PutOf(Sized("p", sk, bytes, true)), DeleteOf("p", sk + 1)}), "");
        break;
      default:
        EXPECT_EQ(Delete("p", sk), "");
    }
  }
  const uint64_t left = 200'000 - Measure("p") - item::ItemSize(Sized("p", 100, 0));
  EXPECT_EQ(Put(Sized("p", 100, left + 1)), "too large");
  EXPECT_EQ(Put(Sized("p", 100, left)), "");
  EXPECT_EQ(Measure("p"), 200'000u);
}

TEST_F(CollectionLimitTest, MeasuresOnce) {
  PutUnseen(Sized("p", 1, 4000));
  EXPECT_EQ(Put(Sized("p", 2, 4000)), "");
  PutUnseen(Sized("p", 3, 4000));
  EXPECT_EQ(Put(Sized("p", 4, 1500)), "") << "what limit_ did not see does not count";
  limit_->Forget(Open().record->id);
  EXPECT_EQ(Put(Sized("p", 4, 1501)), "too large");
}

TEST_F(CollectionLimitTest, WritersWaitForOneMeasurement) {
  for (int i = 0; i < 5; ++i) PutUnseen(Sized("p", i, 1000));
  MakeWriters(Measure("p") + 5 * 1100);
  // Nothing is measured until all have come.
  std::promise<void> all_are_here;
  const std::shared_future<void> gate = all_are_here.get_future();
  for (int i = 0; i < 2; ++i) pool_.Submit([gate] { gate.wait(); });
  std::atomic<int> written{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < 10; ++i) {
    writers.emplace_back([&, i] {
      if (Run(items_->Put(caller_, PutOf(Sized("p", 1000 + i, 1000))))) ++written;
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(written, 0);
  all_are_here.set_value();
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(written, 5);
}

TEST_F(CollectionLimitTest, WhatExpiresLeavesRoom) {
  TimeToLive time_to_live(*catalog_, *shards_, pool_, *limit_, clock_, threads_.context(0));
  ASSERT_TRUE(
      Run(time_to_live.Update(caller_, {.table = "Threads", .enabled = true, .attribute = "ttl"})));
  time_to_live.Sweep();
  auto expiring = Sized("p", 1, 4000);
  expiring.Set("ttl", N(1'700'000'010));
  EXPECT_EQ(Put(expiring), "");
  EXPECT_EQ(Put(Sized("p", 2, 4000)), "");
  EXPECT_EQ(Put(Sized("p", 3, 4000)), "too large");
  clock_.Advance(std::chrono::seconds(11));
  time_to_live.Sweep();
  EXPECT_FALSE(IsThere("p", 1));
  EXPECT_EQ(Put(Sized("p", 3, 4000)), "");
}

TEST_F(CollectionLimitTest, KeepsTheLargestCollections) {
  EXPECT_EQ(Put(Sized("large", 1, 5000)), "");
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(Put(Sized("some" + std::to_string(i), 1, 100)), "");
  PutUnseen(Sized("large", 2, 4000));
  PutUnseen(Sized("some999", 2, 9000));
  EXPECT_EQ(Put(Sized("large", 3, 4000)), "") << "not measured again";
  EXPECT_EQ(Put(Sized("some999", 3, 4000)), "too large") << "was empty when there was no room left";
  PutUnseen(Sized("some999", 4, 4000));
  EXPECT_EQ(Delete("some999", 2), "");
  EXPECT_EQ(Put(Sized("some999", 3, 9000)), "") << "the large one that came later is kept";
}

TEST_F(CollectionLimitTest, FollowsNothingWhileTheTableIsSmall) {
  constexpr uint64_t kMiB = 1 << 20;
  MakeWriters(kCollectionBytesMax);
  EXPECT_EQ(Put(Sized("p", 1, 4000)), "");
  EXPECT_FALSE(limit_->Concerns(Open()));

  MakeWriters(130 * kMiB);  // twice the headroom, and a little
  const auto put = [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) EXPECT_EQ(Put(Sized("p", i, 400'000, i % 2 == 0)), "");
  };
  put(0, 100);
  EXPECT_FALSE(limit_->Concerns(Open())) << "60 MB";
  put(100, 120);
  EXPECT_TRUE(limit_->Concerns(Open())) << "72 MB, those of the local index counted";
  EXPECT_EQ(Put(Sized("p", 1, 400'000)), "");
  for (int64_t i = 100; i < 120; ++i) EXPECT_EQ(Delete("p", i), "");
  EXPECT_TRUE(limit_->Concerns(Open())) << "what was measured is followed for a while";
  for (int64_t i = 0; i < 100; ++i) EXPECT_EQ(Delete("p", i), "");
  EXPECT_FALSE(limit_->Concerns(Open()));
}

}  // namespace
}  // namespace tidemark::table
