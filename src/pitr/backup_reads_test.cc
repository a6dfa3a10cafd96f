#include "pitr/backup_reads.h"

#include "pitr/diff.h"
#include "pitr/recovery_fixture.h"

namespace tidemark::pitr {
namespace {

class BackupReadsTest : public RecoveryTest {
 protected:
  // An AVAILABLE backup of now: its run holds what the files lack.
  catalog::BackupRecord BackUp(const std::string& id) {
    const auto hold = shard_->HoldLog();
    catalog::BackupRecord backup;
    backup.id = BackupId(id);
    backup.status = catalog::BackupStatus::kAvailable;
    backup.source = Record();
    backup.image = *PinImage(*shard_, table_, ImageId::Make(random_), "{}");
    backup.created = backup.image.as_of;
    EXPECT_TRUE(Replay(shard_->log(), {table_, backup.image.replay_from, backup.image.as_of},
                       SIZE_MAX, [&](std::span<const RowSource> parts) {
                         return engine_->WriteRun(ImagePath(*shard_, backup.image), parts.front());
                       }));
    EXPECT_TRUE(catalog_->PutBackup(backup));
    return backup;
  }
  Result<catalog::BackupPtr> Find(const catalog::BackupRecord& backup) {
    return reads_.Find(kAccount, kRegion, backup.Arn());
  }
  Result<Rows> Read(const catalog::BackupRecord& backup) {
    TM_TRY(const auto found, Find(backup));
    TM_TRY(const auto reader, reads_.Open(*found));
    return RowsOf(*reader);
  }
  static Result<Rows> RowsOf(const engine::RowReader& reader) {
    Rows found;
    TM_TRY(auto rows, reader.Scan({.begin = Bytes{'\0', '\1'}, .end = Bytes{'\0', '\2'}}));
    for (; rows->Valid(); rows->Next()) found[Bytes(rows->key())] = Bytes(rows->value());
    TM_TRYV(rows->status());
    return found;
  }
  void Edit(const catalog::BackupRecord& backup, std::function<void(catalog::BackupRecord&)> edit) {
    ASSERT_TRUE(catalog_->EditBackup(backup.Arn(), std::move(edit)));
  }

  Result<void> key_;
  BackupReads reads_{*catalog_, shards_, *engine_, random_,
                     [this](const catalog::SseSettings&) { return key_; }};
};

TEST_F(BackupReadsTest, EachShowsItsOwnInstant) {
  WriteMany(40);
  const Rows first_rows = now_;
  const auto first = BackUp("01489602797149-00000001");
  WriteMany(40);
  const Rows second_rows = now_;
  const auto second = BackUp("01489602797149-00000002");
  WriteMany(40);
  EXPECT_EQ(*Read(first), first_rows);
  EXPECT_EQ(*Read(second), second_rows);
  EXPECT_EQ(*Read(first), first_rows);
  EXPECT_EQ(reads_.images(), 2u);
}

TEST_F(BackupReadsTest, OneThatHasLostItsRunIsNotRead) {
  WriteMany(40);
  catalog::BackupRecord backup = BackUp("01489602797149-00000001");
  WriteMany(40);
  backup.image = *PinImage(*shard_, table_, ImageId::Make(random_), "{}");
  Edit(backup, [&](catalog::BackupRecord& record) { record.image = backup.image; });
  const auto lost = Read(backup);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::kCorruption);
  EXPECT_TRUE(lost.error().message.find("run.sst is missing") != std::string::npos)
      << lost.error().message;
}

TEST_F(BackupReadsTest, WhoReadsGoesOnWhenTheBackupGoesAndNobodyBeginsAnew) {
  WriteMany(40);
  const Rows rows = now_;
  const auto backup = BackUp("01489602797149-00000001");
  const auto reader = *reads_.Open(**Find(backup));
  ASSERT_TRUE(catalog_->EraseBackup(backup.Arn()));
  RemoveImageFiles(ImagePath(*shard_, backup.image));
  reads_.Tend();
  EXPECT_EQ(reads_.images(), 0u);
  EXPECT_EQ(*RowsOf(*reader), rows);
  EXPECT_EQ(Find(backup).error().kind, ErrorKind::kBackupNotFound);
  // One that was found before its files went.
  catalog::BackupRecord gone = backup;
  gone.image.id = ImageId::Make(random_);
  gone.image.directory = gone.image.id.ToString();
  EXPECT_EQ(reads_.Open(gone).error().kind, ErrorKind::kBackupNotFound);
}

TEST_F(BackupReadsTest, WhatCannotBeReadAsItLiesSaysWhatToDo) {
  const auto backup = BackUp("01489602797149-00000001");
  EXPECT_EQ(reads_.Find(AccountId("210987654321"), kRegion, backup.Arn()).error().kind,
            ErrorKind::kBackupNotFound);
  EXPECT_EQ(reads_.Find(kAccount, Region("eu-west-1"), backup.Arn()).error().kind,
            ErrorKind::kBackupNotFound);
  Edit(backup, [](auto& record) { record.status = catalog::BackupStatus::kCreating; });
  EXPECT_EQ(Find(backup).error().kind, ErrorKind::kBackupInUse);
  Edit(backup, [](auto& record) {
    record.status = catalog::BackupStatus::kAvailable;
    record.in_store_only = true;
  });
  EXPECT_NE(Find(backup).error().message.find("restore it to a new table"), std::string::npos);
  Edit(backup, [](auto& record) {
    record.in_store_only = false;
    record.image.cold_since = record.created;
  });
  EXPECT_NE(Find(backup).error().message.find("cold storage"), std::string::npos);
}

TEST_F(BackupReadsTest, AKeyThatIsOffClosesWhatIsOpen) {
  WriteMany(10);
  const auto backup = BackUp("01489602797149-00000001");
  EXPECT_TRUE(Read(backup));
  key_ = Fail(ErrorKind::kKeyDisabled, "off");
  EXPECT_EQ(Read(backup).error().kind, ErrorKind::kKeyDisabled);
  reads_.Tend();
  EXPECT_EQ(reads_.images(), 0u);
  key_ = {};
  EXPECT_EQ(*Read(backup), now_);
}

TEST_F(BackupReadsTest, WhatDiffersIsToldOnceWhateverThePages) {
  WriteMany(40);
  const auto old_rows = now_;
  const auto backup = BackUp("01489602797149-00000001");
  WriteMany(7);
  Write("k99", Bytes("new"));
  const auto reader = *reads_.Open(**Find(backup));
  auto store = runtime::RunBlocking(threads_.context(0), shard_->Store(shard_->Find(table_)));
  ASSERT_TRUE(store);
  for (const size_t at_once : {1, 3, 100}) {
    for (const size_t looked_at : {1, 2, 1000}) {
      Rows before = old_rows;
      DiffRequest request{.begin = Bytes{'\0', '\1'},
                          .end = Bytes{'\0', '\2'},
                          .changes_max = at_once,
                          .bytes_max = SIZE_MAX,
                          .examined_max = looked_at};
      while (!request.begin.empty()) {
        const auto page = *DiffRows(*reader, **store, request);
        EXPECT_LE(page.changes.size(), std::min(at_once, looked_at));
        for (const RowChange& change : page.changes) {
          ASSERT_NE(change.before, change.after);
          const auto at = before.find(change.key);
          ASSERT_EQ(change.before, at == before.end() ? std::nullopt : std::optional(at->second));
          if (change.after) {
            before[change.key] = *change.after;
          } else {
            before.erase(change.key);
          }
        }
        request.begin = page.next;
      }
      EXPECT_EQ(before, now_);
    }
  }
}

}  // namespace
}  // namespace tidemark::pitr
