#include "vault/records.h"

#include <gtest/gtest.h>

#include "vault/arrival_records.h"
#include "vault/copy_records.h"
#include "vault/hold_records.h"
#include "vault/plan_records.h"
#include "vault/settings_records.h"

namespace tidemark::vault {
namespace {

template <class Record>
void ExpectKept(const Record& record) {
  Record read;
  const std::string text = EncodeRecord(record);
  ASSERT_TRUE(DecodeRecord(text, &read)) << text;
  EXPECT_EQ(read, record) << text;
}

VaultRecord SomeVault() {
  return {.account = AccountId("123456789012"),
          .region = Region("us-east-1"),
          .name = "audit",
          .creator_request_id = "id",
          .key_arn = "arn:aws:kms:...",
          .created = FromMicros(5),
          .tags = {{"a", "1"}, {"", "ü"}},
          .policy = R"({"Version":"2012-10-17"})",
          .lock = {}};
}

TEST(VaultRecords, AreReadAsTheyWereWritten) {
  VaultRecord vault = SomeVault();
  ExpectKept(vault);
  vault.lock = VaultLock{.min_days = 1, .max_days = {}, .immutable_from = FromMicros(7)};
  ExpectKept(vault);
  vault.air_gapped = true;
  ExpectKept(vault);
  PointRecord point;
  point.account = vault.account;
  point.region = vault.region;
  point.arn = "arn:aws:dynamodb:us-east-1:123456789012:table/T/backup/1";
  point.status = PointStatus::kExpired;
  point.lifecycle = {.cold_after_days = 1, .delete_after_days = 91};
  point.moved = FromMicros(123);
  point.tags = {{"k", "v"}};
  ExpectKept(point);
  point.goes_once_in = "arn:gap";
  point.is_in = true;
  ExpectKept(point);
  BackupJobRecord job;
  job.account = vault.account;
  job.region = vault.region;
  job.job_id = "1DE3BE82-2CE1-FA5D-0E4C-000000000000";
  job.state = BackupJobState::kPartial;
  ExpectKept(job);
  job.air_gapped_arn = "arn:gap";
  ExpectKept(job);
  RestoreJobRecord restore;
  restore.account = vault.account;
  restore.region = vault.region;
  restore.job_id = job.job_id;
  restore.metadata = {{"targetTableName", "T"}};
  restore.own_key = true;
  ExpectKept(restore);
  restore.vault_account = AccountId("210987654321");
  ExpectKept(restore);
}

TEST(VaultRecords, OfPlansToo) {
  PlanRecord plan;
  plan.account = AccountId("123456789012");
  plan.region = Region("us-east-1");
  plan.plan_id = "id";
  plan.version = "v";
  plan.document = {.name = "p",
                   .rules = {{.id = "r",
                              .name = "daily",
                              .vault = "audit",
                              .schedule = "cron(0 5 ? * * *)",
                              .zone = "Etc/UTC",
                              .start_minutes = 60,
                              .complete_minutes = 120,
                              .lifecycle = {.cold_after_days = {}, .delete_after_days = 7},
                              .tags = {{"a", "b"}},
                              .copies = {{"arn:far", {.delete_after_days = 9}}, {"arn:near", {}}},
                              .continuous = true}}};
  ExpectKept(plan);
  plan.document.rules[0].air_gapped_arn = "arn:gap";
  ExpectKept(plan);
  plan.deleted = FromMicros(3);
  ExpectKept(plan);
  PlanVersionRecord version;
  version.account = plan.account;
  version.region = plan.region;
  version.document = plan.document;
  ExpectKept(version);
  SelectionRecord selection;
  selection.account = plan.account;
  selection.region = plan.region;
  selection.resources = {"*"};
  selection.any_tag = {{"k", "v"}};
  selection.not_like = {{"aws:ResourceTag/k", "v*"}};
  ExpectKept(selection);
  PointRecord point;
  point.account = plan.account;
  point.region = plan.region;
  point.created_by = PlanOrigin{.plan_id = "id",
                                .plan_name = "p",
                                .version = "v",
                                .rule_id = "r",
                                .rule_name = "daily",
                                .schedule = "s",
                                .zone = "z"};
  ExpectKept(point);
  point.source_vault_arn = "arn:near";
  point.copied = FromMicros(9);
  ExpectKept(point);
  EXPECT_EQ(point.LifeFrom(), FromMicros(9));
  BackupJobRecord job;
  job.copies = {{"arn:far", {.cold_after_days = 1}}};
  ExpectKept(job);
}

TEST(VaultRecords, OfCopiesHoldsAndSettingsComeBackAsTheyWere) {
  CopyJobRecord copy;
  copy.account = AccountId("123456789012");
  copy.region = Region("us-east-1");
  copy.job_id = "JOB";
  copy.source_vault = "audit";
  copy.source_arn = "arn:point";
  copy.vault_arn = "arn:far";
  copy.lifecycle.delete_after_days = 7;
  copy.state = CopyJobState::kRunning;
  copy.point_arn = "arn:copy";
  copy.backup = BackupId("01489602797149-73d8d5bc");
  copy.image = ImageId::Make(TheSystemRandom());
  copy.sealed_for = TableId::Make(TheSystemRandom());
  copy.backup_job = "OTHER";
  ExpectKept(copy);
  EXPECT_TRUE(copy.IsOpen());
  ArrivalRecord arrival;
  arrival.account = copy.account;
  arrival.region = copy.region;
  arrival.job_id = copy.job_id;
  arrival.sender = "arn:aws:iam::123456789012:user/sender";
  arrival.point_arn = "arn:point";
  arrival.backup = R"({"version":1})";
  arrival.image = ImageId::Make(TheSystemRandom());
  arrival.sealed_for = TableId::Make(TheSystemRandom());
  arrival.key_arn = "arn:key";
  arrival.until = FromMicros(9);
  ExpectKept(arrival);
  PointRecord arrived;
  arrived.account = copy.account;
  arrived.region = copy.region;
  arrived.arn = arrival.point_arn;
  arrived.copied = FromMicros(8);
  arrived.sender = arrival.sender;
  arrived.origin_arn = "arn:there";
  ExpectKept(arrived);
  HoldRecord hold;
  hold.account = copy.account;
  hold.region = copy.region;
  hold.hold_id = "id";
  hold.title = "case";
  hold.selection = {{"audit"}, {"arn:table"}, {{FromMicros(1), FromMicros(2)}}};
  ExpectKept(hold);
  hold.selection.range.reset();
  hold.cancelled = FromMicros(3);
  hold.cancel_description = "settled";
  hold.retain_until = FromMicros(4);
  ExpectKept(hold);
  GlobalSettingsRecord all;
  all.across_accounts = true;
  all.updated = FromMicros(5);
  ExpectKept(all);
  RegionSettingsRecord region;
  region.opted_in = false;
  ExpectKept(region);
}

TEST(VaultRecords, RefuseWhatTheyAreNot) {
  VaultRecord read;
  for (const char* text : {"", "{}", R"({"version":2})", R"({"version":1,"account":1})"})
    EXPECT_FALSE(DecodeRecord(text, &read)) << text;
}

TEST(VaultRecords, StatesHaveTheServicesNames) {
  EXPECT_EQ(ToString(BackupJobState::kPartial), "PARTIAL");
  EXPECT_EQ(ToString(RestoreJobStatus::kFailed), "FAILED");
  EXPECT_EQ(ToString(PointStatus::kExpired), "EXPIRED");
  EXPECT_EQ(SomeVault().Arn(), "arn:aws:backup:us-east-1:123456789012:backup-vault:audit");
}

}  // namespace
}  // namespace tidemark::vault
