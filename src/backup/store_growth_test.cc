// Stored backups that are made of older ones: of real images, each of which has no file of another,
// as after a compaction of all.
#include <gmock/gmock.h>

#include <map>

#include "backup/source_check.h"
#include "backup/store_fixture.h"
#include "backup/stored_growth.h"
#include "base/files.h"
#include "blob/decorators/crashing_store.h"
#include "blob/decorators/forwarding_store.h"
#include "crypto/clear_keys.h"
#include "engine/rocks/rocks_engine.h"
#include "engine/row_stream.h"
#include "engine/run_names.h"
#include "item/item_codec.h"
#include "item/row_key.h"
#include "item/set_hash.h"

namespace tidemark::backup {
namespace {

using testing::HasSubstr;

constexpr int kItems = 80;
constexpr size_t kValueBytes = 20'000;  // random: they are not made smaller
using Rows = std::map<Bytes, Bytes>;

struct Day {
  catalog::BackupRecord record;
  std::string image;
  Rows rows;
};

class StoreGrowthTest : public StoreFixture {
 protected:
  // Each day two items change, one goes and one comes.
  void MakeDays(int days, int items = kItems) {
    Rows rows;
    for (int n = 0; n < items; ++n) PutItem(rows, n);
    for (int day = 0; day < days; ++day) {
      if (day > 0) {
        PutItem(rows, day);
        PutItem(rows, day + 20);
        rows.erase(KeyOf(day + 40));
        PutItem(rows, items + day);
      }
      AddDay(rows);
    }
  }
  void AddDay(const Rows& rows) {
    Day day{.record = backup_, .image = directory_.path() / fmt::format("day-{}", days_.size())};
    day.record.id = BackupId(fmt::format("014896027971{:02}-00000000", days_.size()));
    day.record.created = FromMicros(1'700'000'000'000'000 + static_cast<int64_t>(days_.size()));
    day.rows = rows;
    MakeImage(day);
    for (const auto& [key, value] : rows) {
      day.record.image.totals.items += 1;
      day.record.image.totals.bytes += *item::EncodedItemSize(value);
      day.record.image.totals.hash += item::HashRow(key, value);
    }
    days_.push_back(std::move(day));
  }

  static Bytes KeyOf(int n) {
    return item::RowKey(item::kPrimaryIndex, item::AttributeValue(fmt::format("{:05}", n)),
                        nullptr);
  }
  static void PutItem(Rows& rows, int n) {
    item::Item item;
    item.Set("pk", item::AttributeValue(fmt::format("{:05}", n)));
    item.Set("v", item::AttributeValue(item::Binary{TheSystemRandom().String(kValueBytes)}));
    rows[KeyOf(n)] = item::EncodeItem(item);
  }

  Result<std::string> CopyDay(blob::BlobStore& store, size_t day, int older,
                              uint64_t spare_bytes = UINT64_MAX) {
    progress_.bytes_done = 0;
    StoreCopies copies(store, keys_, clock_);
    if (older < 0) return copies.Copy(days_[day].record, days_[day].image, progress_);
    const Growth growth{*engine_, days_[older].record, days_[older].image, Storing(), spare_bytes};
    auto copied = copies.Copy(days_[day].record, days_[day].image, progress_, &growth);
    EXPECT_FALSE(Exists(Storing())) << "what was written for it goes with it";
    return copied;
  }
  Result<Freed> DeleteDay(blob::BlobStore& store, size_t day) {
    CopyProgress progress;
    return StoreRemoval(store, keys_, clock_).Delete(ManifestName(days_[day].record), progress);
  }
  std::string Storing() const { return directory_.path() / "storing"; }

  // It comes back from the store item for item.
  void ExpectComesBack(blob::BlobStore& store, size_t day, const std::string& where = "") {
    StoreCopies copies(store, keys_, clock_);
    const std::string to = directory_.path() / "fetched";
    CopyProgress progress;
    const auto fetched = copies.Fetch(ManifestName(days_[day].record), to, progress);
    ASSERT_TRUE(fetched) << where << ": " << fetched.error().message;
    {
      const auto reader = engine_->OpenImage(to, directory_.path() / "view", TableId());
      ASSERT_TRUE(reader) << where << ": " << reader.error().message;
      auto stream = *engine::RowStream::Open(**reader);
      Rows rows;
      while (const auto row = *stream.Next()) rows.emplace(row->key, *row->value);
      EXPECT_TRUE(rows == days_[day].rows) << where << ", day " << day;
    }
    ASSERT_TRUE(RemoveTree(to));
  }

  std::vector<std::string> FilesOf(blob::BlobStore& store, size_t day) {
    std::vector<std::string> names;
    const auto stored = StoreCopies(store, keys_, clock_).Read(ManifestName(days_[day].record));
    for (const StoredFile& file : stored->files) names.push_back(file.name);
    return names;
  }
  size_t RunsOf(blob::BlobStore& store, size_t day) {
    return engine::RunsAmong(FilesOf(store, day)).size();
  }
  static uint64_t BytesOf(blob::BlobStore& store) {
    uint64_t bytes = 0;
    const auto listed = blob::ListAll(store, "");
    for (const auto& one : *listed) bytes += one.bytes;
    return bytes;
  }

  crypto::ClearKeys data_keys_;
  std::unique_ptr<engine::Engine> engine_ =
      *engine::MakeRocksEngine({}, data_keys_, TheSystemRandom());
  std::vector<Day> days_;
  CopyProgress progress_;

 private:
  void MakeImage(const Day& day) {
    const std::string directory = directory_.path() / "table";
    {
      const auto store = *engine_->Create(directory, TableId::Make(TheSystemRandom()));
      std::vector<engine::RowWrite> writes;
      for (const auto& [key, value] : day.rows) writes.push_back({key, BytesView(value)});
      ASSERT_TRUE(store->Apply(writes, {1, 0, 1}, "note"));
      ASSERT_TRUE(store->Flush());
      ASSERT_TRUE(store->Pin(day.image));
    }
    ASSERT_TRUE(RemoveTree(directory));
  }
};

TEST_F(StoreGrowthTest, AStoreGrowsByWhatChanged) {
  MakeDays(4);
  ASSERT_TRUE(CopyDay(store_, 0, -1));
  const uint64_t whole = BytesOf(store_);
  EXPECT_GT(whole, kItems * kValueBytes);
  for (int day = 1; day < 4; ++day) {
    const uint64_t before = BytesOf(store_);
    const auto copied = CopyDay(store_, day, day - 1);
    ASSERT_TRUE(copied) << copied.error().message;
    EXPECT_LT(BytesOf(store_) - before, 4 * kValueBytes) << "three items are new";
    EXPECT_EQ(RunsOf(store_, day), static_cast<size_t>(day));
    EXPECT_EQ(progress_.bytes_done, progress_.bytes_total);
    EXPECT_GT(progress_.bytes_total, whole - 2000);
  }
  EXPECT_EQ(Count("intents/"), 0u);
  for (size_t day = 0; day < 4; ++day) ExpectComesBack(store_, day);
}

TEST_F(StoreGrowthTest, NoneNeedsTheOneItWasMadeOf) {
  MakeDays(3);
  for (int day = 0; day < 3; ++day) ASSERT_TRUE(CopyDay(store_, day, day - 1));
  EXPECT_EQ(DeleteDay(store_, 0)->files, 1u) << "its KEYS";
  EXPECT_EQ(DeleteDay(store_, 1)->files, 1u);
  ExpectNothingLeaks(store_, "");
  ExpectComesBack(store_, 2);
  EXPECT_EQ(DeleteDay(store_, 2)->files, FilesOf(store_, 2).size());
  EXPECT_EQ(Count(""), 0u);
}

TEST_F(StoreGrowthTest, ACopyThatIsMadeAgainPutsNothing) {
  MakeDays(2);
  for (int day = 0; day < 2; ++day) ASSERT_TRUE(CopyDay(store_, day, day - 1));
  const auto files = Names(store_, "files/");
  ASSERT_TRUE(CopyDay(store_, 1, 0));
  EXPECT_EQ(Names(store_, "files/"), files);
  ASSERT_TRUE(CopyDay(store_, 1, -1)) << "the older one is not here any more";
  EXPECT_EQ(Names(store_, "files/"), files);
  EXPECT_EQ(progress_.bytes_done, progress_.bytes_total);
  ExpectComesBack(store_, 1);
}

TEST_F(StoreGrowthTest, IsWholeWhereTheStoreHasNothingToBuildUpon) {
  MakeDays(3);
  ASSERT_TRUE(CopyDay(store_, 1, 0)) << "the older one is not stored";
  EXPECT_EQ(RunsOf(store_, 1), 0u);
  const auto stored = copies_.Read(ManifestName(days_[1].record));
  for (const StoredFile& file : stored->files) {
    if (!file.name.ends_with(".sst")) continue;
    EXPECT_TRUE(store_.Delete(FileBlobName(file.sha256)));
  }
  ASSERT_TRUE(CopyDay(store_, 2, 1)) << "files of it are gone";
  EXPECT_EQ(RunsOf(store_, 2), 0u);
  ExpectComesBack(store_, 2);
}

TEST_F(StoreGrowthTest, IsWholeWhereMuchHasChanged) {
  MakeDays(1);
  Rows rows = days_[0].rows;
  for (int n = 0; n < kItems * 2 / 3; ++n) PutItem(rows, n);
  AddDay(rows);
  ASSERT_TRUE(CopyDay(store_, 0, -1));
  ASSERT_TRUE(CopyDay(store_, 1, 0));
  EXPECT_EQ(RunsOf(store_, 1), 0u);
  ExpectComesBack(store_, 1);
}

TEST_F(StoreGrowthTest, IsWholeWhereLittleIsLacked) {
  Rows rows;
  for (int n = 0; n < 10; ++n) PutItem(rows, n);
  AddDay(rows);
  PutItem(rows, 1);
  AddDay(rows);
  ASSERT_TRUE(CopyDay(store_, 0, -1));
  ASSERT_TRUE(CopyDay(store_, 1, 0));
  EXPECT_EQ(RunsOf(store_, 1), 0u);
}

TEST_F(StoreGrowthTest, IsWholeWhereTheDiskHasNoRoomForWhatChanged) {
  MakeDays(3);
  ASSERT_TRUE(CopyDay(store_, 0, -1));
  ASSERT_TRUE(CopyDay(store_, 1, 0, kItems * kValueBytes / 2));
  EXPECT_EQ(RunsOf(store_, 1), 0u);
  ASSERT_TRUE(CopyDay(store_, 2, 1, kItems * kValueBytes));
  EXPECT_EQ(RunsOf(store_, 2), 1u);
}

TEST_F(StoreGrowthTest, IsWholeOnceTheRunsAreALargePart) {
  MakeDays(1);
  for (int day = 1; day < 5; ++day) {
    Rows rows = days_.back().rows;
    for (int n = 0; n < kItems / 4 + 2; ++n) PutItem(rows, n);
    AddDay(rows);
  }
  std::vector<size_t> runs;
  for (int day = 0; day < 5; ++day) {
    ASSERT_TRUE(CopyDay(store_, day, day - 1));
    runs.push_back(RunsOf(store_, day));
  }
  // A fifth of all are runs, then more than a third.
  EXPECT_THAT(runs, testing::ElementsAre(0, 1, 2, 0, 1));
  for (size_t day = 0; day < 5; ++day) ExpectComesBack(store_, day);
}

TEST_F(StoreGrowthTest, IsWholeAfterManyRuns) {
  MakeDays(static_cast<int>(engine::kRunsMax) + 2, 3 * kItems);
  for (size_t day = 0; day < days_.size(); ++day)
    ASSERT_TRUE(CopyDay(store_, day, static_cast<int>(day) - 1));
  EXPECT_EQ(RunsOf(store_, engine::kRunsMax), engine::kRunsMax);
  EXPECT_EQ(RunsOf(store_, engine::kRunsMax + 1), 0u);
  ExpectComesBack(store_, engine::kRunsMax);
}

TEST_F(StoreGrowthTest, NothingButKeysIsPutWhereNothingChanged) {
  MakeDays(1);
  AddDay(days_[0].rows);
  ASSERT_TRUE(CopyDay(store_, 0, -1));
  ASSERT_TRUE(CopyDay(store_, 1, 0));
  EXPECT_EQ(RunsOf(store_, 1), 0u);
  EXPECT_EQ(DeleteDay(store_, 0)->files, 1u);
  ExpectComesBack(store_, 1);
}

TEST_F(StoreGrowthTest, TakesNoOlderOneThatIsNotWhatItsRecordSays) {
  MakeDays(3);
  ASSERT_TRUE(CopyDay(store_, 0, -1));
  const Day other = days_[0];
  days_[0].image = days_[2].image;
  ASSERT_TRUE(CopyDay(store_, 1, 0)) << "the image here is another one";
  EXPECT_EQ(RunsOf(store_, 1), 0u);
  days_[0].record.image.totals = days_[2].record.image.totals;
  blob::MemStore store;
  const Day changed = std::exchange(days_[0], other);
  ASSERT_TRUE(CopyDay(store, 0, -1));
  days_[0] = changed;
  ASSERT_TRUE(CopyDay(store, 1, 0)) << "the stored one is another";
  EXPECT_EQ(RunsOf(store, 1), 0u);
  ExpectComesBack(store, 1);
}

TEST_F(StoreGrowthTest, RefusesABackupThatIsNotWhatTheLogRecorded) {
  MakeDays(2);
  ASSERT_TRUE(CopyDay(store_, 0, -1));
  days_[1].record.image.totals.bytes -= 1;
  const auto before = Names(store_, "");
  const auto copied = CopyDay(store_, 1, 0);
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(copied.error().message, HasSubstr("the log recorded"));
  EXPECT_EQ(Names(store_, ""), before);
}

TEST_F(StoreGrowthTest, DamageOfASharedFileIsToldOfEveryBackupThatHasIt) {
  MakeDays(2);
  for (int day = 0; day < 2; ++day) ASSERT_TRUE(CopyDay(store_, day, day - 1));
  const auto stored = copies_.Read(ManifestName(days_[0].record));
  const auto sst = std::ranges::find_if(
      stored->files, [](const StoredFile& file) { return file.name.ends_with(".sst"); });
  store_.Damage(FileBlobName(sst->sha256));
  for (const Day& day : days_) {
    const auto verified = copies_.Verify(ManifestName(day.record), progress_);
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().kind, ErrorKind::kCorruption);
    EXPECT_THAT(verified.error().message, HasSubstr(FileBlobName(sst->sha256)));
  }
}

// As a backup is judged that is stored as other files than those here.
TEST_F(StoreGrowthTest, RowsOfAnImageAreWhatItsRecordSays) {
  MakeDays(2);
  const std::atomic<bool> stop{false};
  for (const Day& day : days_) {
    const auto sound = CheckRows(*engine_, day.image, day.record, stop);
    EXPECT_TRUE(sound) << sound.error().message;
  }
  const auto other = CheckRows(*engine_, days_[0].image, days_[1].record, stop);
  EXPECT_EQ(other.error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(other.error().message, HasSubstr("the log recorded"));
  ASSERT_TRUE(RemoveFile(days_[0].image + "/CURRENT"));
  EXPECT_EQ(CheckRows(*engine_, days_[0].image, days_[0].record, stop).error().kind,
            ErrorKind::kCorruption);
}

TEST_F(StoreGrowthTest, EndsWhenItIsStopped) {
  MakeDays(2);
  ASSERT_TRUE(CopyDay(store_, 0, -1));
  const auto before = Names(store_, "");
  progress_.stop = true;
  EXPECT_EQ(CopyDay(store_, 1, 0).error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(Names(store_, ""), before);
}

// A store in which a collector, that has not seen the copy's intent, removes a file before a blob
// is put whose name begins so.
class RemovingStore final : public blob::ForwardingStore {
 public:
  RemovingStore(blob::BlobStore& inner, std::string before, std::string removed)
      : ForwardingStore(inner), before_(std::move(before)), removed_(std::move(removed)) {}
  Result<blob::BlobInfo> Put(std::string_view name, const blob::BlobSource& source,
                             const blob::PutOptions& options) override {
    if (name.starts_with(before_)) TM_TRYV(inner_.Delete(removed_));
    return inner_.Put(name, source, options);
  }

 private:
  const std::string before_, removed_;
};

TEST_F(StoreGrowthTest, AnOlderOneThatGoesMeanwhileLeavesNoManifestAndThenItIsWhole) {
  MakeDays(3);
  for (const std::string before : {"intents/", "manifests/"}) {
    blob::MemStore store;
    for (int day = 0; day < 2; ++day) ASSERT_TRUE(CopyDay(store, day, day - 1));
    // Of day 0, and so not here: day 2 is made of day 1.
    const auto stored = StoreCopies(store, keys_, clock_).Read(ManifestName(days_[1].record));
    const auto base = std::ranges::find(stored->files, "CURRENT", &StoredFile::name);
    RemovingStore removing(store, before, FileBlobName(base->sha256));
    const auto copied = CopyDay(removing, 2, 1);
    ASSERT_FALSE(copied) << before;
    EXPECT_EQ(copied.error().kind, ErrorKind::kUnavailable) << copied.error().message;
    EXPECT_THAT(copied.error().message, HasSubstr("copy the backup again"));
    EXPECT_FALSE(store.Head(ManifestName(days_[2].record))) << before;
    ASSERT_TRUE(CopyDay(store, 2, 1)) << before;
    EXPECT_EQ(RunsOf(store, 2), 0u) << before;
    ExpectComesBack(store, 2);
  }
}

// A store that does not say what it has, once: at look number `at`. Or whose user stops then.
class UnsureStore final : public blob::ForwardingStore {
 public:
  UnsureStore(blob::BlobStore& inner, size_t at, std::atomic<bool>* stop)
      : ForwardingStore(inner), left_(at), stop_(stop) {}
  Result<blob::BlobInfo> Head(std::string_view name) override {
    if (left_-- != 0) return inner_.Head(name);
    met_ = true;
    if (!stop_) return Fail(ErrorKind::kUnavailable, "the store is away");
    *stop_ = true;
    return inner_.Head(name);
  }
  bool met() const { return met_; }

 private:
  size_t left_;
  bool met_ = false;
  std::atomic<bool>* const stop_;
};

TEST_F(StoreGrowthTest, ACopyThatFailsAtAnyLookLeavesNoManifestThatWasNotThere) {
  MakeDays(2);
  for (const bool stops : {false, true}) {
    for (const int older : {-1, 0}) {
      size_t failed = 0;
      for (size_t at = 0;; ++at) {
        const std::string where = fmt::format("look {}{}", at, stops ? ", stopped" : "");
        blob::MemStore store;
        ASSERT_TRUE(CopyDay(store, 0, -1));
        UnsureStore unsure(store, at, stops ? &progress_.stop : nullptr);
        const auto copied = CopyDay(unsure, 1, older);
        progress_.stop = false;
        EXPECT_EQ(store.Head(ManifestName(days_[1].record)).has_value(), copied.has_value())
            << where;
        EXPECT_TRUE(store.Head(ManifestName(days_[0].record))) << where;
        ExpectSound(store, where);
        if (!unsure.met()) break;
        // Once stored it stays so, whatever happens to a copy that is made again.
        ASSERT_TRUE(CopyDay(store, 1, older)) << where;
        UnsureStore again(store, at, stops ? &progress_.stop : nullptr);
        (void)CopyDay(again, 1, older);
        progress_.stop = false;
        EXPECT_TRUE(store.Head(ManifestName(days_[1].record))) << where;
        failed += !copied;
      }
      EXPECT_GT(failed, older < 0 ? 3u : 8u);
    }
  }
}

TEST_F(StoreGrowthTest, AFileOfTheOlderOneThatIsHereIsPutAgain) {
  MakeDays(2);
  ASSERT_TRUE(CopyDay(store_, 0, -1));
  const auto stored = copies_.Read(ManifestName(days_[0].record));
  const auto base = std::ranges::find(stored->files, "CURRENT", &StoredFile::name);
  RemovingStore removing(store_, "manifests/", FileBlobName(base->sha256));
  const auto copied = CopyDay(removing, 1, 0);
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(RunsOf(store_, 1), 1u);
  ExpectComesBack(store_, 1);
}

TEST_F(StoreGrowthTest, ADeletionOfTheOlderOneAtAnyStepTakesNothingFromACopy) {
  MakeDays(2);
  size_t grown = 0, whole = 0, refused = 0;
  for (size_t at = 0;; ++at) {
    const std::string where = fmt::format("step {}", at);
    blob::MemStore store;
    ASSERT_TRUE(CopyDay(store, 0, -1));
    InterruptedStore interrupted(store, at, [&] {
      EXPECT_TRUE(DeleteDay(store, 0));
      EXPECT_TRUE(Collect(store));
    });
    const auto copied = CopyDay(interrupted, 1, 0);
    EXPECT_TRUE(copied || copied.error().kind == ErrorKind::kUnavailable)
        << where << ": " << copied.error().message;
    EXPECT_EQ(store.Head(ManifestName(days_[1].record)).has_value(), copied.has_value()) << where;
    if (!copied) {
      ++refused;
      EXPECT_TRUE(CopyDay(store, 1, 0)) << where << ": begun again it is whole";
    }
    (copied && RunsOf(store, 1) == 1 ? grown : whole) += 1;
    ExpectNothingLeaks(store, where);
    ExpectComesBack(store, 1, where);
    if (!interrupted.acted()) break;
  }
  EXPECT_GT(grown, 5u);
  EXPECT_GT(whole, 5u);
  EXPECT_LE(refused, whole);
}

TEST_F(StoreGrowthTest, ACopyAtAnyStepOfTheOlderOnesDeletionKeepsItsFilesOrFails) {
  MakeDays(2);
  size_t grown = 0;
  for (size_t at = 0;; ++at) {
    const std::string where = fmt::format("step {}", at);
    blob::MemStore store;
    ASSERT_TRUE(CopyDay(store, 0, -1));
    bool copied = false;
    InterruptedStore interrupted(store, at, [&] {
      const auto copy = CopyDay(store, 1, 0);
      copied = copy.has_value();
      EXPECT_TRUE(copied || copy.error().kind == ErrorKind::kUnavailable);
    });
    ASSERT_TRUE(DeleteDay(interrupted, 0)) << where;
    ExpectNothingLeaks(store, where);
    EXPECT_EQ(store.Head(ManifestName(days_[1].record)).has_value(), copied) << where;
    if (copied) ExpectComesBack(store, 1, where);
    grown += copied && RunsOf(store, 1) == 1;
    if (!interrupted.acted()) break;
  }
  EXPECT_GT(grown, 0u);
}

TEST_F(StoreGrowthTest, ACrashAtAnyStepLosesAndLeaksNothing) {
  MakeDays(3);
  const auto story = [&](blob::BlobStore& store) {
    return CopyDay(store, 0, -1) && CopyDay(store, 1, 0) && DeleteDay(store, 0) &&
           CopyDay(store, 2, 1) && Collect(store) && DeleteDay(store, 1) && Collect(store);
  };
  size_t steps = 0;
  for (const bool with_effect : {false, true}) {
    for (size_t at = 0;; ++at) {
      const std::string where = fmt::format("step {}{}", at, with_effect ? ", done" : "");
      blob::MemStore store;
      blob::CrashingStore crashing(store, at, with_effect);
      const bool whole = story(crashing);
      ExpectSound(store, where);
      ExpectNothingLeaks(store, where);
      for (size_t day = 0; day < 3; ++day) {
        if (store.Head(ManifestName(days_[day].record))) ExpectComesBack(store, day, where);
      }
      // The next process does it all again.
      EXPECT_TRUE(story(store)) << where;
      EXPECT_EQ(RunsOf(store, 2), 2u) << where;
      ExpectNothingLeaks(store, where);
      ExpectComesBack(store, 2, where);
      if (whole && !crashing.dead()) break;
      steps = std::max(steps, at);
    }
  }
  EXPECT_GT(steps, 20u);
}

}  // namespace
}  // namespace tidemark::backup
