// Random faults in the files of a store that is a directory. tests/ceph has those of a bucket.
#include <gmock/gmock.h>

#include "backup/faults_fixture.h"
#include "backup/store_contents.h"
#include "backup/store_removal.h"
#include "base/files.h"
#include "blob/local/local_store.h"

namespace tidemark::backup {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A blob is the one file of a directory; its name has the checksum.
class RawFiles final : public RawBlobs {
 public:
  explicit RawFiles(std::string place) : place_(std::move(place)) {}

  RawBlob Read(const std::string& name) override {
    const fs::path file = fs::directory_iterator(DirectoryOf(name))->path();
    return {.bytes = *ReadFile(file), .label = file.filename()};
  }
  void Write(const std::string& name, const RawBlob& blob) override {
    Remove(name);
    fs::create_directory(DirectoryOf(name));
    std::ofstream(DirectoryOf(name) + "/" + blob.label, std::ios::binary) << blob.bytes;
  }
  void Remove(const std::string& name) override { fs::remove_all(DirectoryOf(name)); }

 private:
  // Each piece of a name is a directory (docs/formats/blob_store.md).
  std::string DirectoryOf(const std::string& name) const {
    std::string path = place_ + "/blobs/";
    for (const char c : name) path += c == '/' ? "+/" : std::string(1, c);
    return path + "=";
  }

  const std::string place_;
};

class StoreFaultsTest : public StoreFaults {
 protected:
  void SetUp() override {
    local_ = std::move(*blob::LocalStore::Open(directory_.path() / "store"));
    Begin(*local_, files_);
  }

  std::unique_ptr<blob::BlobStore> local_;
  RawFiles files_{directory_.path() / "store"};
};

TEST_F(StoreFaultsTest, EveryFaultIsFoundAndNamedAndNothingComesBack) {
  ExpectEveryFaultIsFound(3000, 300);
}

TEST_F(StoreFaultsTest, AnOldManifestThatIsPutBackBringsNoDeletedBackup) {
  const Bytes old = *blob::GetSmall(*local_, manifests_[0], kManifestBytesMax);
  CopyProgress progress;
  StoreRemoval removal(*local_, keys_, clock_);
  ASSERT_TRUE(removal.Delete(manifests_[0], progress));
  ASSERT_TRUE(local_->Put(manifests_[0], blob::MemorySource(old), {}));
  const auto errors = VerifyAll();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].kind, ErrorKind::kNotFound);
  EXPECT_THAT(errors[0].message, HasSubstr("files/"));
  // As that of another backup it does not open.
  ASSERT_TRUE(local_->Put(manifests_[1], blob::MemorySource(old), {}));
  EXPECT_EQ(VerifyAll().size(), 2u);
  const auto contents = ReadContents(*local_, keys_);
  ASSERT_EQ(contents->unopened.size(), 1u);
  EXPECT_EQ(contents->unopened[0].manifest, manifests_[1]);
}

}  // namespace
}  // namespace tidemark::backup
