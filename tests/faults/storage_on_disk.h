// For tests: a whole storage on a simulated disk, with tables of rows that are told by a number.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/log.h"
#include "faults/simulated_disk.h"
#include "storage.h"

namespace tidemark::faults {

class StorageOnDisk : public testing::Test {
 protected:
  explicit StorageOnDisk(const std::string& name)
      : base_(std::filesystem::temp_directory_path() /
              fmt::format("tidemark-{}-{}", name, ::getpid())),
        keys_(kms::RootKey(crypto::Key256::Make(TheSystemRandom())), TheSystemRandom()) {
    SetLogLevel(LogLevel::kError);
    Empty();
  }
  ~StorageOnDisk() override {
    storage_.reset();
    disk_.reset();
    std::filesystem::remove_all(base_);
  }

  // A new disk, and nothing on it.
  void Empty() {
    storage_.reset();
    disk_.reset();
    std::filesystem::remove_all(base_);
    disk_.emplace(base_ + "/data", 1);
  }

  void Open() {
    storage_.reset();
    StorageOptions options;
    options.directory = base_ + "/data";
    options.engine.write_buffer_bytes = write_buffer_bytes_;
    options.sizes = [](log::LocalLogOptions& log, shard::ShardOptions&) {
      log.segment_bytes = 1 << 20;
    };
    auto opened = Storage::Open(std::move(options), clock_, keys_);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    storage_ = std::move(*opened);
    const auto resumed = storage_->Resume();
    ASSERT_TRUE(resumed.has_value()) << resumed.error().message;
  }

  TableId CreateTable(const std::string& name) {
    table::CreateTableRequest request;
    request.table = name;
    request.attributes = {{"pk", item::Type::kString}};
    request.key_schema = {{.name = "pk"}};
    request.billing = catalog::BillingMode::kPayPerRequest;
    const auto made = runtime::RunBlocking(
        storage_->threads.context(0),
        storage_->control->Create({.account = kAccount, .region = kRegion, .origin = {}}, request));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made->record.id;
  }

  shard::Shard& Shard() { return *storage_->regions->Find(kRegion); }
  std::string ShardDirectory() { return base_ + "/data/us-east-1"; }
  // The item's bytes; `size` of them are filler.
  static Bytes Value(int row, size_t size) {
    item::Item item;
    item.Set("pk", item::AttributeValue(std::to_string(row)));
    item.Set("text", item::AttributeValue(std::string(size, 'x')));
    return item::EncodeItem(item);
  }
  static Bytes Key(int row) {
    return item::RowKey(item::kPrimaryIndex, item::AttributeValue(std::to_string(row)), nullptr);
  }
  Result<Timestamp> Put(TableId table, int row, size_t size = 100) {
    auto handle = Shard().Find(table);
    if (!handle) return Fail(ErrorKind::kResourceNotFound, "no such table");
    auto evaluate = [&](const std::optional<Bytes>& old) -> Result<shard::Mutation> {
      shard::Mutation mutation;
      mutation.kind = shard::Mutation::Kind::kPut;
      mutation.value = Value(row, size);
      mutation.old_size = old ? *item::EncodedItemSize(*old) : 0;
      mutation.new_size = *item::EncodedItemSize(mutation.value);
      return mutation;
    };
    return runtime::RunBlocking(storage_->threads.context(0),
                                Shard().Write({handle, Key(row), evaluate}, {}));
  }
  void PutRows(TableId table, int count, size_t size = 100) {
    for (int row = 0; row < count; ++row) {
      const auto put = Put(table, row, size);
      ASSERT_TRUE(put.has_value()) << put.error().message;
    }
  }
  Result<Rows> Read(TableId table) {
    auto handle = Shard().Find(table);
    if (!handle) return Fail(ErrorKind::kResourceNotFound, "no such table");
    return ReadAll(*handle);
  }

  static inline const AccountId kAccount{"123456789012"};
  static inline const Region kRegion{"us-east-1"};

  const std::string base_;
  SteppedClock clock_;
  kms::RootKeyProvider keys_;
  std::optional<SimulatedDisk> disk_;
  std::unique_ptr<Storage> storage_;
  uint64_t write_buffer_bytes_ = 16 << 20;
};

}  // namespace tidemark::faults
