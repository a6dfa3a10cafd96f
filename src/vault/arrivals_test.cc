// Copies that arrive side by side, and a disk that gets full.
#include "vault/arrivals.h"

#include <future>

#include "backup/offered_files.h"
#include "base/file_hook.h"
#include "base/files.h"
#include "pitr/images.h"
#include "vault/jobs_fixture.h"

namespace tidemark::vault {
namespace {

constexpr std::chrono::seconds kLong{240};

// Holds reads of files of one name, once there is such a read, until it is opened.
class HeldReads : public FileHook {
 public:
  explicit HeldReads(std::string end_of_path) : end_of_path_(std::move(end_of_path)) {
    SetFileHook(this);
  }
  ~HeldReads() override { SetFileHook(nullptr); }
  int Before(const FileCall& call) override {
    if (call.op != FileOp::kRead || !call.path.ends_with(end_of_path_)) return 0;
    if (!met_.exchange(true)) reached_.set_value();
    open_.wait();
    return 0;
  }
  bool WaitReached() { return reached_.get_future().wait_for(kLong) == std::future_status::ready; }
  void Open() { opened_.set_value(); }

 private:
  const std::string end_of_path_;
  std::atomic<bool> met_{false};
  std::promise<void> reached_, opened_;
  std::shared_future<void> open_ = opened_.get_future().share();
};

class ArrivalsTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    point_ = *store_->Find<PointRecord>(kPlace, VaultFixture::End(StartBackup())->point_arn);
    arrivals_.emplace(
        ArrivalParts{*store_, *catalog_, shards_, *engine_, *key_store_, TheSystemRandom()});
  }
  void TearDown() override {
    arrivals_.reset();
    VaultFixture::TearDown();
  }

  static ArrivalName Name(const std::string& job) { return {kPlace, job, "arn:sender"}; }

  // A copy of a file that is not here, under that name.
  peer::CopyStatus Begin(const std::string& job, const std::string& file, const Bytes& content) {
    Arrivals::Offer offer;
    offer.vault = "vault";
    offer.terms = {.source_account = kAccount.value,
                   .point = EncodeRecord(point_),
                   .backup = catalog::EncodeBackupRecord(*catalog_->FindBackup(point_.arn)),
                   .seconds = 3600,
                   .keys = *Keys()};
    offer.files = {{.name = file,
                    .bytes = content.size(),
                    .sha256 = crypto::Sha256(content),
                    .head = crypto::Sha256(BytesView(content).substr(0, peer::kHeadBytes))}};
    auto begun = arrivals_->Begin(Name(job), offer, shard_->Now());
    EXPECT_TRUE(begun) << begun.error().message;
    return *begun;
  }
  Result<std::vector<peer::SentKey>> Keys() {
    const auto backup = catalog_->FindBackup(point_.arn);
    TM_TRY(const auto keys, engine_->KeysOf(pitr::ImagePath(*shard_, backup->image)));
    std::vector<peer::SentKey> all;
    for (const engine::ImageKey& key : keys)
      all.push_back({.generation = key.generation, .current = key.current, .key = key.key});
    return all;
  }

  PointRecord point_;
  std::optional<Arrivals> arrivals_;
};

TEST_F(ArrivalsTest, NoneWaitsForAnotherWhoseFileIsBeingRead) {
  const Bytes content(100'000, 'x');
  Begin("first", "first.sst", content);
  Begin("second", "second.sst", content);
  HeldReads held("first.sst.part");
  // The last piece: the file is read whole, and compared.
  auto first = std::async(std::launch::async,
                          [&] { return arrivals_->Put(Name("first"), "first.sst", 0, content); });
  EXPECT_TRUE(held.WaitReached());
  auto beside = std::async(std::launch::async, [&] {
    arrivals_->Tend([&](const Region&) { return shard_->Now() + std::chrono::hours(2); });
    return arrivals_->Put(Name("third"), "x", 0, content);
  });
  auto second = std::async(std::launch::async, [&] {
    return arrivals_->Put(Name("second"), "second.sst", 0, BytesView(content).substr(0, 10));
  });
  EXPECT_EQ(second.wait_for(kLong), std::future_status::ready);
  EXPECT_EQ(beside.wait_for(kLong), std::future_status::ready);
  held.Open();
  EXPECT_EQ(*first.get(), content.size()) << "it was not given up while it was worked on";
}

TEST_F(ArrivalsTest, WhatEndsWhileItIsLookedForStays) {
  const Bytes content(1000, 'x');
  Begin("first", "first.sst", content);
  ASSERT_EQ(*arrivals_->Put(Name("first"), "first.sst", 0, content), content.size());
  // The open ones are known by now, and none of them is locked.
  arrivals_->Tend([&](const Region&) {
    const auto finished = arrivals_->Finish(Name("first"), shard_->Now());
    EXPECT_TRUE(finished && finished->state == peer::CopyState::kCompleted);
    return shard_->Now() + std::chrono::hours(2);
  });
  const auto made = arrivals_->Finish(Name("first"), shard_->Now());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(store_->Find<PointRecord>(kPlace, made->point_arn)->status, PointStatus::kCompleted);
  const auto backup = catalog_->FindBackup(made->point_arn);
  ASSERT_NE(backup, nullptr);
  EXPECT_TRUE(Exists(pitr::ImagePath(*shard_, backup->image) + "/first.sst"));
}

TEST_F(ArrivalsTest, NothingIsTakenBelowTheDisksReserve) {
  const Bytes content(1000, 'x');
  Begin("first", "first.sst", content);
  shard::ShardOptions options{.name = "full", .directory = (directory_.path() / "full").string()};
  options.disk_reserve_bytes = uint64_t{1} << 60;
  options.ask_space = [](const std::string&) -> Result<shard::Space> {
    return shard::Space{.free_bytes = 1, .total_bytes = 1'000'000};
  };
  const auto full =
      *shard::Shard::Open(std::move(options), log::MakeMemLog(7), *engine_, clock_, pool_);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (full->Writable() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // it looks now and then
  shards_.shard = full.get();
  const auto put = arrivals_->Put(Name("first"), "first.sst", 0, content);
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::kNoSpace);
  shards_.shard = shard_.get();
  EXPECT_EQ(*arrivals_->Put(Name("first"), "first.sst", 0, content), content.size());
}

}  // namespace
}  // namespace tidemark::vault
