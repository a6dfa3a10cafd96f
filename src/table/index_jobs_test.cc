#include "table/index_jobs.h"

#include <atomic>
#include <chrono>
#include <map>
#include <random>
#include <thread>

#include "index/row.h"
#include "table/table_fixture.h"
#include "table/update_indexes.h"

namespace tidemark::table {
namespace {

using catalog::IndexStatus;
using Role = KeyElement::Role;

class IndexJobsTest : public TableFixture {
 protected:
  void SetUp() override {
    TableFixture::SetUp();
    CreateTable("Rows", kHashAndRange);
    jobs_ = std::make_unique<IndexJobs>(*catalog_, *shards_, threads_.context(0));
  }
  void TearDown() override {
    jobs_.reset();
    TableFixture::TearDown();
  }

  catalog::TablePtr Record() {
    return catalog_->FindTable(caller_.account, caller_.region, "Rows");
  }
  Result<void> Change(IndexUpdateRequest update) {
    TM_TRYV(catalog_->EditTable(Record()->id, [&](catalog::TableRecord& record) {
      return ApplyIndexUpdates({update}, {{"g", item::Type::kString}}, &record);
    }));
    return {};
  }
  static IndexUpdateRequest Add(std::string name) {
    IndexRequest request;
    request.name = std::move(name);
    request.key_schema = {{"g", Role::kHash}};
    request.projection = index::Projection::kKeysOnly;
    return {.create = std::move(request)};
  }
  // Whether it comes to that within a while.
  bool Await(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  bool AwaitActive(std::string_view name) {
    return Await([&] {
      const auto record = Record();
      const auto* index = record->FindIndex(name);
      return index && index->status == IndexStatus::kActive;
    });
  }

  void PutRandom(std::mt19937_64& random, int64_t from) {
    auto item = Make({{"pk", S("p" + std::to_string(random() % 3))},
                      {"sk", N(from + static_cast<int64_t>(random() % 100))}});
    if (random() % 4) item.Set("g", S(random() % 2 ? "x" : "y"));
    item.Set("v", N(static_cast<int64_t>(random() % 1000)));
    Put("Rows", std::move(item));
  }
  void DeleteRandom(std::mt19937_64& random, int64_t from) {
    DeleteRequest request;
    request.table = "Rows";
    request.key = Make({{"pk", S("p" + std::to_string(random() % 3))},
                        {"sk", N(from + static_cast<int64_t>(random() % 100))}});
    EXPECT_TRUE(Run(items_->Delete(caller_, request)));
  }

  using Rows = std::map<Bytes, Bytes>;
  Rows RowsOf(uint16_t first, uint16_t last) {
    const auto store = shard_->Find(Record()->id)->OpenStore();
    const auto range = item::IndexRange(first, last);
    auto rows = (*store)->Scan({.begin = range.begin, .end = range.end});
    Rows found;
    for (; (*rows)->Valid(); (*rows)->Next())
      found[Bytes((*rows)->key())] = Bytes((*rows)->value());
    return found;
  }
  // The index holds what the items demand, and its totals say so.
  void CheckIndex(std::string_view name) {
    const auto record = Record();
    const auto* index = record->FindIndex(name);
    ASSERT_NE(index, nullptr);
    Rows should;
    shard::IndexTotals totals{index->definition.number};
    for (const auto& [key, value] : RowsOf(item::kPrimaryIndex, item::kPrimaryIndex)) {
      const auto item = *item::DecodeItem(value);
      const auto row = index::RowOf(index->definition, record->keys, {item, value});
      if (!row) continue;
      should[row->key] = row->value;
      totals.items += 1;
      totals.bytes += row->size;
      totals.hash += item::HashRow(row->key, row->value);
    }
    EXPECT_GT(should.size(), 10u);
    EXPECT_EQ(RowsOf(index->definition.number, index->definition.number), should);
    EXPECT_EQ(shard_->Find(record->id)->LoadTotals()->OfIndex(index->definition.number), totals);
  }

  std::unique_ptr<IndexJobs> jobs_;
};

TEST_F(IndexJobsTest, BuildsAnIndexWhileItemsChange) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 300; ++i) PutRandom(random, 0);
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&, writer_seed = random()] {
      std::mt19937_64 own(writer_seed);
      while (!stop) {
        // Old keys and new ones.
        own() % 4 ? PutRandom(own, own() % 2 ? 0 : 50) : DeleteRandom(own, 0);
      }
    });
  }
  for (int round = 0; round < 5; ++round) {
    const std::string name = "index" + std::to_string(round);
    ASSERT_TRUE(Change(Add(name)));
    jobs_->Queue(Record()->id);
    ASSERT_TRUE(AwaitActive(name));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  stop = true;
  for (auto& writer : writers) writer.join();
  for (int round = 0; round < 5; ++round) CheckIndex("index" + std::to_string(round));
}

TEST_F(IndexJobsTest, RemovesRowsAndTotalsAndRecord) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200; ++i) PutRandom(random, 0);
  for (const char* name : {"first", "second"}) {
    ASSERT_TRUE(Change(Add(name)));
    jobs_->Queue(Record()->id);
    ASSERT_TRUE(AwaitActive(name));
  }
  ASSERT_TRUE(Change({.remove = "first"}));
  EXPECT_FALSE(Change({.remove = "first"}));
  jobs_->Queue(Record()->id);
  ASSERT_TRUE(Await([&] { return Record()->FindIndex("first") == nullptr; }));
  EXPECT_EQ(RowsOf(2, 2), Rows{});
  EXPECT_EQ(shard_->Find(Record()->id)->LoadTotals()->OfIndex(2), shard::IndexTotals{2});
  CheckIndex("second");
  EXPECT_EQ(Record()->next_index, 4);
  ASSERT_TRUE(Change({.remove = "second"}));
  jobs_->Queue(Record()->id);
  ASSERT_TRUE(Await([&] { return Record()->indexes.empty(); }));
  EXPECT_EQ(Record()->attributes.size(), 2u);
  EXPECT_TRUE(shard_->Find(Record()->id)->LoadTotals()->indexes.empty());
}

TEST_F(IndexJobsTest, TakesUpWhatAStopCutOff) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) PutRandom(random, 0);
  jobs_->Stop();
  ASSERT_TRUE(Change(Add("index")));
  jobs_ = std::make_unique<IndexJobs>(*catalog_, *shards_, threads_.context(0));
  jobs_->Resume();
  ASSERT_TRUE(AwaitActive("index"));
  CheckIndex("index");
}

// What the catalog says is in the index is not read again.
TEST_F(IndexJobsTest, GoesOnFromWhereItWasSaved) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 300; ++i) PutRandom(random, 0);
  jobs_->Stop();
  ASSERT_TRUE(Change(Add("index")));
  const Rows rows = RowsOf(item::kPrimaryIndex, item::kPrimaryIndex);
  const Bytes saved = std::next(rows.begin(), static_cast<ptrdiff_t>(rows.size() / 2))->first;
  ASSERT_TRUE(catalog_->EditTable(Record()->id, [&](catalog::TableRecord& record) -> Result<void> {
    record.FindIndex("index")->built_to = saved;
    return {};
  }));
  jobs_ = std::make_unique<IndexJobs>(*catalog_, *shards_, threads_.context(0));
  jobs_->Resume();
  ASSERT_TRUE(AwaitActive("index"));
  const auto record = Record();
  const auto& definition = record->FindIndex("index")->definition;
  Rows behind;
  for (auto row = rows.upper_bound(saved); row != rows.end(); ++row) {
    const auto item = *item::DecodeItem(row->second);
    const auto made = index::RowOf(definition, record->keys, {item, row->second});
    if (made) behind[made->key] = made->value;
  }
  EXPECT_GT(behind.size(), 10u);
  EXPECT_EQ(RowsOf(definition.number, definition.number), behind);
  EXPECT_TRUE(record->FindIndex("index")->built_to.empty());
}

// A request that began before the index was there writes no rows of it: the build waits for it.
TEST_F(IndexJobsTest, WaitsForRequestsThatDoNotKnowTheIndex) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100; ++i) PutRandom(random, 0);
  auto held = Record();
  ASSERT_TRUE(Change(Add("index")));
  EXPECT_FALSE(catalog_->IndexesSettled(held->id));
  jobs_->Queue(Record()->id);
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_TRUE(Record()->FindIndex("index")->definition.building);
  EXPECT_EQ(RowsOf(2, 2), Rows{});
  held.reset();
  ASSERT_TRUE(AwaitActive("index"));
  CheckIndex("index");
}

// Nor may a request that knows the index put a row that one which does not would leave behind.
TEST_F(IndexJobsTest, LeavesNoRowBehindForRequestsThatDoNotKnowTheIndex) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100; ++i) PutRandom(random, 0);
  const auto item = [](std::string_view g) {
    return Make({{"pk", S("p0")}, {"sk", N(1000)}, {"g", S(std::string(g))}});
  };
  Put("Rows", item("before"));
  auto held = Record();
  ASSERT_TRUE(Change(Add("index")));
  Put("Rows", item("with the index"));
  // As the request that holds the table as it was changes the item.
  const auto sort = N(1000);
  const Bytes key = item::RowKey(item::kPrimaryIndex, S("p0"), &sort);
  auto unaware = [&](const std::optional<Bytes>& old_row) -> Result<shard::Mutation> {
    shard::Mutation mutation;
    mutation.kind = shard::Mutation::Kind::kPut;
    mutation.value = item::EncodeItem(item("without"));
    mutation.old_size = *item::EncodedItemSize(*old_row);
    mutation.new_size = *item::EncodedItemSize(mutation.value);
    return mutation;
  };
  ASSERT_TRUE(Run(shard_->Write({shard_->Find(held->id), key, unaware}, {})));
  held.reset();
  jobs_->Queue(Record()->id);
  ASSERT_TRUE(AwaitActive("index"));
  CheckIndex("index");
}

TEST_F(IndexJobsTest, GivesUpABuildWhoseIndexIsDeleted) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 100; ++i) PutRandom(random, 0);
  auto held = Record();
  ASSERT_TRUE(Change(Add("index")));
  EXPECT_FALSE(Change(Add("another")));  // one at a time
  jobs_->Queue(Record()->id);
  ASSERT_TRUE(Change({.remove = "index"}));
  held.reset();
  ASSERT_TRUE(Await([&] { return Record()->indexes.empty(); }));
  EXPECT_EQ(RowsOf(2, 2), Rows{});
}

}  // namespace
}  // namespace tidemark::table
