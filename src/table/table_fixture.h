// A shard and a catalog in memory under this module's operations, for its tests.
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "engine/mem/mem_engine.h"
#include "log/mem/mem_log.h"
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
  shard::Shard* Find(const Region& region) const override {
    return region.value == shard_.name() ? &shard_ : nullptr;
  }
  Result<shard::Shard*> Ensure(const Region& region) override {
    if (auto* shard = Find(region)) return shard;
    return Fail(ErrorKind::kInternal, "the fixture has one Region");
  }
  std::vector<shard::Shard*> All() const override { return {&shard_}; }

 private:
  shard::Shard& shard_;
};

class TableFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "table_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    threads_.Start();
    shard_ = OpenShard("us-east-1", 1);
    system_ = OpenShard("_system", 2);
    shards_ = std::make_unique<OneShard>(*shard_);
    auto opened = catalog::Catalog::Open(*system_, threads_.context(0));
    ASSERT_TRUE(opened) << opened.error().message;
    catalog_ = std::move(*opened);
    items_ = std::make_unique<ItemOps>(*catalog_, *shards_);
    queries_ = std::make_unique<Queries>(*catalog_, *shards_, pool_);
    batches_ = std::make_unique<Batches>(*catalog_, *shards_, pool_);
    tokens_ = std::make_unique<RequestTokens>(*shards_, pool_);
    transactions_ = std::make_unique<Transactions>(*catalog_, *shards_, *tokens_);
    ControlHooks hooks;
    hooks.before_drop = [this](const catalog::TableRecord& record) -> Result<void> {
      before_drop_.push_back(record.name);
      if (refuse_drop_) return Fail(ErrorKind::kLimitExceeded, "no backup can be made");
      return {};
    };
    hooks.after_drop = [this](const catalog::TableRecord& record) {
      after_drop_.push_back(record.name);
    };
    control_ = std::make_unique<Control>(*catalog_, *shards_, pool_, clock_, TheSystemRandom(),
                                         std::move(hooks));
  }

  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::unique_ptr<shard::Shard> OpenShard(const std::string& name, uint64_t log_id) {
    auto shard = shard::Shard::Open({.name = name, .directory = directory_ + "/" + name},
                                    log::MakeMemLog(log_id), *engine_, clock_, pool_);
    EXPECT_TRUE(shard) << shard.error().message;
    return std::move(*shard);
  }

  template <class T>
  Result<T> Run(Task<T> task) {
    return runtime::RunBlocking(threads_.context(0), std::move(task));
  }

  // Makes a table with the keys of kHashOnly or kHashAndRange.
  void CreateTable(const std::string& name, const item::KeySchema& keys,
                   bool deletion_protection = false) {
    CreateTableRequest request;
    request.table = name;
    request.attributes.push_back({keys.partition.name, keys.partition.type});
    request.key_schema.push_back({keys.partition.name, KeyElement::Role::kHash});
    if (keys.sort) {
      request.attributes.push_back({keys.sort->name, keys.sort->type});
      request.key_schema.push_back({keys.sort->name, KeyElement::Role::kRange});
    }
    request.billing = catalog::BillingMode::kPayPerRequest;
    request.deletion_protection = deletion_protection;
    const auto made = Run(control_->Create(caller_, request));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->record.status, catalog::TableStatus::kCreating);
  }

  void Put(const std::string& table, item::Item item) {
    PutRequest request;
    request.table = table;
    request.item = std::move(item);
    const auto put = Run(items_->Put(caller_, request));
    ASSERT_TRUE(put) << put.error().message;
  }

  // The item as JSON; "" where there is none.
  std::string Get(const std::string& table, item::Item key) {
    GetRequest request;
    request.table = table;
    request.key = std::move(key);
    const auto got = Run(items_->Get(caller_, request));
    EXPECT_TRUE(got) << got.error().message;
    return got && got->item ? Json(*got->item) : "";
  }

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
