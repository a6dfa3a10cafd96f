#include <gtest/gtest.h>

#include "catalog/backup_record.h"
#include "catalog/item_restore_record.h"
#include "catalog/settings_record.h"
#include "catalog/table_record.h"

namespace tidemark::catalog {
namespace {

TableRecord FullTable() {
  TableRecord record;
  record.account = AccountId("123456789012");
  record.region = Region("us-east-1");
  record.name = "Users";
  record.id = TableId::Make(TheSystemRandom());
  record.status = TableStatus::kActive;
  record.created = FromMicros(1'700'000'000'123'456);
  record.keys.partition = {"pk", item::Type::kString};
  record.keys.sort = {"sk", item::Type::kNumber};
  record.attributes = {{"pk", item::Type::kString}, {"sk", item::Type::kNumber}};
  IndexRecord local{.name = "local", .local = true};
  local.definition.number = 2;
  local.definition.partition = {record.keys.partition};
  local.definition.sort = {{"when", item::Type::kNumber}};
  IndexRecord global{.name = "global",
                     .status = IndexStatus::kCreating,
                     .ready_at = FromMicros(77),
                     .built_to = Bytes("\0\1x", 3),
                     .throughput = {3, 4},
                     .on_demand = OnDemandThroughput{-1, 8}};
  global.definition.number = 5;
  global.definition.partition = {{"a", item::Type::kString}, {"b", item::Type::kBinary}};
  global.definition.projection = index::Projection::kInclude;
  global.definition.included = {"z", "y"};
  global.definition.building = true;
  global.definition.deletes_only = true;
  record.indexes = {local, global};
  record.next_index = 6;
  record.CompleteIndexes();
  record.billing = BillingMode::kPayPerRequest;
  record.billing_changed = FromMicros(17);
  record.throughput = {5, 6};
  record.throughput_changes = {FromMicros(20), FromMicros(21), 3};
  record.warm = {70, 80};
  record.on_demand = OnDemandThroughput{7, -1};
  record.table_class = "STANDARD";
  record.table_class_changed = FromMicros(22);
  record.deletion_protection = true;
  record.sse = {true, "KMS", "arn:aws:kms:x", FromMicros(11), true};
  record.tags = {{"team", "a \"quoted\" one"}};
  record.policy = {"{\"Statement\":[]}", "17"};
  record.ttl = {"expires", FromMicros(30), true};
  record.pitr = {true, 7, FromMicros(99), Bytes("\0key\xff", 5), {UINT64_MAX, 4, 8192}};
  record.stream = StreamSettings{.enabled = true,
                                 .view = StreamView::kNewAndOldImages,
                                 .label = "2026-11-26T22:01:02.345",
                                 .enabled_at = FromMicros(98),
                                 .disabled_at = FromMicros(97),
                                 .policy = {"{}", "18"}};
  record.restore = RestoreSummary{.source_backup_arn = "arn:b",
                                  .source_table_arn = "arn:t",
                                  .restore_time = FromMicros(5),
                                  .in_progress = true,
                                  .image_directory = "dir",
                                  .source_region = Region("eu-west-1"),
                                  .source_table = TableId::Make(TheSystemRandom()),
                                  .point_in_time = true,
                                  .history_key = "another key",
                                  .recovery_days = 9};
  return record;
}

TEST(TableRecord, ReadsBackWhatWasWritten) {
  const TableRecord record = FullTable();
  const auto read = DecodeTableRecord(EncodeTableRecord(record));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, record);
}

TEST(TableRecord, CountsDecreasesOfTheDayOnly) {
  const Timestamp late = FromMicros(1'700'000'000'000'000);  // 22:13 UTC
  const ThroughputChanges changes{.decreased = late, .decreases = 3};
  EXPECT_EQ(changes.DecreasesOn(late + std::chrono::hours(1)), 3);
  EXPECT_EQ(changes.DecreasesOn(late + std::chrono::hours(2)), 0);
  EXPECT_EQ(ThroughputChanges().DecreasesOn(late), 0);
}

TEST(TableRecord, IsAsWarmAsTheMostOfWhatItHas) {
  TableRecord record;
  record.throughput = {5, 6};
  EXPECT_EQ(record.Warm(), (Throughput{5, 6}));
  record.warm = {3, 50};
  EXPECT_EQ(record.Warm(), (Throughput{5, 50}));
  record.billing = BillingMode::kPayPerRequest;
  record.throughput = {};
  EXPECT_EQ(record.Warm(), (Throughput{12000, 4000}));
}

TEST(TableRecord, NamesDamageAndOtherVersions) {
  for (const char* text : {"", "{", "[]", R"({"version":1})", R"({"version":2,"name":"x"})"}) {
    const auto read = DecodeTableRecord(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::kCorruption);
  }
}

TEST(SettingsRecord, ReadsBackWhatWasWritten) {
  const SettingsRecord record{
      .time = FromMicros(1'700'000'000'123'457), .origin = {"AK", "r-1"}, .table = FullTable()};
  const auto read = DecodeSettingsRecord(EncodeSettingsRecord(record));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->time, record.time);
  EXPECT_EQ(read->origin.access_key, record.origin.access_key);
  EXPECT_EQ(read->origin.request_id, record.origin.request_id);
  EXPECT_EQ(read->table, record.table);
}

TEST(SettingsRecord, HasNeitherKeysOfHistoryNorHowFarJobsHaveCome) {
  TableRecord record = FullTable();
  const TableRecord settings = SettingsOf(record);
  EXPECT_TRUE(settings.pitr.history_key.empty());
  EXPECT_EQ(settings.pitr.period_days, record.pitr.period_days);
  EXPECT_EQ(settings.tags, record.tags);
  record.status = TableStatus::kDeleting;
  record.sse.moving = !record.sse.moving;
  record.ttl.unsettled = !record.ttl.unsettled;
  record.indexes[1].built_to = "x";
  record.indexes[1].definition.building = false;
  record.indexes[1].definition.deletes_only = false;
  record.restore.reset();
  EXPECT_EQ(SettingsOf(record), settings);
  record.indexes[1].status = IndexStatus::kActive;
  EXPECT_NE(SettingsOf(record), settings);
}

TEST(BackupRecord, ReadsBackWhatWasWritten) {
  BackupRecord record;
  record.id = BackupId("01489602797149-73d8d5bc");
  record.name = "monthly";
  record.type = BackupType::kSystem;
  record.status = BackupStatus::kAvailable;
  record.created = FromMicros(1'489'602'797'149'000);
  record.expires = FromMicros(1'489'602'797'149'001);
  record.source = FullTable();
  record.image.id = ImageId::Make(TheSystemRandom());
  record.image.table = record.source.id;
  record.image.region = record.source.region;
  record.image.directory = "d";
  record.image.as_of = record.created;
  record.image.position = {UINT64_MAX, 3, 4096};
  record.image.replay_from = {UINT64_MAX, 2, 8192};
  record.image.needs_log = false;
  record.image.settled = true;
  record.image.raw_before = 77;
  record.image.stored_before = 66;
  record.image.file_bytes = 12345;
  record.image.cold_since = FromMicros(1'489'602'797'149'002);
  record.image.totals = {5, 600, {UINT64_MAX, 1}, {{2, 3, 40, {UINT64_MAX, 2}}, {5, 1, 9, {7, 8}}}};
  record.copy = StoreCopy::kWanted;
  record.copy_job = "j";
  record.in_store_only = true;
  const auto read = DecodeBackupRecord(EncodeBackupRecord(record));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, record);
  EXPECT_EQ(read->Arn(),
            "arn:aws:dynamodb:us-east-1:123456789012:table/Users/backup/01489602797149-73d8d5bc");
}

TEST(ItemRestoreRecord, ReadsBackWhatWasWritten) {
  ItemRestoreRecord record;
  record.id = ItemRestoreId::Make(TheSystemRandom());
  record.account = AccountId("123456789012");
  record.region = Region("us-east-1");
  record.table_name = "Users";
  record.keys.partition = {"pk", item::Type::kString};
  record.keys.sort = {"sk", item::Type::kBinary};
  record.access_key = "AKIA1";
  record.token = "t";
  record.selection = {.table = TableId::Make(TheSystemRandom()),
                      .from = FromMicros(1),
                      .backup_arn = "arn:aws:dynamodb:us-east-1:123456789012:table/Users/backup/1",
                      .until = FromMicros(2),
                      .kinds = {.removed = true, .changed = false, .added = true},
                      .partition = Bytes("\0\1p", 3),
                      .rows = {Bytes("\0\1a", 3), Bytes("\0\1\xff", 3)},
                      .dry_run = true,
                      .rewind = true,
                      .undo_of = ItemRestoreId::Make(TheSystemRandom())};
  record.created = FromMicros(3);
  record.from = FromMicros(4);
  record.until = FromMicros(5);
  record.status = ItemRestoreStatus::kFailed;
  record.failure = "the table is gone";
  record.ended = FromMicros(6);
  record.next = Bytes("\0\1b", 3);
  record.restored = {7, 8, 9};
  record.not_selected = {10, 11, 12};
  record.already = 13;
  record.conflicts = 14;
  record.refused = 15;
  record.left = {{Bytes("\0\1c", 3), Difference::kAdded, ""},
                 {Bytes("\0\1d", 3), Difference::kChanged, "too large"}};
  const auto read = DecodeItemRestoreRecord(EncodeItemRestoreRecord(record));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, record);
  EXPECT_EQ(read->examined(), 99u);

  record.selection.until.reset();
  record.selection.undo_of.reset();
  record.selection.backup_arn.clear();
  record.keys.sort.reset();
  EXPECT_EQ(DecodeItemRestoreRecord(EncodeItemRestoreRecord(record)), record);
}

}  // namespace
}  // namespace tidemark::catalog
