// Restore testing: what is chosen, and what the worker finds after a crash at each point of a test.
#include <tuple>

#include "vault/jobs_fixture.h"
#include "vault/testing_runs.h"
#include "vault/testing_schedule.h"
#include "vault/worker.h"

namespace tidemark::vault {
namespace {

class RestoreTestsTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    schedule_.emplace(*store_, *catalog_, TheSystemRandom());
    tests_.emplace(*store_, *catalog_, *reports_, [this](TableId id) { return Drop(id); });
  }

  Result<void> Drop(TableId id) {
    ++drops_;
    if (!drop_works_) return Fail(ErrorKind::kIo, "no disk");
    TM_TRYV(shard_->DropTable(id, R"({"act":"drop"})"));
    return catalog_->EraseTable(id);
  }

  TestingPlanRecord DailyPlan() {
    TestingPlanRecord plan;
    plan.name = "daily";
    plan.schedule = "cron(0 5 ? * * *)";
    plan.zone = "Etc/UTC";
    plan.start_hours = kDefaultStartHours;
    plan.choice.vaults = {"*"};
    plan.choice.window_days = kDefaultTestWindowDays;
    return plan;
  }

  // A test of the table's newest recovery point, its restore job PENDING.
  Ptr<RestoreTestRecord> Begin(int64_t kept_hours) {
    EXPECT_TRUE(CreateTestingPlan(scope(), DailyPlan(), TheSystemRandom()));
    TestingSelectionRecord selection;
    selection.plan = "daily";
    selection.name = "all";
    selection.role_arn = kRoleArn;
    selection.tables = {"*"};
    selection.validation_hours = kept_hours;
    EXPECT_TRUE(CreateTestingSelection(scope(), selection));
    clock_.Advance(std::chrono::hours(24));
    const auto now = clock_.Now();
    schedule_->Begin([&](const Region&) { return now; });
    const auto tests = store_->Open<RestoreTestRecord>();
    EXPECT_EQ(tests.size(), 1u);
    return tests[0];
  }

  Ptr<RestoreTestRecord> Now(const Ptr<RestoreTestRecord>& test) {
    return store_->Find<RestoreTestRecord>(kPlace, test->job_id);
  }
  void Step(Timestamp now) {
    restore_jobs_->Step([&](const Region&) { return now; });
    tests_->Step([&](const Region&) { return now; });
  }
  void StepUntil(const std::function<bool()>& done) {
    while (!done()) {
      Step(clock_.Now());
      std::this_thread::yield();
    }
  }

  std::optional<TestingSchedule> schedule_;
  std::optional<RestoreTests> tests_;
  bool drop_works_ = true;
  int drops_ = 0;
};

TEST_F(RestoreTestsTest, EndWithoutTheTable) {
  End(StartBackup());
  const auto test = Begin(0);
  StepUntil([&] { return !Now(test)->IsOpen(); });
  const auto ended = Now(test);
  EXPECT_EQ(ended->validation, Validation::kSuccessful) << ended->message;
  EXPECT_EQ(ended->removal, Removal::kSuccessful) << ended->removal_message;
  EXPECT_TRUE(ended->is_alike);
  EXPECT_EQ(CountTables(), 1u);
  EXPECT_EQ(drops_, 1);
}

TEST_F(RestoreTestsTest, RunIsBegunOnce) {
  End(StartBackup());
  Begin(0);
  const auto now = clock_.Now();
  schedule_->Begin([&](const Region&) { return now; });
  TestingSchedule after_crash(*store_, *catalog_, TheSystemRandom());
  after_crash.Begin([&](const Region&) { return now; });
  EXPECT_EQ(store_->All<RestoreTestRecord>().size(), 1u);
  EXPECT_EQ(store_->All<RestoreJobRecord>().size(), 1u);
}

TEST_F(RestoreTestsTest, TableRemovedBeforeTheCrashIsNotMissed) {
  End(StartBackup());
  const auto test = Begin(1);
  StepUntil([&] { return Now(test)->is_compared; });
  clock_.Advance(std::chrono::hours(2));
  ASSERT_TRUE(Drop(Now(test)->table));
  StepUntil([&] { return !Now(test)->IsOpen(); });
  EXPECT_EQ(Now(test)->validation, Validation::kTimedOut);
  EXPECT_EQ(Now(test)->removal, Removal::kSuccessful);
  EXPECT_EQ(drops_, 1);
}

TEST_F(RestoreTestsTest, AServerThatWasDownForLongStillRemovesTheTable) {
  End(StartBackup());
  const auto test = Begin(0);
  while (store_->Find<RestoreJobRecord>(kPlace, test->job_id)->IsOpen()) {
    restore_jobs_->Step([&](const Region&) { return clock_.Now(); });
    std::this_thread::yield();
  }
  ASSERT_EQ(CountTables(), 2u);
  clock_.Advance(std::chrono::hours(31 * 24));
  PlanSchedule plans(*store_, *catalog_, TheSystemRandom());
  ReportJobs reports({*store_, *catalog_, *key_store_, *directory_of_users_}, "",
                     TheSystemRandom());
  Worker worker(
      *store_, *jobs_, *copy_jobs_, *restore_jobs_, *upkeep_, *cold_, plans, *schedule_, *tests_,
      reports, [&](const Region&) { return clock_.Now(); }, std::chrono::milliseconds(10));
  worker.Start();
  while (Now(test) && Now(test)->IsOpen()) std::this_thread::yield();
  worker.Stop();
  EXPECT_EQ(CountTables(), 1u);
  EXPECT_EQ(Now(test)->removal, Removal::kSuccessful);
  EXPECT_EQ(Now(test)->validation, Validation::kSuccessful) << Now(test)->message;
}

TEST_F(RestoreTestsTest, RemovalThatFailsIsToldAndTriedAgain) {
  End(StartBackup());
  const auto test = Begin(0);
  drop_works_ = false;
  StepUntil([&] { return Now(test)->removal == Removal::kFailed; });
  EXPECT_TRUE(Now(test)->IsOpen());
  EXPECT_NE(Now(test)->removal_message.find("is still to be removed: no disk"), std::string::npos);
  drop_works_ = true;
  // The next start does not wait.
  tests_.emplace(*store_, *catalog_, *reports_, [this](TableId id) { return Drop(id); });
  StepUntil([&] { return !Now(test)->IsOpen(); });
  EXPECT_EQ(Now(test)->removal, Removal::kSuccessful);
  EXPECT_EQ(Now(test)->removal_message, "");
  EXPECT_EQ(CountTables(), 1u);
}

TEST_F(RestoreTestsTest, OtherTablesOfTheNameStay) {
  End(StartBackup());
  const auto test = Begin(1);
  StepUntil([&] { return Now(test)->is_compared; });
  const auto made = catalog_->FindTable(Now(test)->table);
  ASSERT_TRUE(made);
  ASSERT_TRUE(Drop(made->id));
  catalog::TableRecord other = *catalog_->FindTable(kAccount, kRegion, "Things");
  other.name = made->name;
  other.id = TableId::Make(TheSystemRandom());
  ASSERT_TRUE(catalog_->InsertTable(other));
  clock_.Advance(std::chrono::hours(2));
  StepUntil([&] { return !Now(test)->IsOpen(); });
  EXPECT_TRUE(catalog_->FindTable(other.id));
}

TEST_F(RestoreTestsTest, ResultOfTheUserEndsTheWindow) {
  End(StartBackup());
  const auto test = Begin(1);
  const auto put = [&](Validation validation) {
    return PutValidation({*store_, kPlace, clock_.Now()}, test->job_id, validation, "mine");
  };
  EXPECT_FALSE(put(Validation::kSuccessful));  // there is no table yet
  StepUntil([&] { return Now(test)->is_compared; });
  EXPECT_EQ(Now(test)->validation, Validation::kValidating);
  ASSERT_TRUE(put(Validation::kSuccessful));
  EXPECT_FALSE(put(Validation::kFailed));
  StepUntil([&] { return !Now(test)->IsOpen(); });
  EXPECT_EQ(Now(test)->validation, Validation::kSuccessful);
  EXPECT_EQ(Now(test)->message, "mine");
  EXPECT_EQ(CountTables(), 1u);
}

TEST_F(RestoreTestsTest, ForgottenWithTheirJobsButForTheNewest) {
  for (const int day : {1, 2}) {
    RestoreTestRecord test;
    test.account = kAccount;
    test.region = kRegion;
    test.job_id = "job" + std::to_string(day);
    test.table_arn = kTableArn;
    test.created = test.ended = FromMicros(day);
    ASSERT_TRUE(store_->Apply([&]() -> Result<Changes> { return Changes{test}; }));
  }
  tests_->Forget();
  const auto left = store_->All<RestoreTestRecord>();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0]->job_id, "job2");
}

TEST(TestingPlans, ChooseByVaultAgeAndState) {
  const Timestamp now(std::chrono::days(100));
  PointChoice choice;
  choice.vaults = {"arn:aws:backup:*:backup-vault:a*"};
  choice.other_vaults = {"arn:aws:backup:us-east-1:123456789012:backup-vault:ab"};
  choice.window_days = 7;
  PointRecord point;
  point.account = kAccount;
  point.region = kRegion;
  point.vault = "aa";
  point.status = PointStatus::kCompleted;
  point.created = now - std::chrono::days(7);
  EXPECT_TRUE(MayChoose(choice, point, now));
  EXPECT_FALSE(MayChoose(choice, point, now + Micros(1)));
  point.vault = "ab";
  EXPECT_FALSE(MayChoose(choice, point, now));
  point.vault = "b";
  EXPECT_FALSE(MayChoose(choice, point, now));
  point.vault = "aa";
  point.status = PointStatus::kDeleting;
  EXPECT_FALSE(MayChoose(choice, point, now));
}

TEST(TestingPlans, ObjectivesAreSeconds) {
  const auto objective = [](std::string_view text) {
    return ObjectiveOf({{std::string(kObjectiveTag), std::string(text)}});
  };
  EXPECT_EQ(*ObjectiveOf({}), Micros(0));
  EXPECT_EQ(*objective("900"), std::chrono::seconds(900));
  EXPECT_EQ(*objective("0.25"), std::chrono::milliseconds(250));
  for (const std::string_view wrong : {"", "0", "-1", "1 s", "soon", "nan"})
    EXPECT_FALSE(objective(wrong)) << wrong;
}

TEST(TestingPlans, SecondsAreToldToTheMicrosecond) {
  EXPECT_EQ(SecondsText(std::chrono::seconds(900)), "900");
  EXPECT_EQ(SecondsText(std::chrono::milliseconds(50)), "0.05");
  EXPECT_EQ(SecondsText(Micros(1)), "0.000001");
  EXPECT_EQ(SecondsText(Micros(0)), "0");
}

TEST(TestingRecords, AreReadAsTheyWereWritten) {
  const auto expect_kept = [](const auto& record) {
    std::decay_t<decltype(record)> read;
    const std::string text = EncodeRecord(record);
    ASSERT_TRUE(DecodeRecord(text, &read)) << text;
    EXPECT_EQ(read, record) << text;
  };
  TestingPlanRecord plan;
  plan.account = kAccount;
  plan.region = kRegion;
  plan.name = "daily";
  plan.uuid = "u";
  plan.choice = {.random = true,
                 .snapshots = false,
                 .continuous = true,
                 .vaults = {"*"},
                 .other_vaults = {"x"},
                 .window_days = 3};
  plan.start_hours = 4;
  plan.tags = {{"k", "v"}};
  plan.executed = FromMicros(6);
  expect_kept(plan);
  TestingSelectionRecord selection;
  selection.account = kAccount;
  selection.region = kRegion;
  selection.plan = plan.name;
  selection.name = "all";
  selection.tables = {"*"};
  selection.equals = {{"k", "v"}};
  selection.not_equals = {{"l", "w"}};
  selection.overrides = {{"encryptionType", "Default"}};
  selection.validation_hours = 5;
  expect_kept(selection);
  RestoreTestRecord test;
  test.account = kAccount;
  test.region = kRegion;
  test.job_id = "1DE3BE82-2CE1-FA5D-0E4C-000000000000";
  test.objective = Micros(7);
  test.took = Micros(8);
  test.is_compared = test.is_late = true;
  test.validation = Validation::kTimedOut;
  test.removal = Removal::kFailed;
  test.table = TableId::Make(TheSystemRandom());
  expect_kept(test);
}

}  // namespace
}  // namespace tidemark::vault
