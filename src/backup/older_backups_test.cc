#include "backup/older_backups.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/random.h"

namespace tidemark::backup {
namespace {

using catalog::BackupRecord;

TEST(OlderBackups, MayBeBuiltUponWhereTheirFilesAreHereAndInTheStore) {
  BackupRecord backup;
  backup.source.id = TableId::Make(TheSystemRandom());
  backup.source.account = AccountId("123456789012");
  backup.source.region = Region("us-east-1");
  backup.source.sse = {.enabled = true, .type = "KMS", .key_arn = "arn:one"};
  backup.created = FromMicros(2);
  backup.status = catalog::BackupStatus::kAvailable;
  BackupRecord older = backup;
  older.created = FromMicros(1);
  older.copy = catalog::StoreCopy::kThere;
  ASSERT_TRUE(MayBeBuiltUpon(older, backup));
  const std::vector<std::function<void(BackupRecord&)>> faults{
      [](BackupRecord& one) { one.source.id = TableId::Make(TheSystemRandom()); },
      [](BackupRecord& one) { one.source.account = AccountId("222222222222"); },
      [](BackupRecord& one) { one.source.region = Region("eu-west-1"); },
      [](BackupRecord& one) { one.source.sse.key_arn = "arn:other"; },
      [](BackupRecord& one) { one.source.sse.enabled = false; },
      [](BackupRecord& one) { one.source.sse.moving = true; },
      [](BackupRecord& one) { one.created = FromMicros(2); },
      [](BackupRecord& one) { one.status = catalog::BackupStatus::kCreating; },
      [](BackupRecord& one) { one.copy = catalog::StoreCopy::kWanted; },
      [](BackupRecord& one) { one.copy = catalog::StoreCopy::kRemoved; },
      [](BackupRecord& one) { one.in_store_only = true; },
      [](BackupRecord& one) { one.image.cold_since = FromMicros(3); },
  };
  for (size_t i = 0; i < faults.size(); ++i) {
    BackupRecord other = older;
    faults[i](other);
    EXPECT_FALSE(MayBeBuiltUpon(other, backup)) << i;
  }
  backup.image.cold_since = FromMicros(3);
  EXPECT_FALSE(MayBeBuiltUpon(older, backup)) << "it is small already";
}

}  // namespace
}  // namespace tidemark::backup
