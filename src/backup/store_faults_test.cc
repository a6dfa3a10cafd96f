// Random faults in the files of a store that is a directory: each is found, the blob is named, and
// nothing of it comes back.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "backup/store_contents.h"
#include "backup/store_fixture.h"
#include "backup/store_removal.h"
#include "base/files.h"
#include "blob/local/local_store.h"

namespace tidemark::backup {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kFaults = 3000;
constexpr int kFetchEvery = 300;  // it syncs

struct BlobOnDisk {
  std::string name;       // of the blob
  std::string directory;  // of its one file
  fs::path File() const { return fs::directory_iterator(directory)->path(); }
};

class StoreFaultsTest : public StoreFixture {
 protected:
  void SetUp() override {
    const std::string place = directory_.path() / "store";
    local_ = std::move(*blob::LocalStore::Open(place));
    MakeBackup("01489602797149-00000001", "one");
    MakeBackup("01489602797150-00000002", "two");
    const auto listed = blob::ListAll(*local_, "");
    for (const auto& one : *listed) blobs_.push_back({one.name, DirectoryOf(place, one.name)});
  }

  void MakeBackup(const char* id, const std::string& text) {
    backup_.id = BackupId(id);
    Write("000001.sst", std::string(5000, 'a') + text);
    Write("000002.sst", std::string(100, 'b'));  // of both
    Write("MANIFEST-000003", std::string(300, 'm') + text);
    Write("KEYS", "keys of " + text);
    Write("run.sst", std::string(40, 'r') + text);
    CopyProgress progress;
    const auto copied = StoreCopies(*local_, keys_, clock_).Copy(backup_, Image(), progress);
    ASSERT_TRUE(copied) << copied.error().message;
    manifests_.push_back(*copied);
  }

  // Each piece of a name is a directory (docs/formats/blob_store.md).
  static std::string DirectoryOf(const std::string& place, std::string name) {
    std::string path = place + "/blobs/";
    for (const char c : name) path += c == '/' ? "+/" : std::string(1, c);
    return path + "=";
  }

  size_t Below(size_t bound) { return random_() % bound; }
  const BlobOnDisk& Any() { return blobs_[Below(blobs_.size())]; }

  // Does one fault; gives what to undo it with and says in `names` which blobs it hit.
  std::function<void()> Fault(std::vector<std::string>* names) {
    const BlobOnDisk& hit = Any();
    const fs::path file = hit.File();
    const Bytes was = *ReadFile(file);
    *names = {hit.name};
    const auto put_back = [file, was] { std::ofstream(file, std::ios::binary) << was; };
    const auto write = [&](const Bytes& bytes) { std::ofstream(file, std::ios::binary) << bytes; };
    switch (Below(7)) {
      case 0: {  // a bit
        Bytes now = was;
        now[Below(now.size())] ^= static_cast<char>(1 << Below(8));
        write(now);
        return put_back;
      }
      case 1:  // cut
        write(was.substr(0, Below(was.size())));
        return put_back;
      case 2:  // longer
        write(was + "x");
        return put_back;
      case 3: {  // zeros, as of a lost page
        Bytes now = was;
        const size_t from = Below(now.size());
        const size_t bytes = 1 + Below(now.size() - from);
        now.replace(from, bytes, bytes, '\0');
        if (now == was) now[from] ^= 1;
        write(now);
        return put_back;
      }
      case 4: {  // missing
        const std::string aside = directory_.path() / "aside";
        fs::rename(hit.directory, aside);
        return [aside, to = hit.directory] { fs::rename(aside, to); };
      }
      case 5: {  // another blob in its place, with its own size and checksum
        const BlobOnDisk* other = &Any();
        while (other == &hit) other = &Any();
        names->push_back(other->name);
        return Exchange(hit, *other);
      }
      default: {  // its name on disk says another checksum
        std::string name = file.filename();
        char& digit = name[name.find('.') + 1 + Below(64)];
        digit = digit == '0' ? '1' : '0';
        const fs::path renamed = file.parent_path() / name;
        fs::rename(file, renamed);
        return [renamed, file] { fs::rename(renamed, file); };
      }
    }
  }

  std::function<void()> Exchange(const BlobOnDisk& a, const BlobOnDisk& b) {
    const auto exchange = [a, b, aside = (directory_.path() / "aside").string()] {
      fs::rename(a.directory, aside);
      fs::rename(b.directory, a.directory);
      fs::rename(aside, b.directory);
    };
    exchange();
    return exchange;
  }

  // The faults that verifying both backups tells of.
  std::vector<Error> VerifyAll() {
    std::vector<Error> errors;
    StoreCopies copies(*local_, keys_, clock_);
    for (const std::string& manifest : manifests_) {
      CopyProgress progress;
      const auto verified = copies.Verify(manifest, progress);
      if (!verified) errors.push_back(verified.error());
    }
    return errors;
  }

  std::unique_ptr<blob::BlobStore> local_;
  std::vector<std::string> manifests_;
  std::vector<BlobOnDisk> blobs_;
  std::mt19937_64 random_{20261127};
};

TEST_F(StoreFaultsTest, EveryFaultIsFoundAndNamedAndNothingComesBack) {
  ASSERT_TRUE(VerifyAll().empty());
  ASSERT_EQ(blobs_.size(), 12u);  // two manifests, ten files: two are of both
  StoreCopies copies(*local_, keys_, clock_);
  for (int round = 0; round < kFaults; ++round) {
    std::vector<std::string> names;
    const auto undo = Fault(&names);
    const auto errors = VerifyAll();
    ASSERT_FALSE(errors.empty()) << "round " << round << ": " << names[0];
    bool named = false;
    for (const Error& error : errors) {
      EXPECT_TRUE(error.kind == ErrorKind::kCorruption || error.kind == ErrorKind::kNotFound)
          << error.message;
      named = named || std::ranges::any_of(names, [&](const std::string& name) {
                return error.message.find(name) != std::string::npos;
              });
    }
    EXPECT_TRUE(named) << "round " << round << ": " << names[0] << ": " << errors[0].message;
    if (round % kFetchEvery == 0) {
      size_t failed = 0;
      for (const std::string& manifest : manifests_) {
        CopyProgress progress;
        const std::string to = directory_.path() / "fetched";
        failed += copies.Fetch(manifest, to, progress) ? 0 : 1;
        fs::remove_all(to);
      }
      EXPECT_EQ(failed, errors.size()) << "round " << round << ": " << names[0];
    }
    undo();
  }
  EXPECT_TRUE(VerifyAll().empty());
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
