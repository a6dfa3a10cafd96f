// A Region's shard and a catalog in memory, tables with streams, and writes to them; for tests.
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/mem/mem_engine.h"
#include "item/item_codec.h"
#include "item/item_size.h"
#include "log/mem/mem_log.h"
#include "runtime/io_threads.h"
#include "streams/record_reader.h"
#include "streams/streams.h"

namespace tidemark::streams {

class OneShard : public catalog::Shards {
 public:
  shard::Shard* shard = nullptr;
  shard::Shard* Find(const Region& region) const override {
    return shard && region.value == shard->name() ? shard : nullptr;
  }
  Result<shard::Shard*> Ensure(const Region&) override { return shard; }
  std::vector<shard::Shard*> All() const override { return {shard}; }
};

class StreamsFixture : public testing::Test {
 protected:
  using View = catalog::StreamView;
  using Texts = std::vector<std::string>;

  void SetUp() override {
    std::string pattern = testing::TempDir() + "streams_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    threads_.Start();
    system_ = OpenShard("_system", 1);
    shard_ = OpenShard("us-east-1", 2);
    shards_.shard = shard_.get();
    auto opened = catalog::Catalog::Open(*system_, threads_.context(0));
    ASSERT_TRUE(opened) << opened.error().message;
    catalog_ = std::move(*opened);
    streams_.emplace(*catalog_, shards_, pool_);
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::unique_ptr<shard::Shard> OpenShard(const std::string& name, uint64_t log_id) {
    shard::ShardOptions options{.name = name, .directory = directory_ + "/" + name};
    options.disk_reserve_bytes = 0;
    options.maintain = false;
    auto shard = shard::Shard::Open(
        std::move(options),
        log::MakeMemLog(log::MemLogOptions{.log_id = log_id, .segment_bytes = 64 << 10}), *engine_,
        clock_, pool_);
    EXPECT_TRUE(shard) << shard.error().message;
    return std::move(*shard);
  }

  // A table whose stream, if it has one, is on from now.
  TableId AddTable(const std::string& name, std::optional<View> view,
                   const std::string& label = "L1") {
    catalog::TableRecord record;
    record.account = reader_.account;
    record.region = reader_.region;
    record.name = name;
    record.id = TableId::Make(TheSystemRandom());
    record.status = catalog::TableStatus::kActive;
    record.keys.partition = {"pk", item::Type::kString};
    record.attributes = {{"pk", item::Type::kString}};
    EXPECT_TRUE(shard_->CreateTable(record.id, "{}"));
    EXPECT_TRUE(catalog_->InsertTable(record));
    if (view) Enable(record.id, *view, label);
    return record.id;
  }
  void Enable(TableId id, View view, const std::string& label) {
    const auto at = shard_->LogControl(id, "{}");
    ASSERT_TRUE(at);
    ASSERT_TRUE(catalog_->EditTable(id, [&](catalog::TableRecord& edited) -> Result<void> {
      edited.stream =
          catalog::StreamSettings{.enabled = true, .view = view, .label = label, .enabled_at = *at};
      return {};
    }));
    const bool old = view == View::kOldImage || view == View::kNewAndOldImages;
    shard_->Find(id)->SetCapture(old ? shard::StreamCapture::kWithOldImages
                                     : shard::StreamCapture::kOn);
  }
  void Disable(TableId id) {
    const auto at = shard_->LogControl(id, "{}");
    ASSERT_TRUE(at);
    ASSERT_TRUE(catalog_->EditTable(id, [&](catalog::TableRecord& edited) -> Result<void> {
      edited.stream->enabled = false;
      edited.stream->disabled_at = *at;
      return {};
    }));
    shard_->Find(id)->SetCapture(shard::StreamCapture::kOff);
  }
  std::string ArnOf(TableId id) { return catalog_->FindTable(id)->StreamArn(); }

  // {"pk": key, "v": value}; none: deletes it.
  void Write(TableId id, const std::string& key, std::optional<std::string> value) {
    item::Item item;
    item.Set("pk", item::AttributeValue(key));
    Bytes row = item::RowKey(item::kPrimaryIndex, *item.Find("pk"), nullptr);
    if (value) item.Set("v", item::AttributeValue(*value));
    auto evaluate = [&](const std::optional<Bytes>& old) -> Result<shard::Mutation> {
      shard::Mutation mutation;
      if (old) {
        TM_TRY(mutation.old_size, item::EncodedItemSize(*old));
      }
      mutation.kind = value ? shard::Mutation::Kind::kPut : shard::Mutation::Kind::kDelete;
      if (!value) return mutation;
      mutation.value = item::EncodeItem(item);
      mutation.new_size = item::ItemSize(item);
      return mutation;
    };
    const auto done = runtime::RunBlocking(
        threads_.context(0), shard_->Write({shard_->Find(id), std::move(row), evaluate}, {}));
    ASSERT_TRUE(done) << done.error().message;
  }

  StreamDescription Describe(const std::string& arn) {
    auto described = streams_->Describe(reader_, {.arn = arn});
    EXPECT_TRUE(described) << described.error().message;
    return described ? std::move(*described) : StreamDescription{};
  }
  std::string Iterator(const std::string& arn, IteratorType type,
                       std::optional<std::string> number = std::nullopt, size_t shard = 0) {
    const auto description = Describe(arn);
    auto made = streams_->MakeIterator(reader_, {.arn = arn,
                                                 .shard = description.shards.at(shard).id,
                                                 .type = type,
                                                 .sequence_number = number});
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or("");
  }
  Result<RecordPage> Read(const std::string& iterator, size_t limit = 1000) {
    return runtime::RunBlocking(threads_.context(0), streams_->Read(reader_, iterator, limit));
  }

  // "INSERT a: - > 1", and "." behind what a closed shard holds.
  static std::string Image(bool shown, const std::optional<Bytes>& image) {
    return shown ? TextOf(*item::DecodeItem(*image), "v") : "-";
  }
  static std::string TextOf(const item::Item& item, std::string_view name) {
    return *item.Find(name)->As<std::string>();
  }
  static std::string TextOf(const Record& record) {
    constexpr const char* kNames[] = {"INSERT", "MODIFY", "REMOVE"};
    return std::string(kNames[static_cast<int>(record.change->event)]) + " " +
           TextOf(record.keys, "pk") + ": " + Image(record.show_old, record.change->old) + " > " +
           Image(record.show_new, record.change->now);
  }
  // All that is there now; *iterator goes on behind it.
  Texts Drain(std::string* iterator, size_t limit = 1000) {
    Texts texts;
    for (int empty = 0; empty < 3;) {
      const auto page = Read(*iterator, limit);
      EXPECT_TRUE(page) << page.error().message;
      if (!page) break;
      for (const Record& record : page->records) texts.push_back(TextOf(record));
      if (!page->next) {
        texts.push_back(".");
        break;
      }
      *iterator = *page->next;
      if (page->records.empty()) ++empty;
    }
    return texts;
  }
  Texts All(const std::string& arn, size_t shard = 0) {
    std::string iterator = Iterator(arn, IteratorType::kTrimHorizon, std::nullopt, shard);
    return Drain(&iterator);
  }

  const Reader reader_{AccountId("123456789012"), Region("us-east-1")};
  std::string directory_;
  ManualClock clock_{FromMicros(1'795'000'000'000'000)};
  runtime::IoThreads threads_{1};
  std::unique_ptr<engine::MemEngine> engine_ = engine::MakeMemEngine();
  runtime::BlockingPool pool_{2};
  std::unique_ptr<shard::Shard> system_, shard_;
  OneShard shards_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::optional<Streams> streams_;
};

}  // namespace tidemark::streams
