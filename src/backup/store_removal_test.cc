#include "backup/store_removal.h"

#include <gmock/gmock.h>

#include <map>
#include <thread>

#include "backup/store_fixture.h"
#include "backup/store_leases.h"
#include "blob/decorators/crashing_store.h"
#include "blob/local/local_store.h"

namespace tidemark::backup {
namespace {

using testing::HasSubstr;

// Backups of one table, a, b and c, which share files: of x and y each has the next two.
class StoreRemovalTest : public StoreFixture {
 protected:
  struct Made {
    catalog::BackupRecord record;
    std::string image;
  };

  StoreRemovalTest() {
    for (int i = 0; i < 3; ++i) {
      Made& made = backups_[i];
      made.record = backup_;
      made.record.id = BackupId(fmt::format("0148960279714{}-00000000", i));
      made.image = directory_.path() / fmt::format("image-{}", i);
      std::filesystem::create_directories(made.image);
      const auto write = [&](const std::string& name, const std::string& content) {
        std::ofstream(made.image + "/" + name) << content;
      };
      write("common.sst", "of all");
      write("1.sst", fmt::format("shared {}", i));
      write("2.sst", fmt::format("shared {}", i + 1));
      write("KEYS", fmt::format("keys {}", i));
    }
  }

  Result<std::string> CopyOf(blob::BlobStore& store, int i) {
    CopyProgress progress;
    return StoreCopies(store, keys_, clock_).Copy(backups_[i].record, backups_[i].image, progress);
  }
  Result<Freed> Delete(blob::BlobStore& store, int i) {
    CopyProgress progress;
    return StoreRemoval(store, keys_, clock_).Delete(ManifestName(backups_[i].record), progress);
  }
  bool IsStored(blob::BlobStore& store, int i) {
    return store.Head(ManifestName(backups_[i].record)).has_value();
  }

  // A day in the life of a store; false where it was cut off.
  bool Story(blob::BlobStore& store) {
    return CopyOf(store, 0) && CopyOf(store, 1) && Delete(store, 0) && CopyOf(store, 2) &&
           Collect(store) && Delete(store, 1) && CopyOf(store, 0) && Collect(store);
  }

  std::map<int, Made> backups_;
};

TEST_F(StoreRemovalTest, FreesWhatNoOtherBackupNeeds) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(CopyOf(store_, i));
  EXPECT_EQ(Count("files/"), 8u);  // common, shared 0 to 3, keys 0 to 2
  const auto freed = Delete(store_, 1);
  ASSERT_TRUE(freed) << freed.error().message;
  EXPECT_EQ(freed->files, 1u) << "its KEYS: all else is shared with a neighbour";
  EXPECT_EQ(freed->bytes, 6u);
  EXPECT_EQ(freed->kept_because, "");
  ExpectSound(store_, "");
  EXPECT_EQ(Delete(store_, 0)->files, 3u);
  EXPECT_EQ(Delete(store_, 2)->files, 4u);
  EXPECT_EQ(Count(""), 0u);
  EXPECT_EQ(Delete(store_, 2).error().kind, ErrorKind::kBackupNotFound);
}

TEST_F(StoreRemovalTest, CollectsWhatACrashLeftOnceItsIntentHasEnded) {
  blob::CrashingStore crashing(store_, 3, true);
  EXPECT_FALSE(CopyOf(crashing, 0));
  EXPECT_GT(Count("files/"), 0u);
  EXPECT_EQ(Collect(store_)->files, 0u) << "the copy may still be under way";
  ExpectNothingLeaks(store_, "");
  EXPECT_EQ(Count(""), 0u);
}

TEST_F(StoreRemovalTest, FreesNothingWhileAManifestDoesNotOpen) {
  ASSERT_TRUE(CopyOf(store_, 0));
  ASSERT_TRUE(CopyOf(store_, 1));
  const std::string manifest = ManifestName(backups_[0].record);
  store_.Damage(manifest);
  EXPECT_THAT(Collect(store_).error().message, HasSubstr(manifest));
  const auto deleted = Delete(store_, 1);
  ASSERT_TRUE(deleted) << "its manifest is gone";
  EXPECT_THAT(deleted->kept_because, HasSubstr(manifest));
  EXPECT_EQ(Count("files/"), 6u);
  // Whoever knows that it is lost deletes it.
  EXPECT_THAT(Delete(store_, 0)->kept_because, HasSubstr("damaged"));
  ExpectNothingLeaks(store_, "");
  EXPECT_EQ(Count(""), 0u);
}

TEST_F(StoreRemovalTest, LeavesBackupsOfAnotherRootKeyAlone) {
  ASSERT_TRUE(CopyOf(store_, 0));
  const std::string name = ManifestName(backups_[1].record);
  const Bytes foreign =
      *blob::GetSmall(store_, ManifestName(backups_[0].record), kManifestBytesMax);
  ASSERT_TRUE(store_.Put(name, blob::MemorySource(foreign), {}));
  EXPECT_EQ(Delete(store_, 1).error().kind, ErrorKind::kCorruption);
  EXPECT_TRUE(store_.Head(name));
  EXPECT_EQ(Collect(store_).error().kind, ErrorKind::kCorruption);
}

TEST_F(StoreRemovalTest, ACrashAtAnyStepLosesAndLeaksNothing) {
  size_t steps = 0;
  for (const bool local : {false, true}) {
    for (const bool with_effect : {false, true}) {
      // A directory syncs, and differs in nothing that matters here.
      for (size_t at = local && with_effect ? 1 : 0;; at += local ? 11 : 1) {
        const std::string where = fmt::format("step {}{}{}", at, with_effect ? ", done" : "",
                                              local ? ", in a directory" : "");
        const std::string place = directory_.path() / fmt::format("store-{}-{}", at, with_effect);
        std::unique_ptr<blob::BlobStore> store;
        if (local) {
          store = std::move(*blob::LocalStore::Open(place));
        } else {
          store = std::make_unique<blob::MemStore>();
        }
        blob::CrashingStore crashing(*store, at, with_effect);
        const bool whole = Story(crashing);
        ExpectSound(*store, where);
        ExpectNothingLeaks(*store, where);
        // The next process does it all again.
        EXPECT_TRUE(Story(*store)) << where;
        EXPECT_TRUE(IsStored(*store, 0) && !IsStored(*store, 1) && IsStored(*store, 2)) << where;
        ExpectNothingLeaks(*store, where);
        store.reset();
        std::filesystem::remove_all(place);
        if (whole && !crashing.dead()) break;
        steps = std::max(steps, at);
      }
    }
  }
  EXPECT_GT(steps, 30u);
}

TEST_F(StoreRemovalTest, ADeletionAtAnyStepOfACopyTakesNothingFromIt) {
  for (size_t at = 0;; ++at) {
    blob::MemStore store;
    ASSERT_TRUE(CopyOf(store, 0));
    InterruptedStore interrupted(store, at, [&] {
      EXPECT_TRUE(Delete(store, 0));
      EXPECT_TRUE(Collect(store));
    });
    const auto copied = CopyOf(interrupted, 1);
    ASSERT_TRUE(copied) << at << ": " << copied.error().message;
    ExpectSound(store, std::to_string(at));
    ExpectNothingLeaks(store, std::to_string(at));
    EXPECT_TRUE(IsStored(store, 1)) << at;
    if (!interrupted.acted()) break;
  }
}

TEST_F(StoreRemovalTest, ACopyAtAnyStepOfADeletionKeepsItsFilesOrFails) {
  size_t refused = 0;
  for (size_t at = 0;; ++at) {
    blob::MemStore store;
    ASSERT_TRUE(CopyOf(store, 0));
    bool copied = false;
    InterruptedStore interrupted(store, at, [&] {
      const auto copy = CopyOf(store, 1);
      copied = copy.has_value();
      if (copied) return;
      ++refused;
      EXPECT_EQ(copy.error().kind, ErrorKind::kUnavailable);
    });
    ASSERT_TRUE(Delete(interrupted, 0)) << at;
    EXPECT_EQ(IsStored(store, 1), copied) << at;
    ExpectSound(store, std::to_string(at));
    ExpectNothingLeaks(store, std::to_string(at));
    ASSERT_TRUE(CopyOf(store, 1)) << "later it can be made";
    if (!interrupted.acted()) break;
  }
  EXPECT_GT(refused, 0u);
}

TEST_F(StoreRemovalTest, CopiesDeletionsAndCollectionsAtTheSameTime) {
  blob::MemStore store;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < 60; ++round) {
        const auto copied = CopyOf(store, thread);
        if (copied && round % 3 != 2) {
          CopyProgress progress;
          // Nobody else deletes it.
          const auto sound = StoreCopies(store, keys_, clock_).Verify(*copied, progress);
          EXPECT_TRUE(sound) << sound.error().message;
        }
        EXPECT_TRUE(copied || copied.error().kind == ErrorKind::kUnavailable);
        if (round % 2 == 0) (void)Delete(store, thread);
        if (round % 5 == thread) (void)Collect(store);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectSound(store, "at the end");
  ExpectNothingLeaks(store, "at the end");
}

}  // namespace
}  // namespace tidemark::backup
