// For tests: random faults in what lies in a store, done behind its back. Each must be found, the
// blob named, and nothing of it come back.
#pragma once
#include <random>

#include "backup/store_fixture.h"

namespace tidemark::backup {

// A blob as who may write to the store's disk, or its bucket, sees it.
struct RawBlob {
  Bytes bytes;
  std::string label;  // what the store keeps with it: has the checksum in hex
};

class RawBlobs {
 public:
  virtual ~RawBlobs() = default;
  virtual RawBlob Read(const std::string& name) = 0;
  virtual void Write(const std::string& name, const RawBlob& blob) = 0;
  virtual void Remove(const std::string& name) = 0;
};

class StoreFaults : public StoreFixture {
 protected:
  // Two backups into the store, which is empty; two files are of both. Borrows store and `raw`.
  void Begin(blob::BlobStore& store, RawBlobs& raw) {
    under_test_ = &store;
    raw_ = &raw;
    MakeBackup("01489602797149-00000001", "one");
    MakeBackup("01489602797150-00000002", "two");
    blobs_ = Names(store, "");
    ASSERT_EQ(blobs_.size(), 12u);  // two manifests, ten files: two are of both
    ASSERT_TRUE(VerifyAll().empty());
  }

  // `fetch_every`: of so many faults one is fetched as well, which syncs.
  void ExpectEveryFaultIsFound(int faults, int fetch_every) {
    for (int round = 0; round < faults; ++round) {
      const std::vector<std::string> names = Fault();
      const std::string where = fmt::format("round {}: {}", round, names[0]);
      const auto errors = VerifyAll();
      ASSERT_FALSE(errors.empty()) << where;
      for (const Error& error : errors)
        EXPECT_TRUE(error.kind == ErrorKind::kCorruption || error.kind == ErrorKind::kNotFound)
            << where << ": " << error.message;
      EXPECT_TRUE(Named(names, errors)) << where << ": " << errors[0].message;
      if (round % fetch_every == 0) {
        EXPECT_EQ(FailedFetches(), errors.size()) << where;
      }
      for (const auto& [name, was] : undo_) raw_->Write(name, was);
    }
    EXPECT_TRUE(VerifyAll().empty());
  }

  // The faults that verifying the backups tells of.
  std::vector<Error> VerifyAll() {
    std::vector<Error> errors;
    StoreCopies copies(*under_test_, keys_, clock_);
    for (const std::string& manifest : manifests_) {
      CopyProgress progress;
      const auto verified = copies.Verify(manifest, progress);
      if (!verified) errors.push_back(verified.error());
    }
    return errors;
  }

  std::vector<std::string> manifests_;

 private:
  void MakeBackup(const char* id, const std::string& text) {
    backup_.id = BackupId(id);
    Write("000001.sst", std::string(5000, 'a') + text);
    Write("000002.sst", std::string(100, 'b'));  // of both
    Write("MANIFEST-000003", std::string(300, 'm') + text);
    Write("KEYS", "keys of " + text);
    Write("run.sst", std::string(40, 'r') + text);
    CopyProgress progress;
    const auto copied = StoreCopies(*under_test_, keys_, clock_).Copy(backup_, Image(), progress);
    ASSERT_TRUE(copied) << copied.error().message;
    manifests_.push_back(*copied);
  }

  static bool Named(const std::vector<std::string>& names, const std::vector<Error>& errors) {
    for (const std::string& name : names) {
      for (const Error& error : errors) {
        if (error.message.find(name) != std::string::npos) return true;
      }
    }
    return false;
  }

  size_t FailedFetches() {
    size_t failed = 0;
    for (const std::string& manifest : manifests_) {
      CopyProgress progress;
      const std::string to = directory_.path() / "fetched";
      failed += StoreCopies(*under_test_, keys_, clock_).Fetch(manifest, to, progress) ? 0 : 1;
      std::filesystem::remove_all(to);
    }
    return failed;
  }

  size_t Below(size_t bound) { return random_() % bound; }
  const std::string& Any() { return blobs_[Below(blobs_.size())]; }

  // Does one; gives which blobs it hit, and `undo_` has what they were.
  std::vector<std::string> Fault() {
    const std::string& hit = Any();
    const RawBlob was = raw_->Read(hit);
    RawBlob now = was;
    undo_ = {{hit, was}};
    switch (Below(7)) {
      case 0:  // a bit
        now.bytes[Below(now.bytes.size())] ^= static_cast<char>(1 << Below(8));
        break;
      case 1:  // cut
        now.bytes.resize(Below(now.bytes.size()));
        break;
      case 2:  // longer
        now.bytes += "x";
        break;
      case 3: {  // zeros, as of a lost page
        const size_t from = Below(now.bytes.size());
        const size_t bytes = 1 + Below(now.bytes.size() - from);
        now.bytes.replace(from, bytes, bytes, '\0');
        if (now.bytes == was.bytes) now.bytes[from] ^= 1;
        break;
      }
      case 4:  // missing
        raw_->Remove(hit);
        return {hit};
      case 5: {  // another blob in its place, with its own size and checksum
        const std::string* other = &Any();
        while (*other == hit) other = &Any();
        undo_.emplace_back(*other, raw_->Read(*other));
        raw_->Write(hit, undo_.back().second);
        raw_->Write(*other, was);
        return {hit, *other};
      }
      default: {  // what lies beside it says another checksum
        const std::string sha256 = blob::HexOf(crypto::Sha256(was.bytes));
        const size_t at = was.label.find(sha256);
        EXPECT_NE(at, std::string::npos) << was.label;
        char& digit = now.label[at + Below(sha256.size())];
        digit = digit == '0' ? '1' : '0';
      }
    }
    raw_->Write(hit, now);
    return {hit};
  }

  blob::BlobStore* under_test_ = nullptr;
  RawBlobs* raw_ = nullptr;
  std::vector<std::string> blobs_;
  std::vector<std::pair<std::string, RawBlob>> undo_;
  std::mt19937_64 random_{20261127};
};

}  // namespace tidemark::backup
