// The power fails while a backup store in a directory is at work, at any operation of its disk:
// what was answered stays so, every backup that is seen is whole, and nothing leaks for ever.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "backup/store_leases.h"
#include "backup/store_removal.h"
#include "base/log.h"
#include "base/random.h"
#include "base/test_directory.h"
#include "blob/local/local_store.h"
#include "blob/transfer.h"
#include "faults/simulated_disk.h"

namespace tidemark::faults {
namespace {

namespace fs = std::filesystem;
using backup::CopyProgress;

constexpr int kCuts = 300;
constexpr int kBackups = 3;

// Wraps by adding the context.
class PlainDataKeys final : public crypto::DataKeyProvider {
 public:
  Result<crypto::DataKey> Generate(BytesView context) override {
    const auto key = crypto::Key256::Make(TheSystemRandom());
    TM_TRY(Bytes wrapped, Wrap(key, context));
    return crypto::DataKey{.key = key, .wrapped = std::move(wrapped)};
  }
  Result<crypto::Key256> Unwrap(BytesView wrapped, BytesView context) override {
    if (wrapped.substr(32) != context) return Fail(ErrorKind::kCorruption, "another context");
    return crypto::Key256::FromBytes(wrapped.substr(0, 32));
  }
  Result<Bytes> Wrap(const crypto::Key256& key, BytesView context) override {
    return Bytes(key.view()) + Bytes(context);
  }
};

class StorePowerCutTest : public testing::Test {
 protected:
  StorePowerCutTest() {
    SetLogLevel(LogLevel::kError);  // of leftovers, which are wanted
    for (int i = 0; i < kBackups; ++i) MakeImage(i);
  }

  // Neighbours share a file.
  void MakeImage(int i) {
    catalog::BackupRecord& record = records_[i];
    record.id = BackupId(fmt::format("0148960279714{}-00000000", i));
    record.name = "daily";
    record.source.account = AccountId("123456789012");
    record.source.region = Region("us-east-1");
    record.source.name = "Users";
    record.source.id = i == 0 ? TableId::Make(TheSystemRandom()) : records_[0].source.id;
    record.image.region = record.source.region;
    const std::string image = ImageOf(i);
    fs::create_directories(image);
    std::ofstream(image + "/1.sst") << std::string(3000, 'a') << i;
    std::ofstream(image + "/2.sst") << std::string(3000, 'a') << i + 1;
    std::ofstream(image + "/KEYS") << "keys" << i;
  }
  std::string ImageOf(int i) const { return base_ + "/image-" + std::to_string(i); }
  std::string Place() const { return base_ + "/disk"; }

  // What was answered last of each backup; nothing: an act on it was under way.
  using Answered = std::map<int, std::optional<bool>>;

  bool Copy(blob::BlobStore& store, int i, Answered& stored) {
    stored[i].reset();
    CopyProgress progress;
    if (!backup::StoreCopies(store, keys_, clock_).Copy(records_[i], ImageOf(i), progress))
      return false;
    stored[i] = true;
    return true;
  }
  bool Delete(blob::BlobStore& store, int i, Answered& stored) {
    stored[i].reset();
    CopyProgress progress;
    backup::StoreRemoval removal(store, keys_, clock_);
    const auto freed = removal.Delete(backup::ManifestName(records_[i]), progress);
    if (!freed) return false;
    stored[i] = false;
    return freed->kept_because.empty();
  }
  bool Collect(blob::BlobStore& store) {
    CopyProgress progress;
    return backup::StoreRemoval(store, keys_, clock_).Collect(progress).has_value();
  }
  // Puts over no blob: the disk does not model two directories that change places.
  bool Story(blob::BlobStore& store, Answered& stored) {
    return Copy(store, 0, stored) && Copy(store, 1, stored) && Delete(store, 0, stored) &&
           Copy(store, 2, stored) && Collect(store) && Delete(store, 1, stored) &&
           Copy(store, 0, stored) && Collect(store);
  }

  void Check(const Answered& stored, const std::string& where) {
    const auto opened = blob::LocalStore::Open(Place());
    ASSERT_TRUE(opened) << where << ": " << opened.error().message;
    blob::BlobStore& store = **opened;
    for (const auto& [i, there] : stored) {
      if (!there) continue;
      EXPECT_EQ(store.Head(backup::ManifestName(records_[i])).has_value(), *there)
          << where << ", backup " << i;
    }
    clock_.Advance(std::chrono::hours(49));
    ASSERT_TRUE(Collect(store)) << where;
    std::set<std::string> wanted, there;
    backup::StoreCopies copies(store, keys_, clock_);
    const auto blobs = blob::ListAll(store, "");
    for (const auto& one : *blobs) {
      there.insert(one.name);
      if (!one.name.starts_with(backup::kManifests)) continue;
      wanted.insert(one.name);
      CopyProgress progress;
      const auto verified = copies.Verify(one.name, progress);
      ASSERT_TRUE(verified) << where << ": " << verified.error().message;
      wanted.merge(backup::BlobsOf(*verified));
    }
    EXPECT_EQ(there, wanted) << where;
  }

  const TestDirectory directory_ = TestDirectory::InMemory();
  const std::string base_ = directory_.path();
  std::map<int, catalog::BackupRecord> records_;
  PlainDataKeys keys_;
  ManualClock clock_{FromMicros(1'700'000'000'000'000)};
};

TEST_F(StorePowerCutTest, WhatWasAnsweredStaysAndNothingIsHalf) {
  uint64_t operations = 0;
  std::mt19937_64 random(20261127);
  for (int cut = 0; cut <= kCuts; ++cut) {
    fs::remove_all(Place());
    Answered stored;
    uint64_t at = 0;
    {
      SimulatedDisk disk(Place(), static_cast<uint64_t>(cut));
      if (cut > 0) {  // the first run only counts
        at = 1 + random() % operations;
        disk.StopAt(at, Stop::kPowerCut);
      }
      if (auto store = blob::LocalStore::Open(Place())) {
        const bool whole = Story(**store, stored);
        EXPECT_TRUE(whole || disk.stopped()) << "cut " << cut;
      }
      if (cut == 0) operations = disk.operations();
      if (!disk.stopped()) disk.StopNow(Stop::kPowerCut);
      disk.Restore();
    }
    Check(stored, fmt::format("cut {}, at operation {} of {}", cut, at, operations));
  }
  EXPECT_GT(operations, 300u);
}

}  // namespace
}  // namespace tidemark::faults
