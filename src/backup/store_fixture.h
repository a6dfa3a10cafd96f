// For tests: a store in memory, and a backup whose image is made of files by the test.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "backup/store_copies.h"
#include "backup/store_leases.h"
#include "backup/store_removal.h"
#include "base/test_directory.h"
#include "blob/decorators/forwarding_store.h"
#include "blob/mem/mem_store.h"
#include "blob/transfer.h"

namespace tidemark::backup {

// Wraps by adding the context, so that one that differs is noticed.
class PlainKeys final : public crypto::DataKeyProvider {
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

// Before call number `at` another does something to the store.
class InterruptedStore final : public blob::ForwardingStore {
 public:
  InterruptedStore(blob::BlobStore& inner, size_t at, std::function<void()> act)
      : ForwardingStore(inner), left_(at), act_(std::move(act)) {}
  Result<blob::BlobInfo> Put(std::string_view name, const blob::BlobSource& source,
                             const blob::PutOptions& options) override {
    Step();
    return inner_.Put(name, source, options);
  }
  Result<blob::BlobPart> Get(std::string_view name, blob::ByteRange range) override {
    Step();
    return inner_.Get(name, range);
  }
  Result<blob::BlobInfo> Head(std::string_view name) override {
    Step();
    return inner_.Head(name);
  }
  Result<blob::ListPage> List(const blob::ListQuery& query) override {
    Step();
    return inner_.List(query);
  }
  Result<void> Delete(std::string_view name) override {
    Step();
    return inner_.Delete(name);
  }
  bool acted() const { return acted_; }

 private:
  void Step() {
    if (acted_ || left_-- > 0) return;
    acted_ = true;
    act_();
  }
  size_t left_;
  bool acted_ = false;
  const std::function<void()> act_;
};

class StoreFixture : public testing::Test {
 protected:
  StoreFixture() {
    Write("1.sst", "shared by two backups");
    Write("KEYS", "keys");
    Write("run-making-0.sst", "half");
    backup_.id = BackupId("01489602797149-73d8d5bc");
    backup_.name = "daily";
    backup_.source.account = AccountId("123456789012");
    backup_.source.region = Region("us-east-1");
    backup_.source.name = "Users";
    backup_.source.id = TableId::Make(TheSystemRandom());
    backup_.image.region = backup_.source.region;
  }

  std::string Image() const { return directory_.path() / "image"; }
  void Write(const std::string& name, const std::string& content) {
    std::filesystem::create_directories(Image());
    std::ofstream(Image() + "/" + name) << content;
  }
  Result<std::string> Copy() {
    CopyProgress progress;
    return copies_.Copy(backup_, Image(), progress);
  }
  size_t Count(const std::string& prefix) { return blob::ListAll(store_, prefix)->size(); }
  Result<Freed> Collect(blob::BlobStore& store) {
    CopyProgress progress;
    return StoreRemoval(store, keys_, clock_).Collect(progress);
  }

  std::vector<std::string> Names(blob::BlobStore& store, std::string_view prefix) {
    std::vector<std::string> names;
    const auto listed = blob::ListAll(store, prefix);
    for (const auto& one : *listed) names.push_back(one.name);
    return names;
  }

  // Every stored backup has all of its files.
  void ExpectSound(blob::BlobStore& store, const std::string& where) {
    StoreCopies copies(store, keys_, clock_);
    for (const std::string& manifest : Names(store, kManifests)) {
      CopyProgress progress;
      const auto verified = copies.Verify(manifest, progress);
      EXPECT_TRUE(verified) << where << ": " << verified.error().message;
    }
  }

  // Once all leases have ended, a collection leaves what the backups are made of and nothing else.
  void ExpectNothingLeaks(blob::BlobStore& store, const std::string& where) {
    clock_.Advance(std::chrono::hours(49));
    const auto collected = Collect(store);
    ASSERT_TRUE(collected) << where << ": " << collected.error().message;
    ExpectSound(store, where);
    std::set<std::string> wanted;
    StoreCopies copies(store, keys_, clock_);
    for (const std::string& manifest : Names(store, kManifests)) {
      wanted.insert(manifest);
      wanted.merge(BlobsOf(*copies.Read(manifest)));
    }
    EXPECT_THAT(Names(store, ""), testing::UnorderedElementsAreArray(wanted)) << where;
  }

  const TestDirectory directory_ = TestDirectory::InMemory();
  catalog::BackupRecord backup_;
  blob::MemStore store_;
  PlainKeys keys_;
  ManualClock clock_{FromMicros(1'700'000'000'000'000)};
  StoreCopies copies_{store_, keys_, clock_};
};

}  // namespace tidemark::backup
