#include "backup/store_copies.h"

#include <gmock/gmock.h>

#include "backup/store_fixture.h"
#include "base/files.h"
#include "blob/decorators/faulty_store.h"
#include "blob/transfer.h"

namespace tidemark::backup {
namespace {

using testing::HasSubstr;

class StoreCopiesTest : public StoreFixture {};

TEST_F(StoreCopiesTest, FetchesWhatWasCopied) {
  const auto manifest = Copy();
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(Count("intents/"), 0u);
  EXPECT_EQ(Count("files/"), 2u) << "a run that is being made is no part of the image";
  CopyProgress progress;
  const std::string to = directory_.path() / "fetched";
  const auto fetched = copies_.Fetch(*manifest, to, progress);
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->backup.Arn(), backup_.Arn());
  EXPECT_EQ(*ReadFile(to + "/1.sst"), "shared by two backups");
  EXPECT_EQ(*ReadFile(to + "/KEYS"), "keys");
  EXPECT_EQ(progress.bytes_done, progress.bytes_total);
  EXPECT_THAT(copies_.List(backup_.source.account, "", 10)->manifests,
              testing::ElementsAre(*manifest));
  EXPECT_TRUE(copies_.List(backup_.source.account, *manifest, 10)->manifests.empty());
  EXPECT_TRUE(copies_.List(AccountId("000000000000"), "", 10)->manifests.empty());
}

TEST_F(StoreCopiesTest, OneFileOfManyThatIsGoneEndsTheFetchAndIsNamed) {
  for (int i = 0; i < 30; ++i)
    Write(fmt::format("{}.sst", 100 + i), std::string(9000, 'a') + std::to_string(i));
  const auto manifest = Copy();
  ASSERT_TRUE(manifest) << manifest.error().message;
  const auto files = copies_.Read(*manifest)->files;
  const auto gone = std::ranges::find(files, "111.sst", &StoredFile::name);
  ASSERT_TRUE(store_.Delete(FileBlobName(gone->sha256)));
  CopyProgress progress;
  const auto fetched = copies_.Fetch(*manifest, directory_.path() / "fetched", progress);
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().kind, ErrorKind::kNotFound) << fetched.error().message;
  EXPECT_THAT(fetched.error().message, testing::HasSubstr(FileBlobName(gone->sha256)));
  EXPECT_LT(progress.bytes_done, progress.bytes_total);
}

TEST_F(StoreCopiesTest, StoresAFileOfTwoBackupsOnce) {
  ASSERT_TRUE(Copy());
  backup_.id = BackupId("01489602797150-00000000");
  Write("KEYS", "other keys");
  ASSERT_TRUE(Copy());
  EXPECT_EQ(Count("manifests/"), 2u);
  EXPECT_EQ(Count("files/"), 3u);
}

TEST_F(StoreCopiesTest, VerifiesEveryFile) {
  const auto manifest = Copy();
  CopyProgress progress;
  ASSERT_TRUE(copies_.Verify(*manifest, progress));
  const std::string file = FileBlobName(crypto::Sha256("keys"));
  store_.Damage(file);
  const auto damaged = copies_.Verify(*manifest, progress);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(damaged.error().message, HasSubstr(file));
  ASSERT_TRUE(store_.Put(file, blob::MemorySource("mine"), {}));
  EXPECT_EQ(copies_.Verify(*manifest, progress).error().kind, ErrorKind::kCorruption);
  ASSERT_TRUE(store_.Delete(file));
  EXPECT_EQ(copies_.Verify(*manifest, progress).error().kind, ErrorKind::kNotFound);
}

TEST_F(StoreCopiesTest, OpensNoManifestThatWasChangedOrMoved) {
  const auto name = Copy();
  const Bytes manifest = *blob::GetSmall(store_, *name, kManifestBytesMax);
  ASSERT_TRUE(OpenManifest(manifest, *name, keys_));
  EXPECT_EQ(OpenManifest(manifest, *name + "x", keys_).error().kind, ErrorKind::kCorruption);
  for (size_t i = 0; i < manifest.size(); ++i) {
    Bytes changed = manifest;
    changed[i] ^= 1;
    const auto opened = OpenManifest(changed, *name, keys_);
    ASSERT_FALSE(opened) << i;
    EXPECT_EQ(opened.error().kind, ErrorKind::kCorruption) << i;
    EXPECT_FALSE(OpenManifest(manifest.substr(0, i), *name, keys_)) << i;
  }
}

TEST_F(StoreCopiesTest, ACopyThatFailsAnywhereLeavesNoManifest) {
  struct NoPause final : blob::Pause {
    Result<void> For(Micros) override { return {}; }
  } pause;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    blob::MemStore store;
    blob::FaultyStore faulty(store, {.before = 0.1, .after = 0.1, .torn = 0.1}, seed, pause);
    StoreCopies copies(faulty, keys_, clock_);
    CopyProgress progress;
    const auto copied = copies.Copy(backup_, Image(), progress);
    const auto manifests = blob::ListAll(store, "manifests/");
    StoreCopies sound(store, keys_, clock_);
    // Whoever sees a manifest, even of a copy that was told of a failure, has all files.
    for (const auto& manifest : *manifests) {
      EXPECT_TRUE(sound.Verify(manifest.name, progress)) << "seed " << seed;
    }
    EXPECT_TRUE(!copied || manifests->size() == 1) << "seed " << seed;
  }
}

TEST_F(StoreCopiesTest, GoesOnFromWhatIsThere) {
  CopyProgress stopped;
  stopped.stop = true;
  EXPECT_EQ(copies_.Copy(backup_, Image(), stopped).error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(Count(""), 0u);
  ASSERT_TRUE(Copy());
  ASSERT_TRUE(Copy()) << "again, over what is there";
  EXPECT_EQ(Count("manifests/"), 1u);
}

// A store in which a collector, that has not seen the copy's intent, removes a file once.
class CollectedStore final : public blob::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Result<blob::BlobInfo> Put(std::string_view name, const blob::BlobSource& source,
                             const blob::PutOptions& options) override {
    if (name.starts_with("manifests/"))
      TM_TRYV(inner_.Delete(FileBlobName(crypto::Sha256("keys"))));
    return inner_.Put(name, source, options);
  }
};

TEST_F(StoreCopiesTest, LooksAgainForFilesThatWereFound) {
  ASSERT_TRUE(Copy());
  CollectedStore collected(store_);
  StoreCopies copies(collected, keys_, clock_);
  CopyProgress progress;
  const auto manifest = copies.Copy(backup_, Image(), progress);
  ASSERT_TRUE(manifest);
  EXPECT_TRUE(copies_.Verify(*manifest, progress));
}

}  // namespace
}  // namespace tidemark::backup
