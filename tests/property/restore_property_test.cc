// Restores, of live tables, of deleted ones and of backups, and rewinds.
// TIDEMARK_PROPERTY_INSTANTS: to how many a live table is restored; without it 80.
#include "property/restore_property.h"

#include "pitr/backup_reads.h"

namespace tidemark {
namespace {

int Instants() {
  const char* given = std::getenv("TIDEMARK_PROPERTY_INSTANTS");
  return given ? std::stoi(given) : 80;
}

TEST_F(RestoreProperty, EveryInstantRestoresToTheStateAfterItsLastCommit) {
  std::mt19937_64 random(seed_);
  WriteConcurrently(random, 50);  // before recovery is on: part of the first image
  ASSERT_TRUE(
      storage_->recovery->Update(kAccount, kRegion, "Source", true, std::nullopt).has_value());
  const Timestamp earliest = storage_->catalog->FindTable(id_)->pitr.enabled_at;
  for (int round = 0; round < 6; ++round) {
    // Indexes come and go while items are written.
    if (round == 2) {
      ASSERT_TRUE(ChangeIndex(*storage_, id_, "late", {{"kind", item::Type::kString}}).has_value());
    }
    if (round == 4) {
      ASSERT_TRUE(ChangeIndex(*storage_, id_, "n", std::nullopt).has_value());
    }
    WriteConcurrently(random, 120);
    AwaitIndexes();
    if (round % 2 == 1 && round < 5) {  // some of it sorted into runs, the end left in the log
      ASSERT_TRUE((*storage_->recovery->ArchiveOf(kRegion))->Drain().has_value());
      storage_->recovery->Maintain();
    }
    if (round == 1) Open();  // a clean restart
    if (round == 2 || round == 4) {
      clock_.Advance(std::chrono::hours(25));  // a day later: a new image is due
      WriteConcurrently(random, 10);
      storage_->recovery->Maintain();
    }
  }
  EXPECT_GE(storage_->catalog->Images(id_).size(), 3u);
  const auto archived = (*storage_->recovery->ArchiveOf(kRegion))->Stats();
  EXPECT_GE(archived.runs, 2u);
  EXPECT_GT(archived.debt_bytes, 0u) << "restores read the log's end, too";
  for (size_t i = 1; i < commits_.size(); ++i) ASSERT_LT(commits_[i - 1].time, commits_[i].time);

  int compared = 0;
  for (int i = 0; i < Instants(); ++i) {
    // At a commit, or the microsecond before it.
    Timestamp time = commits_[random() % commits_.size()].time - Micros(random() % 2);
    if (time < earliest) time = earliest;
    restore::ToPointInTime request;
    request.account = kAccount;
    request.region = kRegion;
    request.source_table = "Source";
    request.target = "Restored-" + std::to_string(i);
    request.time = time;
    auto started = storage_->restores->Start(request);
    ASSERT_TRUE(started.has_value()) << started.error().message;
    auto restored = storage_->WaitActive(*started);
    ASSERT_NE(restored, nullptr) << "the restore to " << ToMicros(time) << " failed";
    SCOPED_TRACE(ToMicros(time));
    EXPECT_EQ(restored->indexes.size(), 2u);  // the source's now, however old T is
    ASSERT_NO_FATAL_FAILURE(Compare(*restored, StateAt(commits_, time)));
    ASSERT_NO_FATAL_FAILURE(CompareWithoutRestoring(random, time));
    ++compared;
    ASSERT_TRUE(storage_->catalog->EraseTable(restored->id).has_value());
    ASSERT_TRUE(Shard().DropTable(restored->id, "{}").has_value());
  }
  EXPECT_EQ(compared, Instants());
  const auto source = storage_->catalog->FindTable(id_);
  ASSERT_NO_FATAL_FAILURE(Compare(*source, StateAt(commits_, commits_.back().time)))
      << "the source was touched";
}

TEST_F(RestoreProperty, ADeletedTableRestoresToEveryInstantOfItsWindow) {
  std::mt19937_64 random(seed_);
  ASSERT_TRUE(
      storage_->recovery->Update(kAccount, kRegion, "Source", true, std::nullopt).has_value());
  const Timestamp earliest = storage_->catalog->FindTable(id_)->pitr.enabled_at;
  for (int round = 0; round < 3; ++round) {
    WriteConcurrently(random, 80);
    if (random() % 2) {
      ASSERT_TRUE((*storage_->recovery->ArchiveOf(kRegion))->Drain().has_value());
    }
    if (random() % 2) clock_.Advance(std::chrono::hours(25));
    storage_->recovery->Maintain();
  }
  const table::Caller caller{.account = kAccount, .region = kRegion, .origin = {}};
  ASSERT_TRUE(runtime::RunBlocking(storage_->threads.context(0),
                                   storage_->control->Delete(caller, "Source")));
  for (int i = 0; i < 60; ++i) {
    // What comes after the deletion takes nothing from it.
    if (i == 20) Open();
    if (i == 30) {
      ASSERT_TRUE((*storage_->recovery->ArchiveOf(kRegion))->Drain().has_value());
    }
    if (i == 40) clock_.Advance(std::chrono::hours(24 * 34));
    if (i % 10 == 0) storage_->recovery->Maintain();
    const Timestamp time =
        std::max(earliest, commits_[random() % commits_.size()].time - Micros(random() % 2));
    restore::ToPointInTime request;
    request.account = kAccount;
    request.region = kRegion;
    request.source_table = "Source";
    request.deleted = true;
    request.target = "Restored-" + std::to_string(i);
    request.use_latest = i % 10 == 0;
    if (!request.use_latest) request.time = time;
    auto started = storage_->restores->Start(request);
    ASSERT_TRUE(started.has_value()) << started.error().message;
    const auto restored = storage_->WaitActive(*started);
    ASSERT_NE(restored, nullptr) << "the restore to " << ToMicros(time) << " failed";
    SCOPED_TRACE(ToMicros(time));
    ASSERT_NO_FATAL_FAILURE(
        Compare(*restored, StateAt(commits_, request.use_latest ? commits_.back().time : time)));
    ASSERT_TRUE(storage_->catalog->EraseTable(restored->id).has_value());
    ASSERT_TRUE(Shard().DropTable(restored->id, "{}").has_value());
  }
}

TEST_F(RestoreProperty, ARewindIsTheStateOfThenAndItsUndoTheStateBefore) {
  std::mt19937_64 random(seed_);
  WriteConcurrently(random, 40);
  ASSERT_TRUE(
      storage_->recovery->Update(kAccount, kRegion, "Source", true, std::nullopt).has_value());
  const Timestamp earliest = storage_->catalog->FindTable(id_)->pitr.enabled_at;
  for (int round = 0; round < 3; ++round) {
    WriteConcurrently(random, 60);
    if (round == 1) {
      ASSERT_TRUE((*storage_->recovery->ArchiveOf(kRegion))->Drain().has_value());
      storage_->recovery->Maintain();
    }
  }
  const auto record = storage_->catalog->FindTable(id_);
  table::CollectionLimit limit(storage_->pool);
  pitr::BackupReads backups(*storage_->catalog, *storage_->regions, *storage_->engine,
                            TheSystemRandom(),
                            [](const catalog::SseSettings&) -> Result<void> { return {}; });
  restore::ItemRestores jobs(*storage_->catalog, *storage_->regions, *storage_->past, backups,
                             limit, storage_->threads.context(0), TheSystemRandom(),
                             {.page_rows = 17});
  const auto rewind = [&](catalog::ItemSelection selection) {
    selection.table = id_;
    selection.kinds = {true, true, true};
    selection.rewind = true;
    const auto started = jobs.Start({record, selection, "operator", ""});
    EXPECT_TRUE(started.has_value()) << started.error().message;
    catalog::ItemRestorePtr job = *started;
    while (job->status == catalog::ItemRestoreStatus::kRunning) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      job = storage_->catalog->FindItemRestore(job->id);
    }
    EXPECT_EQ(job->status, catalog::ItemRestoreStatus::kCompleted) << job->failure;
    EXPECT_EQ(job->conflicts + job->refused, 0u);
    return job;
  };
  State now = StateAt(commits_, commits_.back().time);
  for (int i = 0; i < 20; ++i) {
    const Timestamp time =
        std::max(earliest, commits_[random() % commits_.size()].time - Micros(random() % 2));
    SCOPED_TRACE(ToMicros(time));
    const auto job = rewind({.from = time});
    ASSERT_NO_FATAL_FAILURE(Compare(*record, StateAt(commits_, time)));
    if (random() % 3 == 0) {  // it stays so; the next one is seen from here
      now = StateAt(commits_, time);
      continue;
    }
    rewind({.from = job->until, .until = job->ended, .undo_of = job->id});
    ASSERT_NO_FATAL_FAILURE(Compare(*record, now));
  }
}

// Transfers between accounts in two tables; at every instant, restored, the two add up.
TEST_F(RestoreProperty, TransactionsOverTablesAreWholeAtEveryInstant) {
  constexpr int kAccounts = 8, kBegin = 1000;
  std::mt19937_64 random(seed_);
  catalog::TableRecord record = *storage_->catalog->FindTable(id_);
  record.name = "Other";
  record.id = TableId::Make(TheSystemRandom());
  ASSERT_TRUE(Shard().CreateTable(record.id, "{}").has_value());
  ASSERT_TRUE(storage_->catalog->InsertTable(record).has_value());
  const std::array<TableId, 2> ids = {id_, record.id};
  const auto account = [&](int number, int64_t amount) {
    item::Item item;
    item.Set("pk", item::AttributeValue("account-" + std::to_string(number)));
    const Bytes key = item::RowKey(item::kPrimaryIndex, *item.Find("pk"), nullptr);
    return shard::WriteRequest{
        Shard().Find(ids[static_cast<size_t>(number) % 2]), key,
        [item, amount](const std::optional<Bytes>& old) -> Result<shard::Mutation> {
          item::Item now = item;
          now.Set("n", item::AttributeValue(item::Number::FromInt(AmountIn(old) + amount)));
          shard::Mutation mutation;
          mutation.kind = shard::Mutation::Kind::kPut;
          mutation.value = item::EncodeItem(now);
          mutation.old_size = old ? *item::EncodedItemSize(*old) : 0;
          mutation.new_size = *item::EncodedItemSize(mutation.value);
          return mutation;
        }};
  };
  const auto together = [&](std::vector<shard::WriteRequest> requests, size_t io) {
    return runtime::RunBlocking(storage_->threads.context(io % 2),
                                Shard().WriteTogether(std::move(requests), {}));
  };
  std::vector<shard::WriteRequest> begin;
  for (int i = 0; i < kAccounts; ++i) begin.push_back(account(i, kBegin));
  ASSERT_TRUE(together(std::move(begin), 0).has_value());
  for (const char* name : {"Source", "Other"}) {
    ASSERT_TRUE(
        storage_->recovery->Update(kAccount, kRegion, name, true, std::nullopt).has_value());
  }
  const Timestamp earliest = storage_->catalog->FindTable(record.id)->pitr.enabled_at;

  // Of both, restored at once; to the latest instant that both have, without a time.
  int restored = 0;
  const auto sum_at = [&](std::optional<Timestamp> time) -> int64_t {
    std::vector<restore::ToPointInTime> requests;
    for (const char* name : {"Source", "Other"}) {
      restore::ToPointInTime request;
      request.account = kAccount;
      request.region = kRegion;
      request.source_table = name;
      request.target = name + std::to_string(restored);
      request.time = time;
      request.use_latest = !time;
      requests.push_back(std::move(request));
    }
    ++restored;
    const auto started = storage_->restores->Start(requests);
    EXPECT_TRUE(started.has_value()) << started.error().message;
    if (!started) return -1;
    EXPECT_EQ((*started)[0]->restore->restore_time, (*started)[1]->restore->restore_time);
    int64_t sum = 0;
    for (const auto& table : *started) {
      const auto made = storage_->WaitActive(table);
      EXPECT_NE(made, nullptr);
      if (!made) return -1;
      const auto rows = ReadAll(*Shard().Find(made->id));
      for (const auto& [key, value] : *rows) sum += AmountIn(value);
      EXPECT_TRUE(storage_->catalog->EraseTable(made->id).has_value());
      EXPECT_TRUE(Shard().DropTable(made->id, "{}").has_value());
    }
    return sum;
  };

  std::vector<Timestamp> commits;
  for (int round = 0; round < 3; ++round) {
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (size_t thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread, seed = random()] {
        std::mt19937_64 mine(seed);
        for (int i = 0; i < 100; ++i) {
          const int from = static_cast<int>(mine() % kAccounts);
          const int to = (from + 1 + static_cast<int>(mine() % (kAccounts - 1))) % kAccounts;
          const auto amount = static_cast<int64_t>(1 + mine() % 100);
          std::vector<shard::WriteRequest> requests;
          requests.push_back(account(from, -amount));
          requests.push_back(account(to, amount));
          const auto done = together(std::move(requests), thread);
          ASSERT_TRUE(done.has_value()) << done.error().message;
          std::lock_guard lock(mutex);
          commits.push_back(*done);
        }
      });
    }
    std::vector<int64_t> meanwhile;
    for (int i = 0; i < 3; ++i) meanwhile.push_back(sum_at(std::nullopt));
    for (auto& thread : threads) thread.join();
    for (const int64_t sum : meanwhile) ASSERT_EQ(sum, kAccounts * kBegin) << "while it is written";
    if (round == 1) {
      ASSERT_TRUE((*storage_->recovery->ArchiveOf(kRegion))->Drain().has_value());
    }
    if (round == 0) Open();
  }

  for (int i = 0; i < 40; ++i) {
    const Timestamp time =
        std::max(earliest, commits[random() % commits.size()] - Micros(random() % 2));
    ASSERT_EQ(sum_at(time), kAccounts * kBegin) << "at " << ToMicros(time);
  }
}

TEST_F(RestoreProperty, ABackupHoldsTheInstantOfItsRequestAndOutlivesItsTable) {
  std::mt19937_64 random(seed_);
  WriteConcurrently(random, 100);
  std::vector<catalog::BackupPtr> backups;
  std::thread writing([&] { WriteConcurrently(random, 400); });
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    auto backup = storage_->backups->Create(kAccount, kRegion, "Source", "b" + std::to_string(i));
    ASSERT_TRUE(backup.has_value()) << backup.error().message;
    backups.push_back(*backup);
  }
  writing.join();
  for (const auto& backup : backups) {
    while (storage_->catalog->FindBackup(backup->Arn())->status !=
           catalog::BackupStatus::kAvailable) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  ASSERT_TRUE(storage_->catalog->EraseTable(id_).has_value());
  ASSERT_TRUE(Shard().DropTable(id_, "{}").has_value());
  Open();
  ASSERT_TRUE(storage_->backups->Resume().has_value());
  for (const auto& backup : backups) {
    auto started = storage_->restores->Start(
        restore::FromBackup{kAccount, kRegion, backup->Arn(), "From-" + backup->name, {}});
    ASSERT_TRUE(started.has_value()) << started.error().message;
    auto restored = storage_->WaitActive(*started);
    ASSERT_NE(restored, nullptr);
    ASSERT_NO_FATAL_FAILURE(Compare(*restored, StateAt(commits_, backup->image.as_of)));
  }
}

// A wall clock that was set back makes commit times stand nearly still.
TEST_F(RestoreProperty, TablesOfOneNameThatGoInOneMillisecondLeaveABackupEach) {
  const table::Caller caller{.account = kAccount, .region = kRegion, .origin = {}};
  auto& context = storage_->threads.context(0);
  std::mt19937_64 random(seed_);
  WriteConcurrently(random, 10);
  clock_.Advance(-std::chrono::hours(24 * 365));
  for (int i = 0; i < 5; ++i) {
    table::CreateTableRequest request;
    request.table = "Again";
    request.attributes = {{"pk", item::Type::kString}};
    request.key_schema = {{.name = "pk"}};
    request.billing = catalog::BillingMode::kPayPerRequest;
    ASSERT_TRUE(runtime::RunBlocking(context, storage_->control->Create(caller, request)));
    ASSERT_TRUE(storage_->recovery->Update(kAccount, kRegion, "Again", true, std::nullopt));
    ASSERT_TRUE(runtime::RunBlocking(context, storage_->control->Delete(caller, "Again")));
  }
  const auto backups = storage_->catalog->AllBackups();
  ASSERT_EQ(backups.size(), 5u);
  EXPECT_LT(backups.back()->created - backups.front()->created, std::chrono::milliseconds(1));
}

}  // namespace
}  // namespace tidemark
