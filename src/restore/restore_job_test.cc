#include <chrono>
#include <future>
#include <thread>

#include "restore/restore.h"
#include "restore/restore_fixture.h"

namespace tidemark::restore {
namespace {

class RestoreJobTest : public RestoreFixture {
 protected:
  RestoreJobTest() { AddTable(); }
  ~RestoreJobTest() override {
    work_.Stop();
    verifying_.Stop();
  }

  RestoreReportPtr Await(TableId id, const std::function<bool(const RestoreReport&)>& is_it) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
      auto report = reports_->Find(id);
      if (report && is_it(*report)) return report;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ADD_FAILURE() << "the restore does not get there";
    return nullptr;
  }

  // What a restore to now comes to, before anything is read behind it.
  RestoreReportPtr RestoreNow(const std::string& target) {
    Tick();
    ToPointInTime request;
    request.account = kAccount;
    request.region = kRegion;
    request.source_table = "Things";
    request.target = target;
    request.time = shard_->Now();
    Tick();
    std::promise<void> looked;
    EXPECT_TRUE(verifying_.Submit([until = looked.get_future().share()] { until.wait(); }));
    const auto started = restores_.Start(request);
    EXPECT_TRUE(started) << started.error().message;
    auto report = Await((*started)->id, [](const RestoreReport& it) { return it.is_over(); });
    looked.set_value();
    return report;
  }

  std::unique_ptr<RestoreReports> reports_ = *RestoreReports::Open(*system_, threads_.context(0));
  runtime::BlockingPool work_{1}, verifying_{1};
  Restores restores_{*catalog_, shards_,    *recovery_,       *reports_,
                     work_,     verifying_, TheSystemRandom()};
};

bool IsVerified(const RestoreReport& report) {
  return report.verification == Verification::kPassed;
}

// Its images are taken with rows in memory only: the first is given a run of its own with them, of
// the second they stand in history.
TEST_F(RestoreJobTest, GoesByTheChange) {
  for (int i = 0; i < 40; ++i) Put(Name(i), "old");
  Recover();
  for (const char* target : {"first", "second"}) {
    Put(Name(3), target);
    const auto report = RestoreNow(target);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->status, RestoreStatus::kCompleted) << report->failure;
    EXPECT_EQ(report->items, 40u);
    EXPECT_EQ(report->changes, 1u);
    EXPECT_EQ(report->verification, Verification::kPending) << target << ": all was read";
    Await(report->id, IsVerified);
    clock_.Advance(std::chrono::hours(25));
    recovery_->Maintain();
  }
  const auto newest = catalog_->Images(Table()->id).back();
  EXPECT_LT(newest->replay_from, newest->position);
  EXPECT_FALSE(newest->needs_log);
}

// The crash comes when the table is ACTIVE, and its report does not say so yet.
TEST_F(RestoreJobTest, ATableWhoseEndIsNotOnRecordIsVerified) {
  Put(Name(1), "old");
  RestoreReport report;
  report.id = Table()->id;
  report.account = kAccount;
  report.region = kRegion;
  report.table_name = "Things";
  report.verification = Verification::kPending;
  ASSERT_TRUE(reports_->Put(report));
  ASSERT_TRUE(restores_.Resume());
  const auto verified = Await(report.id, IsVerified);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->status, RestoreStatus::kCompleted);
}

}  // namespace
}  // namespace tidemark::restore
