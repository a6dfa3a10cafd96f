#include <gtest/gtest.h>

#include "api/dynamodb/backup_description.h"
#include "api/dynamodb/continuous_backups.h"
#include "api/dynamodb/item_answers.h"
#include "api/dynamodb/table_description.h"

namespace tidemark::api::dynamodb {
namespace {

catalog::TableRecord Music() {
  catalog::TableRecord table;
  table.account = AccountId("123456789012");
  table.region = Region("us-east-1");
  table.name = "Music";
  table.id = *TableId::Parse("f38d30f3-5319-4ecf-a518-573a55231ac0");
  table.status = catalog::TableStatus::kActive;
  table.created = FromMicros(1489602797149000);
  table.keys = {{"Artist", item::Type::kString}, item::KeyAttribute{"Year", item::Type::kNumber}};
  table.attributes = {{"Artist", item::Type::kString}, {"Year", item::Type::kNumber}};
  table.throughput = {.read_units = 5, .write_units = 6};
  return table;
}

std::string Described(const table::TableDescription& table) {
  std::string json;
  codec::JsonWriter w(&json);
  WriteTableDescription(table, &w);
  return json;
}

const std::string kMusicHead =
    R"({"AttributeDefinitions":[{"AttributeName":"Artist","AttributeType":"S"},)"
    R"({"AttributeName":"Year","AttributeType":"N"}],"TableName":"Music","KeySchema":[)"
    R"({"AttributeName":"Artist","KeyType":"HASH"},{"AttributeName":"Year","KeyType":"RANGE"}],)"
    R"("TableStatus":"ACTIVE","CreationDateTime":1489602797.149,)";
const std::string kMusicArns =
    R"("TableArn":"arn:aws:dynamodb:us-east-1:123456789012:table/Music",)"
    R"("TableId":"f38d30f3-5319-4ecf-a518-573a55231ac0",)";

TEST(TableDescription, OfAProvisionedTable) {
  EXPECT_EQ(Described({.record = Music(), .item_count = 3, .size_bytes = 120}),
            kMusicHead +
                R"("ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":5,)"
                R"("WriteCapacityUnits":6},"TableSizeBytes":120,"ItemCount":3,)" +
                kMusicArns +
                R"("DeletionProtectionEnabled":false,"WarmThroughput":{"ReadUnitsPerSecond":5,)"
                R"("WriteUnitsPerSecond":6,"Status":"ACTIVE"}})");
}

TEST(TableDescription, OfATableWhoseSettingsChanged) {
  auto table = Music();
  table.status = catalog::TableStatus::kUpdating;
  table.throughput_changes = {.increased = FromMicros(1489602797500000),
                              .decreased = FromMicros(1489602797600000),
                              .decreases = 9};
  table.table_class = "STANDARD_INFREQUENT_ACCESS";
  table.table_class_changed = FromMicros(1489602797700000);
  table.warm = {.read_units = 70, .write_units = 2};
  const auto json = Described({.record = table, .decreases_today = 2, .warming = true});
  EXPECT_NE(json.find(R"("TableStatus":"UPDATING")"), json.npos);
  EXPECT_NE(json.find(R"("ProvisionedThroughput":{"LastIncreaseDateTime":1489602797.5,)"
                      R"("LastDecreaseDateTime":1489602797.6,"NumberOfDecreasesToday":2,)"),
            json.npos);
  EXPECT_NE(json.find(R"("TableClassSummary":{"TableClass":"STANDARD_INFREQUENT_ACCESS",)"
                      R"("LastUpdateDateTime":1489602797.7})"),
            json.npos);
  EXPECT_NE(json.find(R"("WarmThroughput":{"ReadUnitsPerSecond":70,"WriteUnitsPerSecond":6,)"
                      R"("Status":"UPDATING"})"),
            json.npos);
}

TEST(TableDescription, OfARestoredTableOnDemand) {
  auto table = Music();
  table.billing = catalog::BillingMode::kPayPerRequest;
  table.billing_changed = FromMicros(1489602798000000);
  table.throughput = {};
  table.on_demand = catalog::OnDemandThroughput{.max_read_units = 10};
  table.sse = {.enabled = true, .type = "KMS", .key_arn = "arn:aws:kms:us-east-1:1:key/k"};
  table.table_class = "STANDARD";
  table.deletion_protection = true;
  table.restore = catalog::RestoreSummary{.source_backup_arn = "arn:backup",
                                          .source_table_arn = "arn:table",
                                          .restore_time = FromMicros(1489602700123456),
                                          .in_progress = true};
  EXPECT_EQ(
      Described({.record = table}),
      kMusicHead +
          R"("ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,)"
          R"("WriteCapacityUnits":0},"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST",)"
          R"("LastUpdateToPayPerRequestDateTime":1489602798},"TableSizeBytes":0,"ItemCount":0,)" +
          kMusicArns +
          R"("TableClassSummary":{"TableClass":"STANDARD"},"SSEDescription":{"Status":"ENABLED",)"
          R"("SSEType":"KMS","KMSMasterKeyArn":"arn:aws:kms:us-east-1:1:key/k"},)"
          R"("RestoreSummary":{"SourceBackupArn":"arn:backup","SourceTableArn":"arn:table",)"
          R"("RestoreDateTime":1489602700.123,"RestoreInProgress":true},)"
          R"("DeletionProtectionEnabled":true,)"
          R"("OnDemandThroughput":{"MaxReadRequestUnits":10},)"
          R"("WarmThroughput":{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000,)"
          R"("Status":"ACTIVE"}})");
}

catalog::BackupRecord MusicBackup() {
  catalog::BackupRecord backup;
  backup.id = BackupId("01489602797149-73d8d5bc");
  backup.name = "monthly";
  backup.status = catalog::BackupStatus::kAvailable;
  backup.created = FromMicros(1489602797149999);
  backup.source = Music();
  backup.image.totals.items = 3;
  backup.image.totals.bytes = 120;
  return backup;
}

const std::string kBackupDetails =
    R"("BackupArn":"arn:aws:dynamodb:us-east-1:123456789012:table/Music/backup/)"
    R"(01489602797149-73d8d5bc","BackupName":"monthly","BackupSizeBytes":120,)"
    R"("BackupStatus":"AVAILABLE","BackupType":"USER","BackupCreationDateTime":1489602797.149)";

TEST(BackupDescription, HasDetailsSourceAndFeatures) {
  std::string json;
  codec::JsonWriter w(&json);
  WriteBackupDescription(MusicBackup(), &w);
  EXPECT_EQ(json,
            R"({"BackupDetails":{)" + kBackupDetails +
                R"(},"SourceTableDetails":{"TableName":"Music",)"
                R"("TableId":"f38d30f3-5319-4ecf-a518-573a55231ac0",)"
                R"("TableArn":"arn:aws:dynamodb:us-east-1:123456789012:table/Music",)"
                R"("TableSizeBytes":120,"KeySchema":[{"AttributeName":"Artist","KeyType":"HASH"},)"
                R"({"AttributeName":"Year","KeyType":"RANGE"}],)"
                R"("TableCreationDateTime":1489602797.149,)"
                R"("ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6},)"
                R"("ItemCount":3,"BillingMode":"PROVISIONED"},"SourceTableFeatureDetails":{}})");
}

TEST(BackupDescription, SummaryOfASystemBackupNamesItsEnd) {
  auto backup = MusicBackup();
  backup.type = catalog::BackupType::kSystem;
  backup.expires = FromMicros(1492626797149000);
  std::string json;
  codec::JsonWriter w(&json);
  WriteBackupSummary(backup, &w);
  std::string details = kBackupDetails;
  details.replace(details.find("USER"), 4, "SYSTEM");
  EXPECT_EQ(json, R"({"TableName":"Music","TableId":"f38d30f3-5319-4ecf-a518-573a55231ac0",)"
                  R"("TableArn":"arn:aws:dynamodb:us-east-1:123456789012:table/Music",)" +
                      details + R"(,"BackupExpiryDateTime":1492626797.149})");
}

TEST(ContinuousBackups, TellNothingMoreWhileRecoveryIsOff) {
  EXPECT_EQ(ContinuousBackupsAnswer({}, std::nullopt),
            R"({"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED",)"
            R"("PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}})");
}

TEST(ContinuousBackups, TellTheWindowInWholeSecondsThatCanBeSentBack) {
  pitr::Window window{FromMicros(100'700'000), FromMicros(160'900'000)};
  EXPECT_EQ(ContinuousBackupsAnswer({.enabled = true, .period_days = 7}, window),
            R"({"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED",)"
            R"("PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED",)"
            R"("RecoveryPeriodInDays":7,"EarliestRestorableDateTime":100,)"
            R"("LatestRestorableDateTime":160}}})");
}

TEST(ContinuousBackups, LatestNeverPrecedesEarliest) {
  auto told = InWholeSeconds({FromMicros(100'700'000), FromMicros(100'900'000)});
  EXPECT_EQ(told.earliest, told.latest);
}

TEST(ConsumedCapacity, IsToldAsFarAsAskedFor) {
  auto told = [](std::optional<ReturnConsumedCapacity> wanted) {
    std::string json;
    codec::JsonWriter w(&json);
    w.BeginObject();
    WriteConsumedCapacity(wanted, table::Capacity{.table = "Music", .read_units = 0.5}, &w);
    w.EndObject();
    return json;
  };
  EXPECT_EQ(told(std::nullopt), "{}");
  EXPECT_EQ(told(ReturnConsumedCapacity::kNone), "{}");
  EXPECT_EQ(told(ReturnConsumedCapacity::kTotal),
            R"({"ConsumedCapacity":{"TableName":"Music","CapacityUnits":0.5}})");
  EXPECT_EQ(told(ReturnConsumedCapacity::kIndexes),
            R"({"ConsumedCapacity":{"TableName":"Music","CapacityUnits":0.5,)"
            R"("Table":{"CapacityUnits":0.5}}})");
}

}  // namespace
}  // namespace tidemark::api::dynamodb
