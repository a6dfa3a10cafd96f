// Restores of tables as jobs: what is told of them, cancelling, stopping and going on.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/test_directory.h"
#include "storage.h"

namespace tidemark {
namespace {

using restore::RestoreStatus;

const AccountId kAccountOfJobs("123456789012");
const Region kRegionOfJobs("us-east-1");
constexpr int kItems = 50;

// Holds up the threads of a pool.
class Gate {
 public:
  void Close(runtime::BlockingPool& pool, int threads) {
    for (int i = 0; i < threads; ++i) {
      ASSERT_TRUE(pool.Submit([this] {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
      }));
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ == threads; });
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

class TableRestores : public testing::Test {
 protected:
  TableRestores()
      : keys_(kms::RootKey(crypto::Key256::Make(TheSystemRandom())), TheSystemRandom()) {
    Open();
    catalog::TableRecord record;
    record.account = kAccountOfJobs;
    record.region = kRegionOfJobs;
    record.name = "Source";
    record.id = id_ = TableId::Make(TheSystemRandom());
    record.status = catalog::TableStatus::kActive;
    record.keys.partition = {"pk", item::Type::kString};
    record.attributes = {{"pk", item::Type::kString}};
    EXPECT_TRUE((*storage_->regions->Ensure(kRegionOfJobs))->CreateTable(id_, "{}").has_value());
    EXPECT_TRUE(storage_->catalog->InsertTable(record).has_value());
    EXPECT_TRUE(
        storage_->recovery->Update(kAccountOfJobs, kRegionOfJobs, "Source", true, {}).has_value());
    for (int i = 0; i < kItems; ++i) Put("item-" + std::to_string(i));
  }

  void Open() {
    storage_.reset();
    auto opened = Storage::Open({.directory = directory_.path()}, clock_, keys_);
    if (!opened) throw std::runtime_error(opened.error().message);
    storage_ = std::move(*opened);
  }

  void Put(const std::string& name) {
    item::Item item;
    item.Set("pk", item::AttributeValue(name));
    const Bytes row = item::EncodeItem(item);
    auto& shard = *storage_->regions->Find(kRegionOfJobs);
    auto evaluate = [&](const std::optional<Bytes>&) -> Result<shard::Mutation> {
      return shard::Mutation{.kind = shard::Mutation::Kind::kPut,
                             .value = row,
                             .new_size = *item::EncodedItemSize(row)};
    };
    const Bytes key = item::RowKey(item::kPrimaryIndex, *item.Find("pk"), nullptr);
    ASSERT_TRUE(runtime::RunBlocking(storage_->threads.context(0),
                                     shard.Write({shard.Find(id_), key, evaluate}, {}))
                    .has_value());
  }

  catalog::TablePtr Begin(const std::string& target) {
    restore::ToPointInTime request;
    request.account = kAccountOfJobs;
    request.region = kRegionOfJobs;
    request.source_table = "Source";
    request.target = target;
    request.access_key = "AKIA";
    request.use_latest = true;
    const auto begun = storage_->restores->Start(request);
    EXPECT_TRUE(begun.has_value()) << begun.error().message;
    return *begun;
  }

  Result<restore::RestoreReportPtr> Cancel(const std::string& target) {
    return storage_->restores->Cancel(kAccountOfJobs, kRegionOfJobs, target);
  }
  RestoreStatus StatusOf(const catalog::TablePtr& table) {
    return storage_->restore_reports->Find(table->id)->status;
  }

  TestDirectory directory_;
  SteppedClock clock_;
  kms::RootKeyProvider keys_;
  std::unique_ptr<Storage> storage_;
  TableId id_;
};

TEST_F(TableRestores, OneIsCancelledAnotherEnds) {
  Gate gate;
  gate.Close(storage_->jobs, 2);
  const auto cancelled = Begin("Cancelled"), kept = Begin("Kept");
  const auto progress = storage_->restores->ProgressOf(cancelled->id);
  ASSERT_NE(progress, nullptr);
  EXPECT_EQ(progress->phase(), restore::Phase::kWaiting);
  EXPECT_EQ(progress->percent(), 0);
  EXPECT_EQ(StatusOf(cancelled), RestoreStatus::kRunning);
  ASSERT_TRUE(Cancel("Cancelled").has_value());
  EXPECT_EQ(StatusOf(cancelled), RestoreStatus::kCancelling);
  gate.Open();
  EXPECT_EQ(storage_->WaitActive(cancelled), nullptr);
  ASSERT_NE(storage_->WaitActive(kept), nullptr);
  storage_->jobs.Stop();  // all is told

  EXPECT_EQ(StatusOf(cancelled), RestoreStatus::kCancelled);
  const auto report = storage_->restore_reports->Newest(kAccountOfJobs, kRegionOfJobs, "Kept");
  EXPECT_EQ(report->status, RestoreStatus::kCompleted);
  EXPECT_EQ(report->items, kItems);
  EXPECT_EQ(report->changes, kItems);
  EXPECT_EQ(report->access_key, "AKIA");
  EXPECT_GE(report->ended, report->created);
  EXPECT_EQ(storage_->restores->ProgressOf(kept->id), nullptr);
  EXPECT_EQ(Cancel("Kept").error().kind, ErrorKind::kResourceNotFound);
  EXPECT_EQ(Cancel("Never").error().kind, ErrorKind::kResourceNotFound);
}

TEST_F(TableRestores, WhatWasCancelledIsNotThereHoweverLateItWas) {
  int held = 0, refused = 0;
  std::chrono::microseconds delay{500};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(240);
  const auto goes_on = [&] { return std::chrono::steady_clock::now() < deadline; };
  for (int i = 0; (i < 30 || held == 0 || refused == 0) && goes_on(); ++i) {
    const std::string name = "Copy-" + std::to_string(i);
    const auto table = Begin(name);
    const auto progress = storage_->restores->ProgressOf(table->id);
    const auto runs = [&] { return storage_->restores->ProgressOf(table->id) != nullptr; };
    while (progress && progress->phase() != restore::Phase::kChecking && runs() && goes_on())
      std::this_thread::yield();
    std::this_thread::sleep_for(delay);
    const auto cancelled = Cancel(name);
    const bool there = storage_->WaitActive(table) != nullptr;
    EXPECT_EQ(there, !cancelled.has_value()) << i;
    ++(cancelled ? held : refused);
    // About the moment from which on it is refused, wherever that is on this machine.
    delay = cancelled ? delay * 3 / 2 + std::chrono::microseconds(10) : delay * 2 / 3;
  }
  storage_->jobs.Stop();
  for (const auto& report : storage_->restore_reports->List(kAccountOfJobs, kRegionOfJobs, {}))
    EXPECT_NE(report->status, RestoreStatus::kCancelling);
  EXPECT_GE(held, 1);
  EXPECT_GE(refused, 1);
}

TEST_F(TableRestores, AStopKeepsThemForTheNextStart) {
  Gate gate;
  gate.Close(storage_->jobs, 2);
  const auto first = Begin("First"), cancelled = Begin("Cancelled");
  ASSERT_TRUE(Cancel("Cancelled").has_value());
  storage_->restores->Stop();
  gate.Open();
  Open();
  EXPECT_EQ(StatusOf(first), RestoreStatus::kRunning);
  EXPECT_EQ(StatusOf(cancelled), RestoreStatus::kCancelling);
  EXPECT_NE(storage_->catalog->FindTable(cancelled->id), nullptr);

  ASSERT_TRUE(storage_->Resume().has_value());
  ASSERT_NE(storage_->WaitActive(first), nullptr);
  EXPECT_EQ(storage_->WaitActive(cancelled), nullptr);
  storage_->jobs.Stop();
  EXPECT_EQ(StatusOf(first), RestoreStatus::kCompleted);
  EXPECT_EQ(StatusOf(cancelled), RestoreStatus::kCancelled);
}

TEST_F(TableRestores, WhatEndedBeforeItWasToldIsToldAtTheNextStart) {
  Gate gate;
  gate.Close(storage_->jobs, 2);
  const auto lost = Begin("Lost"), there = Begin("There");
  storage_->restores->Stop();
  gate.Open();
  Open();
  ASSERT_TRUE(storage_->catalog->EraseTable(lost->id).has_value());
  const auto active = [](catalog::TableRecord& record) -> Result<void> {
    record.status = catalog::TableStatus::kActive;
    return {};
  };
  ASSERT_TRUE(storage_->catalog->EditTable(there->id, active).has_value());
  ASSERT_TRUE(storage_->Resume().has_value());
  EXPECT_EQ(StatusOf(lost), RestoreStatus::kFailed);
  EXPECT_EQ(StatusOf(there), RestoreStatus::kCompleted);
}

TEST(RestoreProgress, CountsPhasesAlikeAndNeverGoesBack) {
  restore::Progress progress;
  EXPECT_EQ(progress.percent(), 0);
  EXPECT_EQ(progress.Left(), std::nullopt);
  progress.Start(2);
  ASSERT_TRUE(progress.Begin(restore::Phase::kReadingHistory).has_value());
  ASSERT_TRUE(progress.Advance(0.5).has_value());
  EXPECT_EQ(progress.percent(), 25);
  ASSERT_TRUE(progress.Advance(0.2).has_value());
  EXPECT_EQ(progress.percent(), 25);
  EXPECT_NE(progress.Left(), std::nullopt);
  ASSERT_TRUE(progress.Begin(restore::Phase::kChecking).has_value());
  EXPECT_EQ(progress.percent(), 50);
  ASSERT_TRUE(progress.Advance(1).has_value());
  EXPECT_EQ(progress.percent(), 99);
  EXPECT_TRUE(progress.Cancel());
  EXPECT_EQ(progress.Advance(1).error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(progress.End().error().kind, ErrorKind::kCancelled);
  EXPECT_TRUE(progress.Cancel());
}

TEST(RestoreProgress, IsNotCancelledOnceItEnds) {
  restore::Progress progress;
  ASSERT_TRUE(progress.End().has_value());
  EXPECT_FALSE(progress.Cancel());
  EXPECT_TRUE(progress.Advance(1).has_value());
}

}  // namespace
}  // namespace tidemark
