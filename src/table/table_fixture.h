// A shard and a catalog in memory under this module's operations, for its tests.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "engine/mem/mem_engine.h"
#include "runtime/blocking.h"
#include "runtime/io_threads.h"
#include "shard/shard.h"
#include "table/batch.h"
#include "table/control.h"
#include "table/item_ops.h"
#include "table/query.h"
#include "table/test_items.h"
#include "table/transact.h"

namespace tidemark::table {

class OneShard : public catalog::Shards {
 public:
  explicit OneShard(shard::Shard& shard) : shard_(shard) {}
  shard::Shard* Find(const Region& region) const override;
  Result<shard::Shard*> Ensure(const Region& region) override;
  std::vector<shard::Shard*> All() const override { return {&shard_}; }

 private:
  shard::Shard& shard_;
};

class TableFixture : public ::testing::Test {
 protected:
  TableFixture();
  ~TableFixture() override;

  void SetUp() override;
  void TearDown() override;

  // What writes items, anew: with another bound on item collections.
  void MakeWriters(uint64_t collection_bytes_max);

  std::unique_ptr<shard::Shard> OpenShard(const std::string& name, uint64_t log_id);

  template <class T>
  Result<T> Run(Task<T> task) {
    return runtime::RunBlocking(threads_.context(0), std::move(task));
  }

  // Makes a table with the keys of kHashOnly or kHashAndRange.
  void CreateTable(const std::string& name, const item::KeySchema& keys,
                   bool deletion_protection = false);
  void Put(const std::string& table, item::Item item);
  // The item as JSON; "" where there is none.
  std::string Get(const std::string& table, item::Item key);

  const Caller caller_{AccountId("123456789012"), Region("us-east-1"), {}};
  std::string directory_;
  ManualClock clock_{FromMicros(1'700'000'000'000'000)};
  runtime::IoThreads threads_{1};
  std::unique_ptr<engine::MemEngine> engine_ = engine::MakeMemEngine();
  runtime::BlockingPool pool_{2};
  std::unique_ptr<shard::Shard> shard_;
  std::unique_ptr<shard::Shard> system_;
  std::unique_ptr<OneShard> shards_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<CollectionLimit> limit_;
  std::unique_ptr<ItemOps> items_;
  std::unique_ptr<Queries> queries_;
  std::unique_ptr<Batches> batches_;
  std::unique_ptr<RequestTokens> tokens_;
  std::unique_ptr<Transactions> transactions_;
  std::unique_ptr<Control> control_;
  std::vector<std::string> before_drop_;
  std::vector<std::string> after_drop_;
  bool refuse_drop_ = false;
};

}  // namespace tidemark::table
