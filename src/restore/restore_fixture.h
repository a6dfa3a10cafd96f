// A Region with a table of items whose history is kept, for tests of what brings the past back.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "base/test_directory.h"
#include "catalog/one_region.h"
#include "crypto/clear_keys.h"
#include "engine/rocks/rocks_engine.h"
#include "log/mem/mem_log.h"
#include "pitr/window.h"
#include "runtime/io_threads.h"
#include "table/item_ops.h"

namespace tidemark::restore {

inline const AccountId kAccount("123456789012");
inline const Region kRegion("us-east-1");

inline item::AttributeValue Text(std::string text) { return item::AttributeValue(std::move(text)); }

inline item::Item Thing(const std::string& name, const std::string& value) {
  return item::Map::FromEntries({{"pk", Text(name)}, {"v", Text(value)}});
}
inline item::Item KeyOf(const std::string& name) {
  return item::Map::FromEntries({{"pk", Text(name)}});
}

class RestoreFixture : public testing::Test {
 protected:
  RestoreFixture() {
    threads_.Start();
    system_ = OpenShard("_system", 1);
    shard_ = OpenShard(kRegion.value, 2);
    shards_.shard = shard_.get();
    catalog_ = *catalog::Catalog::Open(*system_, threads_.context(0));
    recovery_.emplace(*catalog_, shards_, *engine_, keys_, TheSystemRandom(),
                      pitr::RecoveryOptions{.sort_by_itself = false});
    limit_.emplace(pool_);
    items_.emplace(*catalog_, shards_, *limit_);
  }
  ~RestoreFixture() override {
    recovery_->Stop();
    shard_.reset();
    catalog_.reset();
    system_.reset();
    threads_.Stop();
    threads_.Join();
  }

  std::unique_ptr<shard::Shard> OpenShard(const std::string& name, uint64_t log_id) {
    shard::ShardOptions options{.name = name, .directory = (directory_.path() / name).string()};
    if (name == kRegion.value) options.history_floor = [this] { return recovery_->Floor(kRegion); };
    auto shard =
        shard::Shard::Open(std::move(options), log::MakeMemLog(log_id), *engine_, clock_, pool_);
    EXPECT_TRUE(shard) << shard.error().message;
    return std::move(*shard);
  }

  void AddTable() {
    catalog::TableRecord record;
    record.account = kAccount;
    record.region = kRegion;
    record.name = "Things";
    record.id = TableId::Make(TheSystemRandom());
    record.status = catalog::TableStatus::kActive;
    record.keys.partition = {"pk", item::Type::kString};
    record.attributes = {{"pk", item::Type::kString}};
    ASSERT_TRUE(catalog_->InsertTable(record));
    ASSERT_TRUE(shard_->CreateTable(record.id, "{}"));
  }
  void Recover() {
    ASSERT_TRUE(recovery_->Update(kAccount, kRegion, "Things", true, std::nullopt));
  }

  catalog::TablePtr Table() { return catalog_->FindTable(kAccount, kRegion, "Things"); }

  void Put(const std::string& name, const std::string& value, std::string request = "") {
    table::PutRequest put;
    put.table = "Things";
    put.item = Thing(name, value);
    const auto done = runtime::RunBlocking(
        threads_.context(0),
        items_->Put({kAccount, kRegion, {"someone", std::move(request)}}, std::move(put)));
    ASSERT_TRUE(done) << done.error().message;
  }
  void Delete(const std::string& name) {
    table::DeleteRequest request;
    request.table = "Things";
    request.key = KeyOf(name);
    const auto done = runtime::RunBlocking(
        threads_.context(0), items_->Delete({kAccount, kRegion, {"someone", "r"}}, request));
    ASSERT_TRUE(done) << done.error().message;
  }
  std::string ValueOf(const std::string& name) {  // "-": it is not there
    table::GetRequest request;
    request.table = "Things";
    request.key = KeyOf(name);
    auto got = runtime::RunBlocking(threads_.context(0),
                                    items_->Get({kAccount, kRegion, {}}, std::move(request)));
    if (!got || !got->item) return "-";
    std::string json;
    EXPECT_TRUE(got->item->AppendJson(&json));
    const auto at = json.find(R"("v":{"S":")") + 10;
    return json.substr(at, json.find('"', at) - at);
  }
  // An instant between what was done and what comes.
  Timestamp Tick() {
    clock_.Advance(std::chrono::seconds(1));
    const Timestamp now = clock_.Now();
    clock_.Advance(std::chrono::seconds(1));
    return now;
  }
  static std::string Name(int i) { return "thing-" + std::to_string(i); }

  TestDirectory directory_;
  ManualClock clock_{FromMicros(1'700'000'000'000'000)};
  runtime::IoThreads threads_{1};
  runtime::BlockingPool pool_{2};
  crypto::ClearKeys keys_;
  std::unique_ptr<engine::Engine> engine_ = *engine::MakeRocksEngine({}, keys_, TheSystemRandom());
  catalog::OneRegion shards_;
  std::unique_ptr<shard::Shard> system_, shard_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::optional<pitr::Recovery> recovery_;
  std::optional<table::CollectionLimit> limit_;
  std::optional<table::ItemOps> items_;
};

}  // namespace tidemark::restore
