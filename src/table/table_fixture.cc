#include "table/table_fixture.h"

#include <stdlib.h>

#include <filesystem>

#include "log/mem/mem_log.h"

namespace tidemark::table {

shard::Shard* OneShard::Find(const Region& region) const {
  return region.value == shard_.name() ? &shard_ : nullptr;
}

Result<shard::Shard*> OneShard::Ensure(const Region& region) {
  if (auto* shard = Find(region)) return shard;
  return Fail(ErrorKind::kInternal, "the fixture has one Region");
}

TableFixture::TableFixture() = default;
TableFixture::~TableFixture() = default;

void TableFixture::SetUp() {
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
  queries_ = std::make_unique<Queries>(*catalog_, *shards_, pool_);
  tokens_ = std::make_unique<RequestTokens>(*shards_, pool_);
  MakeWriters(kCollectionBytesMax);
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

void TableFixture::MakeWriters(uint64_t collection_bytes_max) {
  limit_ = std::make_unique<CollectionLimit>(pool_, collection_bytes_max);
  items_ = std::make_unique<ItemOps>(*catalog_, *shards_, *limit_);
  batches_ = std::make_unique<Batches>(*catalog_, *shards_, pool_, *limit_);
  transactions_ = std::make_unique<Transactions>(*catalog_, *shards_, *tokens_, *limit_);
}

void TableFixture::TearDown() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::unique_ptr<shard::Shard> TableFixture::OpenShard(const std::string& name, uint64_t log_id) {
  auto shard = shard::Shard::Open({.name = name, .directory = directory_ + "/" + name},
                                  log::MakeMemLog(log_id), *engine_, clock_, pool_);
  EXPECT_TRUE(shard) << shard.error().message;
  return std::move(*shard);
}

void TableFixture::CreateTable(const std::string& name, const item::KeySchema& keys,
                               bool deletion_protection) {
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

void TableFixture::Put(const std::string& table, item::Item item) {
  PutRequest request;
  request.table = table;
  request.item = std::move(item);
  const auto put = Run(items_->Put(caller_, request));
  ASSERT_TRUE(put) << put.error().message;
}

std::string TableFixture::Get(const std::string& table, item::Item key) {
  GetRequest request;
  request.table = table;
  request.key = std::move(key);
  const auto got = Run(items_->Get(caller_, request));
  EXPECT_TRUE(got) << got.error().message;
  return got && got->item ? Json(*got->item) : "";
}

}  // namespace tidemark::table
