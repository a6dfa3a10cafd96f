// Settings of a table as part of its history.
#include "pitr/recovery_fixture.h"

namespace tidemark::pitr {
namespace {

TEST_F(RecoveryTest, SettingsAreKnownAtEveryInstantOfTheWindow) {
  Tag("before");
  ASSERT_TRUE(Switch(true).has_value());
  const Timestamp begin = Record().pitr.enabled_at;
  std::map<Timestamp, std::string> tags{{begin, "before"}};
  for (const std::string value : {"a", "b", "c"}) {
    WriteMany(3);
    const Timestamp just_before = shard_->Now();
    tags[just_before] = tags.rbegin()->second;
    tags[Tag(value)] = value;
  }
  for (const auto& [time, value] : tags) EXPECT_EQ(TagAt(time), value) << (time - begin).count();

  catalog_.reset();  // what is known after a restart
  OpenCatalog();
  Recovery again(*catalog_, shards_, *engine_, keys_, random_);
  for (const auto& [time, value] : tags) {
    const auto table = again.TableAt(Record(), time);
    ASSERT_TRUE(table.has_value()) << table.error().message;
    EXPECT_EQ((*table)->tags[0].value, value) << (time - begin).count();
  }
  again.Stop();
}

TEST_F(RecoveryTest, AChangeOfSettingsLiesBetweenTheCommitsAroundIt) {
  ASSERT_TRUE(Switch(true).has_value());
  Write("k", "1");
  const Timestamp first = states_.rbegin()->first;
  Tag("new", {"AK", "r7"});
  Write("k", "2");
  const Timestamp second = states_.rbegin()->first;
  EXPECT_EQ(TagAt(first), "none");
  EXPECT_EQ(TagAt(second), "new");
  const auto settings = *catalog_->Settings(table_, first, second);
  ASSERT_EQ(settings.size(), 2u);
  EXPECT_GT(settings[1].time, first);
  EXPECT_LT(settings[1].time, second);
  EXPECT_EQ(settings[1].origin.access_key, "AK");
  EXPECT_EQ(settings[1].origin.request_id, "r7");
  EXPECT_TRUE(settings[1].table.pitr.history_key.empty());
}

TEST_F(RecoveryTest, SettingsAreForgottenWithTheHistory) {
  ASSERT_TRUE(Switch(true).has_value());
  const Timestamp then = Tag("a");
  Tag("b");
  ASSERT_TRUE(Switch(false).has_value());
  EXPECT_TRUE(catalog_->TablesWithSettings().empty());
  EXPECT_EQ(recovery_->TableAt(Record(), then).error().kind, ErrorKind::kPitrUnavailable);
  EXPECT_EQ((*catalog_->TableAt(table_, then))->tags[0].value, "b");  // as it is
  OpenCatalog();
  EXPECT_TRUE(catalog_->TablesWithSettings().empty());
}

TEST_F(RecoveryTest, SettingsLeaveWithTheWindow) {
  ASSERT_TRUE(Switch(true, 2).has_value());
  for (int day = 0; day < 5; ++day) {
    clock_.Advance(std::chrono::hours(24));
    Tag(std::to_string(day));
  }
  recovery_->Maintain();
  // Days 3 and 4, and what held when the window begins.
  EXPECT_EQ(catalog_->Settings(table_, {}, shard_->Now())->size(), 3u);
  EXPECT_EQ(TagAt(recovery_->WindowOf(Record())->earliest), "2");
}

TEST_F(RecoveryTest, SettingsOfADeletedTableStayWithItsBackup) {
  ASSERT_TRUE(Switch(true).has_value());
  const Timestamp then = Tag("a");
  Tag("b");
  catalog::BackupRecord backup;
  backup.id = BackupId("01489602797149-00000000");
  backup.type = catalog::BackupType::kSystem;
  backup.source = Record();
  backup.created = shard_->Now();
  ASSERT_TRUE(catalog_->PutBackup(backup).has_value());
  ASSERT_TRUE(catalog_->EraseTable(table_).has_value());
  recovery_->Maintain();
  EXPECT_EQ((*catalog_->TableAt(table_, then))->tags[0].value, "a");
  EXPECT_EQ((*catalog_->TableAt(table_, shard_->Now()))->tags[0].value, "b");
  ASSERT_TRUE(catalog_->EraseBackup(backup.Arn()).has_value());
  recovery_->Maintain();
  EXPECT_EQ(catalog_->TableAt(table_, then).error().kind, ErrorKind::kResourceNotFound);
}

TEST_F(RecoveryTest, SettingsThatAreChangedWhileItIsSwitchedOnAreNotTakenForEarlierOnes) {
  random_.on_fill = [&] { Tag("meanwhile"); };
  ASSERT_TRUE(Switch(true).has_value());
  EXPECT_EQ(TagAt(Record().pitr.enabled_at), "meanwhile");
  const auto images = catalog_->Images(table_);
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(images[0]->as_of, Record().pitr.enabled_at);
}

}  // namespace
}  // namespace tidemark::pitr
