// A Region with its archive and a table, whose every state the test remembers; sorting happens when
// it says.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <map>
#include <utility>

#include "engine/mem/mem_engine.h"
#include "log/mem/mem_log.h"
#include "pitr/images.h"
#include "pitr/past.h"
#include "pitr/replay.h"
#include "pitr/window.h"
#include "runtime/io_threads.h"

namespace tidemark::pitr {

inline const AccountId kAccount("123456789012");
inline const Region kRegion("us-east-1");

// Keys in clear, bound to their context.
class TestKeys : public crypto::DataKeyProvider {
 public:
  Result<crypto::DataKey> Generate(BytesView context) override {
    const auto key = crypto::Key256::Make(TheSystemRandom());
    return crypto::DataKey{key, *Wrap(key, context)};
  }
  Result<crypto::Key256> Unwrap(BytesView wrapped, BytesView context) override {
    if (wrapped.size() < 32 || wrapped.substr(32) != context)
      return Fail(ErrorKind::kCorruption, "not a key wrapped for {}", context);
    return crypto::Key256::FromBytes(wrapped.substr(0, 32));
  }
  Result<Bytes> Wrap(const crypto::Key256& key, BytesView context) override {
    return Bytes(key.view()) + Bytes(context);
  }
};

class OneShard : public catalog::Shards {
 public:
  shard::Shard* shard = nullptr;
  shard::Shard* Find(const Region& region) const override {
    return region == kRegion ? shard : nullptr;
  }
  Result<shard::Shard*> Ensure(const Region&) override { return shard; }
  std::vector<shard::Shard*> All() const override { return {shard}; }
};

// Runs something when an id is made: in the middle of switching on.
class WatchedRandom : public SystemRandom {
 public:
  std::function<void()> on_fill;
  void Fill(void* data, size_t size) override {
    if (const auto work = std::exchange(on_fill, nullptr)) work();
    SystemRandom::Fill(data, size);
  }
};

using Rows = std::map<Bytes, Bytes>;

class RecoveryTest : public testing::Test {
 protected:
  RecoveryTest()
      : directory_((std::filesystem::temp_directory_path() /
                    ("tidemark-recovery-test-" + std::to_string(::getpid())))
                       .string()) {
    std::filesystem::remove_all(directory_);
    threads_.Start();
    system_ = OpenShard("_system", 1, nullptr);
    shard_ = OpenShard(kRegion.value, 2, [this] { return recovery_->Floor(kRegion); });
    shards_.shard = shard_.get();
    OpenCatalog();
    recovery_.emplace(*catalog_, shards_, *engine_, keys_, random_,
                      RecoveryOptions{.batch_memory_bytes = 3000,
                                      .sort_by_itself = false,
                                      .image_bytes_min = 4000,
                                      .image_age_min = {}});
    past_.emplace(*catalog_, shards_, *engine_, *recovery_, random_);
    table_ = AddTable("Things");
  }
  ~RecoveryTest() override {
    past_.reset();
    recovery_->Stop();
    shard_.reset();
    catalog_.reset();
    system_.reset();
    threads_.Stop();
    threads_.Join();
    std::filesystem::remove_all(directory_);
  }

  void OpenCatalog() {
    catalog_ = *catalog::Catalog::Open(*system_, threads_.context(0));
    catalog_->SetStamp(catalog::StampInLog(shards_));
  }

  std::unique_ptr<shard::Shard> OpenShard(
      const std::string& name, uint64_t log_id,
      std::function<std::optional<log::Position>()> history_floor) {
    shard::ShardOptions options{.name = name, .directory = directory_ + "/" + name};
    options.history_floor = std::move(history_floor);
    auto shard = shard::Shard::Open(
        std::move(options),
        log::MakeMemLog(log::MemLogOptions{.log_id = log_id, .segment_bytes = 64 << 10}), *engine_,
        clock_, pool_);
    EXPECT_TRUE(shard.has_value()) << shard.error().message;
    return std::move(*shard);
  }

  TableId AddTable(const std::string& name) {
    catalog::TableRecord record;
    record.account = kAccount;
    record.region = kRegion;
    record.name = name;
    record.id = TableId::Make(TheSystemRandom());
    record.status = catalog::TableStatus::kActive;
    record.keys.partition = {"pk", item::Type::kString};
    record.attributes = {{"pk", item::Type::kString}};
    EXPECT_TRUE(catalog_->InsertTable(record).has_value());
    EXPECT_TRUE(shard_->CreateTable(record.id, "{}").has_value());
    return record.id;
  }
  catalog::TableRecord Record() { return *catalog_->FindTable(table_); }
  archive::Archive& Archive() { return **recovery_->ArchiveOf(kRegion); }
  Result<catalog::TablePtr> Switch(bool on, std::optional<int> days = std::nullopt) {
    return recovery_->Update(kAccount, kRegion, "Things", on, days);
  }

  // A change of settings, and an instant at which it holds.
  Timestamp Tag(const std::string& value, const shard::Origin& origin = {}) {
    clock_.Advance(Micros(1000));
    const auto edit = [&](catalog::TableRecord& record) -> Result<void> {
      record.tags = {{"tag", value}};
      return {};
    };
    EXPECT_TRUE(catalog_->EditTable(table_, edit, origin).has_value());
    return shard_->Now();
  }
  std::string TagAt(Timestamp time) {
    const auto table = recovery_->TableAt(Record(), time);
    if (!table) return table.error().message;
    return (*table)->tags.empty() ? "none" : (*table)->tags[0].value;
  }

  // The record of a restore under way from the image and what follows it.
  TableId BeginRestore(const catalog::ImageRecord& image) {
    catalog::TableRecord target = Record();
    target.name = "Restored";
    target.id = TableId::Make(TheSystemRandom());
    target.status = catalog::TableStatus::kCreating;
    target.restore = catalog::RestoreSummary{.in_progress = true,
                                             .image_directory = image.directory,
                                             .source_region = kRegion,
                                             .source_table = table_,
                                             .point_in_time = true,
                                             .history_key = target.pitr.history_key};
    target.pitr = {};
    EXPECT_TRUE(catalog_->InsertTable(target).has_value());
    return target.id;
  }

  static Bytes KeyOf(const std::string& name) { return Bytes{'\0', '\1'} + name; }

  // One commit; the state after it is remembered.
  void Write(const std::string& name, std::optional<Bytes> value) {
    const Bytes key = KeyOf(name);
    clock_.Advance(Micros(1000));
    auto evaluate = [value](const std::optional<Bytes>& old) -> Result<shard::Mutation> {
      shard::Mutation mutation;
      mutation.old_size = old ? old->size() : 0;
      if (value) {
        mutation.kind = shard::Mutation::Kind::kPut;
        mutation.value = *value;
        mutation.new_size = value->size();
      } else if (old) {
        mutation.kind = shard::Mutation::Kind::kDelete;
      }
      return mutation;
    };
    auto done = runtime::RunBlocking(
        threads_.context(0), shard_->Write({shard_->Find(table_), key, evaluate}, {"AK", "r"}));
    ASSERT_TRUE(done.has_value()) << done.error().message;
    if (value) {
      now_[key] = *value;
    } else {
      now_.erase(key);
    }
    states_[*done] = now_;
  }
  void WriteMany(int count) {
    for (int i = 0; i < count; ++i) {
      ++written_;
      Write("k" + std::to_string(written_ % 13),
            written_ % 5 ? std::optional<Bytes>(std::to_string(written_) + Bytes(80, 'x'))
                         : std::nullopt);
    }
  }

  // The rows as of `time`, put together as a restore does.
  Result<Rows> Restore(Timestamp time, std::optional<Bytes> history_key = std::nullopt,
                       catalog::ImagePtr image = nullptr) {
    if (!image) {
      TM_TRY(const auto source, recovery_->FindSource(Record(), time));
      image = source.image;
      time = source.time;
    }
    const TableId id = TableId::Make(TheSystemRandom());
    const auto view =
        Archive().Look(image->needs_log ? std::optional(image->replay_from) : std::nullopt);
    TM_TRY(auto store,
           engine_->Clone(ImagePath(*shard_, *image), directory_ + "/" + id.ToString(), id));
    TM_TRY(
        const auto read,
        ReadHistory({shard_->log(),
                     view,
                     {table_, history_key ? *history_key : Record().pitr.history_key},
                     image->needs_log},
                    {table_, image->replay_from, time, {KeyOf("k12"), KeyOf("k5")}}, 2000,
                    [&](std::span<const RowSource> parts) { return store->IngestParts(parts); }));
    Rows found;
    TM_TRY(auto rows, store->Scan({.begin = Bytes{'\0', '\1'}, .end = Bytes{'\0', '\2'}}));
    for (; rows->Valid(); rows->Next()) found[Bytes(rows->key())] = Bytes(rows->value());
    const shard::Totals totals = read.totals.value_or(image->totals);
    EXPECT_EQ(totals.items, found.size()) << "the totals recorded at " << ToMicros(time);
    uint64_t bytes = 0;
    for (const auto& [key, value] : found) bytes += value.size();
    EXPECT_EQ(totals.bytes, bytes);
    return found;
  }
  Result<Rows> ReadPast(Timestamp time) {
    TM_TRY(const auto past, past_->At(Record(), time));
    TM_TRY(auto rows, past->Scan({.begin = Bytes{'\0', '\1'}, .end = Bytes{'\0', '\2'}}));
    Rows found;
    for (; rows->Valid(); rows->Next()) found[Bytes(rows->key())] = Bytes(rows->value());
    TM_TRYV(rows->status());
    return found;
  }
  void ExpectEveryInstant() {
    const Timestamp earliest = recovery_->WindowOf(Record())->earliest;
    size_t compared = 0;
    for (const auto& [time, state] : states_) {
      if (time < earliest) continue;
      const auto restored = Restore(time);
      ASSERT_TRUE(restored.has_value()) << restored.error().message;
      ASSERT_EQ(*restored, state) << "at " << ToMicros(time);
      const auto read = ReadPast(time);
      ASSERT_TRUE(read.has_value()) << read.error().message;
      ASSERT_EQ(*read, state) << "without restoring, at " << ToMicros(time);
      ++compared;
    }
    EXPECT_GT(compared, 10u);
  }
  // As the shard does, with nobody writing.
  void TruncateLog() {
    ASSERT_TRUE(shard_->log().Truncate(*recovery_->Floor(kRegion)).has_value());
  }

  const std::string directory_;
  ManualClock clock_{FromMicros(1'700'000'000'000'000)};
  TestKeys keys_;
  WatchedRandom random_;
  std::unique_ptr<engine::MemEngine> engine_ = engine::MakeMemEngine();
  runtime::IoThreads threads_{1};
  runtime::BlockingPool pool_{2};
  OneShard shards_;
  std::optional<Recovery> recovery_;
  std::optional<Past> past_;
  std::unique_ptr<shard::Shard> system_, shard_;
  std::unique_ptr<catalog::Catalog> catalog_;
  TableId table_;
  Rows now_;
  std::map<Timestamp, Rows> states_;
  int written_ = 0;
};

}  // namespace tidemark::pitr
