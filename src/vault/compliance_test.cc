// Each control of frameworks: what makes a table, plan, vault or recovery point comply, and what
// makes it not.
#include "vault/compliance.h"

#include <gmock/gmock.h>

#include "vault/controls.h"
#include "vault/fault.h"
#include "vault/frameworks.h"
#include "vault/jobs_fixture.h"
#include "vault/plans.h"
#include "vault/testing_records.h"

namespace tidemark::vault {
namespace {

constexpr std::string_view kOthersMayDelete =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Resource":"*",)"
    R"("Action":["backup:DeleteRecoveryPoint","backup:UpdateRecoveryPointLifecycle",)"
    R"("backup:PutBackupVaultAccessPolicy"],"Condition":{"ArnNotLike":{"aws:PrincipalArn":)"
    R"("arn:aws:iam::123456789012:role/keeper"}}}]})";

class ComplianceTest : public VaultFixture {
 protected:
  std::vector<Finding> Judged(const Control& control) {
    EXPECT_TRUE(CheckControl(control)) << CheckControl(control).error().message;
    return Evaluate({*store_, *catalog_, *key_store_, *directory_of_users_}, kPlace, control,
                    shard_->Now());
  }
  // What the one resource that is judged lacks.
  std::string Lacks(const Control& control) {
    const auto findings = Judged(control);
    EXPECT_EQ(findings.size(), 1u);
    return findings.size() == 1 ? findings[0].lacks : "";
  }
  template <class Record>
  void Store(const Record& record) {
    ASSERT_TRUE(store_->Apply([&]() -> Result<Changes> { return Changes{record}; }));
  }
  Ptr<PointRecord> Point() {
    const auto job = End(StartBackup());
    return store_->Find<PointRecord>(kPlace, job->point_arn);
  }
  // A plan of the table with one rule.
  std::string PlanOfTable(const std::function<void(PlanRule&)>& edit) {
    PlanRecord plan;
    plan.document.name = "plan";
    PlanRule rule;
    rule.name = "rule";
    rule.vault = "vault";
    rule.schedule = kDefaultSchedule;
    rule.zone = kDefaultZone;
    rule.start_minutes = kDefaultStartMinutes;
    rule.complete_minutes = kDefaultCompleteMinutes;
    edit(rule);
    plan.document.rules = {rule};
    const auto made = CreatePlan(scope(), plan, TheSystemRandom());
    EXPECT_TRUE(made) << made.error().message;
    SelectionRecord selection;
    selection.plan_id = (*made)->plan_id;
    selection.name = "all";
    selection.role_arn = kRoleArn;
    selection.resources = {"*"};
    EXPECT_TRUE(CreateSelection(scope(), selection, TheSystemRandom()));
    return (*made)->plan_id;
  }
  static CopyAction CopyTo(const AccountId& account, const std::string& region) {
    return {VaultArnOf(account, Region(region), "far"), {}};
  }
};

Control Named(std::string name, Tags parameters = {}, ControlScope scope = {}) {
  return {std::move(name), std::move(parameters), std::move(scope)};
}

TEST_F(ComplianceTest, TablesAreInAPlan) {
  const auto control = Named("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN");
  EXPECT_THAT(Lacks(control), testing::HasSubstr("No backup plan selects"));
  const std::string id = PlanOfTable([](PlanRule&) {});
  EXPECT_EQ(Lacks(control), "");
  const auto selection = SelectionsOf(scope(), id)[0];
  ASSERT_TRUE(DeleteSelection(scope(), id, selection->selection_id));
  EXPECT_NE(Lacks(control), "");
}

TEST_F(ComplianceTest, PlansRunOftenAndKeepLong) {
  const std::string name = "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK";
  EXPECT_TRUE(Judged(Named(name)).empty());
  PlanOfTable([](PlanRule& rule) { rule.lifecycle.delete_after_days = 35; });
  EXPECT_EQ(Lacks(Named(name)), "");  // daily, 35 days
  EXPECT_THAT(Lacks(Named(name, {{"requiredRetentionDays", "36"}})),
              testing::HasSubstr("keeps for 36 days"));
  const auto hourly = [&](std::string hours) {
    return Named(
        name, {{"requiredFrequencyUnit", "hours"}, {"requiredFrequencyValue", std::move(hours)}});
  };
  EXPECT_EQ(Lacks(hourly("24")), "");
  EXPECT_THAT(Lacks(hourly("23")), testing::HasSubstr("every 23 hours"));
}

TEST_F(ComplianceTest, OneRunThatIsMissingCounts) {
  const std::string name = "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK";
  PlanOfTable([](PlanRule& rule) { rule.schedule = "cron(0 5 ? * MON-FRI *)"; });
  EXPECT_NE(Lacks(Named(name)), "");
  EXPECT_EQ(Lacks(Named(name, {{"requiredFrequencyValue", "3"}})), "");
}

TEST_F(ComplianceTest, RecoveryPointsAreKeptLong) {
  const auto control = Named("BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK");
  EXPECT_TRUE(Judged(control).empty());
  PointRecord point = *Point();
  EXPECT_EQ(Lacks(control), "");  // for ever
  point.lifecycle.delete_after_days = 34;
  Store(point);
  EXPECT_THAT(Lacks(control), testing::HasSubstr("kept for 34 days, not 35"));
  point.lifecycle.delete_after_days = 35;
  Store(point);
  EXPECT_EQ(Lacks(control), "");
}

TEST_F(ComplianceTest, RecoveryPointsCanBeOpened) {
  const auto control = Named("BACKUP_RECOVERY_POINT_ENCRYPTED");
  PointRecord point = *Point();
  EXPECT_EQ(Lacks(control), "");
  const auto key = kms::EnsureServiceKey({*key_store_, kAccount, kRegion, clock_.Now()});
  ASSERT_TRUE(key);
  point.key_arn = (*key)->Arn();
  Store(point);
  EXPECT_EQ(Lacks(control), "");
  ASSERT_TRUE(key_store_->Edit((*key)->id, [](kms::KeyRecord& record) -> Result<void> {
    record.state = kms::KeyState::kDisabled;
    return {};
  }));
  EXPECT_THAT(Lacks(control), testing::HasSubstr("is Disabled"));
  point.key_arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000";
  Store(point);
  EXPECT_THAT(Lacks(control), testing::HasSubstr("is gone"));
}

TEST_F(ComplianceTest, VaultsDenyDeletion) {
  const std::string name = "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED";
  EXPECT_THAT(Lacks(Named(name)), testing::HasSubstr("does not deny backup:DeleteRecoveryPoint"));
  ASSERT_TRUE(SetPolicy(scope(), "vault", std::string(kOthersMayDelete)));
  EXPECT_THAT(Lacks(Named(name)), testing::HasSubstr("role/keeper"));
  EXPECT_EQ(Lacks(Named(name, {{"principalArnList",
                                "arn:aws:iam::123456789012:user/x, "
                                "arn:aws:iam::123456789012:role/keeper"}})),
            "");
  std::string policy(kOthersMayDelete);
  policy.replace(policy.find("backup:PutBackupVaultAccessPolicy"), 33, "backup:StartRestoreJob");
  ASSERT_TRUE(SetPolicy(scope(), "vault", policy));
  EXPECT_THAT(Lacks(Named(name, {{"principalArnList", "arn:aws:iam::123456789012:role/keeper"}})),
              testing::HasSubstr("does not deny backup:PutBackupVaultAccessPolicy"));
}

TEST_F(ComplianceTest, TablesHavePointsInLockedVaults) {
  const std::string name = "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK";
  EXPECT_NE(Lacks(Named(name)), "");  // no recovery point
  Point();
  EXPECT_THAT(Lacks(Named(name)), testing::HasSubstr("PutBackupVaultLockConfiguration"));
  ASSERT_TRUE(Lock(scope(), "vault", {.min_days = 7, .max_days = 100, .changeable_days = {}}));
  EXPECT_EQ(Lacks(Named(name)), "");
  EXPECT_EQ(Lacks(Named(name, {{"minRetentionDays", "7"}, {"maxRetentionDays", "100"}})), "");
  EXPECT_NE(Lacks(Named(name, {{"minRetentionDays", "8"}})), "");
  EXPECT_NE(Lacks(Named(name, {{"maxRetentionDays", "99"}})), "");
}

TEST_F(ComplianceTest, TablesHaveARecentPoint) {
  const std::string name = "BACKUP_LAST_RECOVERY_POINT_CREATED";
  EXPECT_NE(Lacks(Named(name)), "");
  PointRecord point = *Point();
  EXPECT_EQ(Lacks(Named(name)), "");
  point.created -= std::chrono::hours(25);
  Store(point);
  EXPECT_THAT(Lacks(Named(name)), testing::HasSubstr("no recovery point of the last 1 day:"));
  EXPECT_EQ(Lacks(Named(name, {{"recoveryPointAgeValue", "2"}})), "");
  const auto hours =
      Named(name, {{"recoveryPointAgeUnit", "hours"}, {"recoveryPointAgeValue", "26"}});
  EXPECT_EQ(Lacks(hours), "");
}

TEST_F(ComplianceTest, TablesAreCopiedToAnotherRegion) {
  const std::string name = "BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION";
  EXPECT_NE(Lacks(Named(name)), "");
  PlanOfTable([](PlanRule& rule) {
    rule.copies = {CopyTo(AccountId("210987654321"), kRegion.value), CopyTo(kAccount, "eu-west-1")};
  });
  EXPECT_EQ(Lacks(Named(name)), "");
  EXPECT_EQ(Lacks(Named(name, {{"crossRegionList", "eu-west-1"}})), "");
  EXPECT_THAT(Lacks(Named(name, {{"crossRegionList", "eu-west-1,eu-west-2"}})),
              testing::HasSubstr("to Region eu-west-2"));
}

TEST_F(ComplianceTest, TablesAreCopiedToAnotherAccount) {
  const std::string name = "BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT";
  PlanOfTable([](PlanRule& rule) { rule.copies = {CopyTo(kAccount, "eu-west-1")}; });
  EXPECT_THAT(Lacks(Named(name)), testing::HasSubstr("to another account"));
  PlanRecord plan = *store_->Open<PlanRecord>()[0];
  plan.document.rules[0].copies.push_back(CopyTo(AccountId("210987654321"), "us-east-1"));
  Store(plan);
  EXPECT_EQ(Lacks(Named(name)), "");
  EXPECT_EQ(Lacks(Named(name, {{"crossAccountList", "210987654321"}})), "");
  EXPECT_NE(Lacks(Named(name, {{"crossAccountList", "111111111111"}})), "");
}

TEST_F(ComplianceTest, RestoresMeetTheirTarget) {
  const auto control = Named("RESTORE_TIME_FOR_RESOURCES_MEET_TARGET", {{"maxRestoreTime", "5"}});
  EXPECT_TRUE(Judged(control).empty());  // never restored
  RestoreJobRecord job = *End(StartRestore(Point()->arn));
  EXPECT_EQ(Lacks(control), "");
  job.completed = job.created + std::chrono::minutes(5) + Micros(1);
  Store(job);
  EXPECT_THAT(Lacks(control), testing::HasSubstr("took 301 s, longer than 5 min"));
  // A newer test, whose job is forgotten.
  RestoreTestRecord test;
  test.account = kAccount;
  test.region = kRegion;
  test.job_id = "forgotten";
  test.table_arn = kTableArn;
  test.created = job.created + std::chrono::hours(1);
  test.took = std::chrono::seconds(20);
  Store(test);
  EXPECT_EQ(Lacks(control), "");
}

TEST_F(ComplianceTest, AScopeChoosesWhatIsJudged) {
  const auto judges = [&](ControlScope scope) {
    return !Judged(Named("BACKUP_LAST_RECOVERY_POINT_CREATED", {}, std::move(scope))).empty();
  };
  EXPECT_TRUE(judges({{"Things"}, {"DynamoDB"}, {}}));
  EXPECT_TRUE(judges({{kTableArn}, {}, {}}));
  EXPECT_FALSE(judges({{"Others"}, {}, {}}));
  EXPECT_FALSE(judges({{}, {"RDS"}, {}}));
  EXPECT_FALSE(judges({{}, {}, {{"stage", ""}}}));
  const auto id = catalog_->FindTable(kAccount, kRegion, "Things")->id;
  ASSERT_TRUE(catalog_->EditTable(id, [](catalog::TableRecord& table) -> Result<void> {
    table.tags = {{"stage", "production"}};
    return {};
  }));
  EXPECT_TRUE(judges({{}, {}, {{"stage", ""}}}));
  EXPECT_TRUE(judges({{}, {}, {{"stage", "production"}}}));
  EXPECT_FALSE(judges({{}, {}, {{"stage", "test"}}}));
}

TEST_F(ComplianceTest, ControlsAreChecked) {
  const auto refused = [](const Control& control) {
    const auto checked = CheckControl(control);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_THAT(refused(Named("NO_SUCH")), testing::HasSubstr("There is no control NO_SUCH"));
  EXPECT_THAT(refused(Named("BACKUP_RECOVERY_POINT_ENCRYPTED", {{"x", "1"}})),
              testing::HasSubstr("has no parameter x"));
  const std::string name = "BACKUP_LAST_RECOVERY_POINT_CREATED";
  EXPECT_THAT(refused(Named(name, {{"recoveryPointAgeUnit", "weeks"}})),
              testing::HasSubstr("must be hours or days"));
  for (const std::string value : {"0", "-1", "1.5", "", "36501"}) {
    EXPECT_THAT(refused(Named(name, {{"recoveryPointAgeValue", value}})),
                testing::HasSubstr("must be a number from 1 to 36500"));
  }
  EXPECT_THAT(refused(Named("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK",
                            {{"minRetentionDays", "9"}, {"maxRetentionDays", "8"}})),
              testing::HasSubstr("must not be greater"));
}

TEST_F(ComplianceTest, FrameworksAreStored) {
  FrameworkRecord wanted;
  wanted.name = "mine";
  wanted.token = "once";
  wanted.controls = {Named("BACKUP_LAST_RECOVERY_POINT_CREATED", {{"recoveryPointAgeValue", "2"}},
                           {{"a"}, {"DynamoDB"}, {{"k", "v"}}})};
  wanted.tags = {{"team", "blue"}};
  const auto made = CreateFramework(scope(), wanted, TheSystemRandom());
  ASSERT_TRUE(made) << made.error().message;
  const auto again = CreateFramework(scope(), wanted, TheSystemRandom());
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->Arn(), (*made)->Arn());
  wanted.token = "twice";
  const auto other = CreateFramework(scope(), wanted, TheSystemRandom());
  ASSERT_FALSE(other);
  EXPECT_EQ(FaultOf(other.error())->fault, Fault::kAlreadyExists);
  FrameworkRecord read;
  ASSERT_TRUE(DecodeRecord(EncodeRecord(**made), &read));
  EXPECT_EQ(read, **made);
}

}  // namespace
}  // namespace tidemark::vault
