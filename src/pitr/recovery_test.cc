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
namespace {

const AccountId kAccount("123456789012");
const Region kRegion("us-east-1");

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

  // One commit; the state after it is remembered.
  void Write(const std::string& name, std::optional<Bytes> value) {
    const Bytes key = Bytes{'\0', '\1'} + name;
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
    TM_TRY(const auto read,
           ReadHistory({shard_->log(),
                        view,
                        {table_, history_key ? *history_key : Record().pitr.history_key},
                        image->needs_log},
                       {table_, image->replay_from, time}, 2000,
                       [&](const RowSource& rows) { return store->Ingest(rows); }));
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

TEST_F(RecoveryTest, EveryInstantIsRestoredFromImagesRunsAndTheLogsEnd) {
  WriteMany(20);
  ASSERT_TRUE(Switch(true).has_value());
  for (int round = 0; round < 5; ++round) {
    WriteMany(60);
    if (round == 4) break;  // what was not sorted yet comes from the log
    ASSERT_TRUE(Archive().Drain().has_value());
    recovery_->Maintain();
  }
  EXPECT_GT(Archive().Stats().runs, 4u);
  EXPECT_GT(Archive().Stats().debt_bytes, 0u);
  EXPECT_GE(catalog_->Images(table_).size(), 2u);
  ExpectEveryInstant();
}

TEST_F(RecoveryTest, ThePastIsReadToTheMicrosecondAndNoFurther) {
  ASSERT_EQ(past_->At(Record(), shard_->Now()).error().kind, ErrorKind::kPitrUnavailable);
  ASSERT_TRUE(Switch(true).has_value());
  WriteMany(30);
  for (auto at = states_.begin(); std::next(at) != states_.end(); ++at)
    ASSERT_EQ(*ReadPast(std::next(at)->first - Micros(1)), at->second);
  const auto window = *recovery_->WindowOf(Record());
  EXPECT_EQ(past_->At(Record(), window.earliest - std::chrono::seconds(2)).error().kind,
            ErrorKind::kInvalidRestoreTime);
  EXPECT_EQ(past_->At(Record(), window.latest + std::chrono::seconds(2)).error().kind,
            ErrorKind::kInvalidRestoreTime);
}

TEST_F(RecoveryTest, ATailThatGrowsTooLargeIsSortedInstead) {
  past_.reset();
  past_.emplace(*catalog_, shards_, *engine_, *recovery_, random_,
                PastOptions{.tail_bytes_soft = 2000, .tail_bytes_max = 4000});
  ASSERT_TRUE(Switch(true).has_value());
  recovery_->Maintain();
  WriteMany(100);
  ASSERT_EQ(Archive().Stats().runs, 0u);
  EXPECT_EQ(*ReadPast(shard_->Now()), now_);
  EXPECT_GT(Archive().Stats().runs, 0u);
  EXPECT_LE(past_->Stats().tail_bytes, 4000u);
  ExpectEveryInstant();
}

TEST_F(RecoveryTest, WhatIsKeptOpenGoesWithTheHistory) {
  ASSERT_TRUE(Switch(true).has_value());
  WriteMany(40);
  ASSERT_TRUE(Archive().Drain().has_value());
  recovery_->Maintain();
  EXPECT_EQ(*ReadPast(shard_->Now()), now_);
  past_->Tend();
  EXPECT_EQ(past_->Stats().images, 1u);
  EXPECT_EQ(past_->Stats().tails, 1u);
  EXPECT_GT(past_->Stats().section_bytes, 0u);
  ASSERT_TRUE(Switch(false).has_value());
  past_->Tend();
  EXPECT_EQ(past_->Stats().images, 0u);
  EXPECT_EQ(past_->Stats().tails, 0u);
  EXPECT_EQ(past_->Stats().section_bytes, 0u);
  // Switched on again it is another history.
  ASSERT_TRUE(Switch(true).has_value());
  WriteMany(10);
  EXPECT_EQ(*ReadPast(shard_->Now()), now_);
}

TEST_F(RecoveryTest, TheLogIsNotNeededOnceItIsSorted) {
  WriteMany(30);
  ASSERT_TRUE(Archive().Drain().has_value());  // nobody has history yet: the mark just moves
  EXPECT_EQ(Archive().mark(), shard_->log().end());
  ASSERT_TRUE(Switch(true).has_value());
  // What the first image's files lack was never sorted.
  const auto first = catalog_->Images(table_).front();
  ASSERT_TRUE(first->needs_log);
  EXPECT_EQ(recovery_->Floor(kRegion), first->replay_from);
  EXPECT_EQ(*Restore(first->as_of), now_);

  WriteMany(30);
  ASSERT_TRUE(Archive().Drain().has_value());
  EXPECT_EQ(recovery_->Floor(kRegion), first->replay_from);
  recovery_->Maintain();
  EXPECT_FALSE(catalog_->Images(table_).front()->needs_log) << "it has a run of its own now";
  EXPECT_EQ(recovery_->Floor(kRegion), shard_->log().end());
  TruncateLog();
  ASSERT_GT(shard_->log().begin().segment, first->replay_from.segment);
  ExpectEveryInstant();
  // The segment that ends at the mark goes once the next one is begun.
  bool dropped_to_the_mark = false;
  for (int i = 0; i < 40; ++i) {
    WriteMany(1);
    TruncateLog();
    dropped_to_the_mark = dropped_to_the_mark || Archive().mark() < shard_->log().begin();
    const auto restored = Restore(clock_.Now());
    ASSERT_TRUE(restored.has_value()) << restored.error().message;
    ASSERT_EQ(*restored, now_);
    if (i % 3 == 0) {
      ASSERT_TRUE(Archive().Drain().has_value());
    }
  }
  EXPECT_TRUE(dropped_to_the_mark) << "that never happened";
}

TEST_F(RecoveryTest, AnUnfinishedBackupHoldsTheLog) {
  WriteMany(5);
  catalog::BackupRecord backup;
  backup.id = BackupId("00000000000001-00000000");
  backup.source = Record();
  backup.image = *PinImage(*shard_, table_, ImageId::Make(TheSystemRandom()), "{}");
  ASSERT_TRUE(catalog_->PutBackup(backup).has_value());
  ASSERT_TRUE(Archive().Drain().has_value());
  EXPECT_EQ(recovery_->Floor(kRegion), backup.image.replay_from);
  ASSERT_TRUE(catalog_
                  ->EditBackup(backup.Arn(),
                               [](catalog::BackupRecord& record) {
                                 record.status = catalog::BackupStatus::kAvailable;
                               })
                  .has_value());
  EXPECT_EQ(recovery_->Floor(kRegion), shard_->log().end());
  ASSERT_TRUE(catalog_->EraseBackup(backup.Arn()).has_value());
  EXPECT_EQ(catalog_->EditBackup(backup.Arn(), [](catalog::BackupRecord&) {}).error().kind,
            ErrorKind::kBackupNotFound)
      << "what was erased stays so";
}

TEST_F(RecoveryTest, SwitchingOffForgetsTheKeyThenImagesAndRuns) {
  ASSERT_TRUE(Switch(true).has_value());
  const Bytes key = Record().pitr.history_key;
  EXPECT_FALSE(key.empty());
  WriteMany(40);
  ASSERT_TRUE(Archive().Drain().has_value());
  ASSERT_TRUE(Switch(true, 7).has_value());
  EXPECT_EQ(Record().pitr.history_key, key) << "only the period is another";
  ASSERT_TRUE(Switch(false).has_value());
  EXPECT_TRUE(Record().pitr.history_key.empty());
  EXPECT_TRUE(catalog_->Images(table_).empty());
  EXPECT_EQ(Restore(clock_.Now()).error().kind, ErrorKind::kPitrUnavailable);
  recovery_->Maintain();
  EXPECT_EQ(Archive().Stats().runs, 0u);
  ASSERT_TRUE(Switch(true).has_value());
  EXPECT_NE(Record().pitr.history_key, key);
  WriteMany(20);
  ASSERT_TRUE(Archive().Drain().has_value());
  ExpectEveryInstant();
}

TEST_F(RecoveryTest, ATableDeletedWhileItIsSwitchedOnLeavesNoImage) {
  random_.on_fill = [&] {
    (void)catalog_->EditTable(table_, [](catalog::TableRecord& record) -> Result<void> {
      record.status = catalog::TableStatus::kDeleting;
      return {};
    });
  };
  EXPECT_EQ(Switch(true).error().kind, ErrorKind::kContinuousBackupsUnavailable);
  EXPECT_FALSE(Record().pitr.enabled);
  EXPECT_TRUE(catalog_->AllImages().empty());
}

TEST_F(RecoveryTest, AnAccountErasedWhileATableIsSwitchedOnLeavesNoImage) {
  random_.on_fill = [&] { (void)catalog_->EraseAccount(kAccount); };
  EXPECT_EQ(Switch(true).error().kind, ErrorKind::kTableNotFound);
  EXPECT_TRUE(catalog_->AllImages().empty());
}

TEST_F(RecoveryTest, ADeletedTableKeepsItsHistoryAsLongAsItsBackup) {
  ASSERT_TRUE(Switch(true, 3).has_value());
  WriteMany(40);
  clock_.Advance(std::chrono::hours(50));
  WriteMany(40);
  ASSERT_TRUE(Archive().Drain().has_value());
  recovery_->Maintain();
  WriteMany(10);  // these lie in the log only
  catalog::BackupRecord backup;
  backup.id = BackupId("01489602797149-00000000");
  backup.type = catalog::BackupType::kSystem;
  backup.source = Record();
  backup.image = *PinImage(*shard_, table_, ImageId::Make(random_), "{}");
  backup.created = backup.image.as_of;
  ASSERT_TRUE(catalog_->PutBackup(backup).has_value());
  const auto window = *recovery_->WindowOf(Record());
  ASSERT_TRUE(shard_->DropTable(table_, "{}").has_value());
  ASSERT_TRUE(catalog_->EraseTable(table_).has_value());
  recovery_->Forget(table_);
  EXPECT_EQ(recovery_->WindowOf(backup)->latest, backup.created);
  EXPECT_LE(recovery_->WindowOf(backup)->earliest, window.earliest);

  const auto expect_every_instant = [&] {
    recovery_->Maintain();
    ASSERT_TRUE(Archive().Drain().has_value());
    TruncateLog();
    for (const auto& [time, state] : states_) {
      const auto source = recovery_->FindSource(backup, time);
      ASSERT_TRUE(source.has_value()) << source.error().message;
      const auto rows = Restore(time, backup.source.pitr.history_key, source->image);
      ASSERT_TRUE(rows.has_value()) << rows.error().message;
      ASSERT_EQ(*rows, state) << "at " << ToMicros(time);
    }
  };
  ASSERT_NO_FATAL_FAILURE(expect_every_instant());
  clock_.Advance(std::chrono::hours(24 * 30));
  ASSERT_NO_FATAL_FAILURE(expect_every_instant());
  EXPECT_EQ(recovery_->FindSource(backup, backup.created + Micros(1)).error().kind,
            ErrorKind::kInvalidRestoreTime);

  ASSERT_TRUE(catalog_->EraseBackup(backup.Arn()).has_value());
  recovery_->Maintain();
  EXPECT_TRUE(catalog_->Images(table_).empty());
  EXPECT_EQ(Archive().Stats().runs, 0u);
  EXPECT_FALSE(recovery_->WindowOf(backup));
}

TEST_F(RecoveryTest, ADeletedTablesHistoryGoesWithItsAccount) {
  ASSERT_TRUE(Switch(true).has_value());
  catalog::BackupRecord backup;
  backup.id = BackupId("01489602797149-00000000");
  backup.type = catalog::BackupType::kSystem;
  backup.source = Record();
  ASSERT_TRUE(catalog_->PutBackup(backup).has_value());
  ASSERT_TRUE(catalog_->EraseTable(table_).has_value());
  recovery_->Maintain();
  ASSERT_EQ(catalog_->Images(table_).size(), 1u);
  EXPECT_EQ(catalog_->EraseAccount(kAccount)->images.size(), 1u);
  EXPECT_TRUE(catalog_->AllImages().empty());
}

TEST_F(RecoveryTest, ARunningRestoreKeepsWhatItReadsWhenHistoryIsSwitchedOff) {
  ASSERT_TRUE(Switch(true).has_value());
  WriteMany(40);
  ASSERT_TRUE(Archive().Drain().has_value());
  WriteMany(40);  // not yet sorted
  const auto image = catalog_->Images(table_).front();
  const Bytes key = Record().pitr.history_key;
  const TableId target = BeginRestore(*image);
  ASSERT_TRUE(Switch(false).has_value());
  ASSERT_TRUE(Archive().Drain().has_value());
  recovery_->Maintain();
  EXPECT_EQ(*Restore(clock_.Now(), key, image), now_);
  ASSERT_TRUE(catalog_->EraseTable(target).has_value());
  recovery_->Maintain();
  EXPECT_TRUE(catalog_->Images(table_).empty());
  EXPECT_EQ(Archive().Stats().runs, 0u);
}

TEST_F(RecoveryTest, WhatHasLeftTheWindowGoes) {
  ASSERT_TRUE(Switch(true, 2).has_value());
  for (int day = 0; day < 4; ++day) {
    WriteMany(30);
    ASSERT_TRUE(Archive().Drain().has_value());
    clock_.Advance(std::chrono::hours(25));
    recovery_->Maintain();
  }
  const auto images = catalog_->Images(table_);
  const Timestamp earliest = recovery_->WindowOf(Record())->earliest;
  ASSERT_GE(images.size(), 2u);
  EXPECT_LE(images[0]->as_of, earliest);
  EXPECT_GT(images[1]->as_of, earliest);
  const auto view = Archive().Look();
  for (const auto& run : view->runs()) {
    EXPECT_GT(run.to, images[0]->replay_from) << "a run nothing in the window needs";
  }
  // An unchanged table gets no more images.
  const size_t count = images.size();
  clock_.Advance(std::chrono::hours(25));
  recovery_->Maintain();
  EXPECT_LE(catalog_->Images(table_).size(), count);
  EXPECT_EQ(*Restore(clock_.Now()), now_);
  ASSERT_TRUE(Switch(true, 1).has_value());
  recovery_->Maintain();
  EXPECT_EQ(catalog_->Images(table_).size(), 1u) << "the rest is older than a day";
}

TEST_F(RecoveryTest, WhatHasGoneByAClockThatWasAheadIsNotInTheWindowAgain) {
  ASSERT_TRUE(Switch(true, 2).has_value());
  for (int day = 0; day < 4; ++day) {
    WriteMany(30);
    Tag(std::to_string(day));
    ASSERT_TRUE(Archive().Drain().has_value());
    clock_.Advance(std::chrono::hours(25));
    recovery_->Maintain();
  }
  // Nothing is written meanwhile. A start that doubts the clock goes on from the newest commit.
  const Timestamp before = clock_.Now();
  clock_.Advance(std::chrono::hours(24 * 365));
  recovery_->Maintain();
  clock_.Set(before);
  const auto window = recovery_->WindowOf(Record());
  ASSERT_TRUE(window);
  const auto source = recovery_->FindSource(Record(), window->earliest);
  ASSERT_TRUE(source.has_value()) << source.error().message;
  EXPECT_EQ(*Restore(window->earliest), now_);
  EXPECT_EQ(TagAt(window->earliest), "3");
}

TEST_F(RecoveryTest, WhatIsNotInTheLogAgesNothing) {
  ASSERT_TRUE(Switch(true, 1).has_value());
  for (int hour = 0; hour < 30; ++hour) {
    clock_.Advance(std::chrono::hours(1));
    Tag(std::to_string(hour));
  }
  recovery_->Maintain();
  const auto kept = catalog_->Settings(table_, {}, shard_->Now())->size();
  const Timestamp before = clock_.Now();
  clock_.Advance(std::chrono::minutes(59));
  recovery_->Maintain();
  EXPECT_EQ(catalog_->Settings(table_, {}, shard_->Now())->size(), kept);
  clock_.Set(before);
  const auto oldest = recovery_->WindowOf(Record())->earliest;
  EXPECT_EQ(TagAt(oldest), "5");
}

TEST_F(RecoveryTest, APointOutsideTheWindowIsRefusedWithReadableTimes) {
  ASSERT_TRUE(Switch(true).has_value());
  const auto refused = recovery_->FindSource(Record(), FromMicros(1'600'000'000'000'001));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidRestoreTime);
  EXPECT_NE(refused.error().message.find("got 2020-09-13T12:26:40.000001Z"), std::string::npos)
      << refused.error().message;
}

TEST_F(RecoveryTest, FiguresAreThere) {
  ASSERT_TRUE(Switch(true).has_value());
  WriteMany(40);
  ASSERT_TRUE(Archive().Drain().has_value());
  WriteMany(1);
  recovery_->Maintain();
  const auto stats = recovery_->Stats();
  ASSERT_EQ(stats.size(), 1u);
  EXPECT_EQ(stats[0].first, kRegion);
  EXPECT_GE(stats[0].second.images, 1u);
  EXPECT_GT(stats[0].second.archive.runs, 0u);
  EXPECT_GT(stats[0].second.archive.run_bytes, 0u);
  EXPECT_GT(stats[0].second.archive.debt_bytes, 0u);
  EXPECT_EQ(stats[0].second.archive.stuck, "");
}

TEST_F(RecoveryTest, SettingsAreKnownAtEveryInstantOfTheWindow) {
  Tag("before");
  ASSERT_TRUE(Switch(true).has_value());
  const Timestamp begin = Record().pitr.enabled_at;
  std::map<Timestamp, std::string> tags{{begin, "before"}};
  for (const std::string value : {"a", "b", "c"}) {
    WriteMany(3);
    const Timestamp just_before = shard_->Now();
    tags[just_before] = tags.rbegin()->second;
    tags[Tag(value)] = value;
  }
  for (const auto& [time, value] : tags) EXPECT_EQ(TagAt(time), value) << (time - begin).count();

  catalog_.reset();  // what is known after a restart
  OpenCatalog();
  Recovery again(*catalog_, shards_, *engine_, keys_, random_);
  for (const auto& [time, value] : tags) {
    const auto table = again.TableAt(Record(), time);
    ASSERT_TRUE(table.has_value()) << table.error().message;
    EXPECT_EQ((*table)->tags[0].value, value) << (time - begin).count();
  }
  again.Stop();
}

TEST_F(RecoveryTest, AChangeOfSettingsLiesBetweenTheCommitsAroundIt) {
  ASSERT_TRUE(Switch(true).has_value());
  Write("k", "1");
  const Timestamp first = states_.rbegin()->first;
  Tag("new", {"AK", "r7"});
  Write("k", "2");
  const Timestamp second = states_.rbegin()->first;
  EXPECT_EQ(TagAt(first), "none");
  EXPECT_EQ(TagAt(second), "new");
  const auto settings = *catalog_->Settings(table_, first, second);
  ASSERT_EQ(settings.size(), 2u);
  EXPECT_GT(settings[1].time, first);
  EXPECT_LT(settings[1].time, second);
  EXPECT_EQ(settings[1].origin.access_key, "AK");
  EXPECT_EQ(settings[1].origin.request_id, "r7");
  EXPECT_TRUE(settings[1].table.pitr.history_key.empty());
}

TEST_F(RecoveryTest, SettingsAreForgottenWithTheHistory) {
  ASSERT_TRUE(Switch(true).has_value());
  const Timestamp then = Tag("a");
  Tag("b");
  ASSERT_TRUE(Switch(false).has_value());
  EXPECT_TRUE(catalog_->TablesWithSettings().empty());
  EXPECT_EQ(recovery_->TableAt(Record(), then).error().kind, ErrorKind::kPitrUnavailable);
  EXPECT_EQ((*catalog_->TableAt(table_, then))->tags[0].value, "b");  // as it is
  OpenCatalog();
  EXPECT_TRUE(catalog_->TablesWithSettings().empty());
}

TEST_F(RecoveryTest, SettingsLeaveWithTheWindow) {
  ASSERT_TRUE(Switch(true, 2).has_value());
  for (int day = 0; day < 5; ++day) {
    clock_.Advance(std::chrono::hours(24));
    Tag(std::to_string(day));
  }
  recovery_->Maintain();
  // Days 3 and 4, and what held when the window begins.
  EXPECT_EQ(catalog_->Settings(table_, {}, shard_->Now())->size(), 3u);
  EXPECT_EQ(TagAt(recovery_->WindowOf(Record())->earliest), "2");
}

TEST_F(RecoveryTest, SettingsOfADeletedTableStayWithItsBackup) {
  ASSERT_TRUE(Switch(true).has_value());
  const Timestamp then = Tag("a");
  Tag("b");
  catalog::BackupRecord backup;
  backup.id = BackupId("01489602797149-00000000");
  backup.type = catalog::BackupType::kSystem;
  backup.source = Record();
  backup.created = shard_->Now();
  ASSERT_TRUE(catalog_->PutBackup(backup).has_value());
  ASSERT_TRUE(catalog_->EraseTable(table_).has_value());
  recovery_->Maintain();
  EXPECT_EQ((*catalog_->TableAt(table_, then))->tags[0].value, "a");
  EXPECT_EQ((*catalog_->TableAt(table_, shard_->Now()))->tags[0].value, "b");
  ASSERT_TRUE(catalog_->EraseBackup(backup.Arn()).has_value());
  recovery_->Maintain();
  EXPECT_EQ(catalog_->TableAt(table_, then).error().kind, ErrorKind::kResourceNotFound);
}

TEST_F(RecoveryTest, SettingsThatAreChangedWhileItIsSwitchedOnAreNotTakenForEarlierOnes) {
  random_.on_fill = [&] { Tag("meanwhile"); };
  ASSERT_TRUE(Switch(true).has_value());
  EXPECT_EQ(TagAt(Record().pitr.enabled_at), "meanwhile");
  const auto images = catalog_->Images(table_);
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(images[0]->as_of, Record().pitr.enabled_at);
}

}  // namespace
}  // namespace tidemark::pitr
