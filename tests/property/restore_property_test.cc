// Random writes, the state after each commit remembered outside; then restores at random instants,
// compared item by item. On the real log and the real table engine, with images, restarts and steps
// of the clock in between.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "pitr/diff.h"
#include "restore/item_restore.h"
#include "storage.h"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

const AccountId kAccount("123456789012");
const Region kRegion("us-east-1");

using State = Rows;

struct Commit {
  Timestamp time;
  Bytes key;
  std::optional<Bytes> value;
};

int64_t AmountIn(const std::optional<Bytes>& row) {
  if (!row) return 0;
  const auto item = item::DecodeItem(*row);
  return std::stoll(item->Find("n")->As<item::Number>()->ToString());
}

State StateAt(const std::vector<Commit>& sorted, Timestamp time) {
  State state;
  for (const Commit& commit : sorted) {
    if (commit.time > time) break;
    if (commit.value) {
      state[commit.key] = *commit.value;
    } else {
      state.erase(commit.key);
    }
  }
  return state;
}

class RestoreProperty : public testing::Test {
 protected:
  RestoreProperty()
      : seed_(std::random_device{}()),
        directory_((fs::temp_directory_path() / ("tidemark-property-" + std::to_string(::getpid())))
                       .string()),
        keys_(kms::RootKey(crypto::Key256::Make(TheSystemRandom())), TheSystemRandom()) {
    if (const char* given = std::getenv("TIDEMARK_TEST_SEED")) seed_ = std::stoull(given);
    std::printf("TIDEMARK_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed_));
    fs::remove_all(directory_);
    Open();
    catalog::TableRecord record;
    record.account = kAccount;
    record.region = kRegion;
    record.name = "Source";
    record.id = id_ = TableId::Make(TheSystemRandom());
    record.status = catalog::TableStatus::kActive;
    record.keys.partition = {"pk", item::Type::kString};
    record.attributes = {
        {"pk", item::Type::kString}, {"n", item::Type::kNumber}, {"kind", item::Type::kString}};
    AddIndexOn("n", item::Type::kNumber, index::Projection::kKeysOnly, &record);
    AddIndexOn("kind", item::Type::kString, index::Projection::kAll, &record);
    record.billing = catalog::BillingMode::kPayPerRequest;
    EXPECT_TRUE((*storage_->regions->Ensure(kRegion))->CreateTable(id_, "{}").has_value());
    EXPECT_TRUE(storage_->catalog->InsertTable(record).has_value());
  }
  ~RestoreProperty() override {
    storage_.reset();
    fs::remove_all(directory_);
  }

  static void AddIndexOn(const std::string& attribute, item::Type type,
                         index::Projection projection, catalog::TableRecord* record) {
    catalog::IndexRecord index;
    index.name = attribute;
    index.definition.number = record->next_index++;
    index.definition.partition = {{attribute, type}};
    index.definition.projection = projection;
    record->indexes.push_back(std::move(index));
    record->CompleteIndexes();
  }

  void Open() {
    storage_.reset();
    auto opened =
        Storage::Open({.directory = directory_, .recovery = recovery_options_}, clock_, keys_);
    if (!opened) throw std::runtime_error(opened.error().message);
    storage_ = std::move(*opened);
  }
  shard::Shard& Shard() { return *storage_->regions->Find(kRegion); }

  // One writer: puts and deletes of keys of its own; remembers what was acknowledged, and when.
  std::vector<Commit> WriteSome(uint64_t seed, int writer, int count) {
    std::mt19937_64 random(seed);
    std::vector<Commit> commits;
    auto table = Shard().Find(id_);
    for (int i = 0; i < count; ++i) {
      const std::string name = std::to_string(writer) + "/" + std::to_string(random() % 40);
      item::Item item;
      item.Set("pk", item::AttributeValue(name));
      item.Set("n",
               item::AttributeValue(item::Number::FromInt(static_cast<int64_t>(random() % 1000))));
      item.Set("text", item::AttributeValue(std::string(random() % 2000, 'x')));
      if (random() % 2) item.Set("kind", item::AttributeValue(random() % 2 ? "even" : "odd"));
      const bool erase = random() % 4 == 0;
      Commit commit;
      commit.key = item::RowKey(item::kPrimaryIndex, *item.Find("pk"), nullptr);
      if (!erase) commit.value = item::EncodeItem(item);
      bool changed = false;
      // Held until the answer, as a request does.
      const auto record = storage_->catalog->FindTable(id_);
      auto evaluate = [&](const std::optional<Bytes>& old) -> Result<shard::Mutation> {
        changed = old.has_value() || !erase;
        if (!changed) return shard::Mutation{};
        return MutationOf(*record, old, erase ? std::nullopt : std::optional(item));
      };
      auto done = runtime::RunBlocking(storage_->threads.context(static_cast<size_t>(writer) % 2),
                                       Shard().Write({table, commit.key, evaluate}, {}));
      EXPECT_TRUE(done.has_value());
      if (done && changed) {
        commit.time = *done;
        commits.push_back(std::move(commit));
      }
    }
    return commits;
  }

  void WriteConcurrently(std::mt19937_64& random, int count) {
    std::vector<std::vector<Commit>> results(4);
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer) {
      writers.emplace_back([&, writer, seed = random()] {
        results[static_cast<size_t>(writer)] = WriteSome(seed, writer, count);
      });
    }
    for (auto& writer : writers) writer.join();
    for (auto& result : results) commits_.insert(commits_.end(), result.begin(), result.end());
    std::sort(commits_.begin(), commits_.end(),
              [](const Commit& a, const Commit& b) { return a.time < b.time; });
  }

  // Items and index rows are those of the state, and so are the totals.
  void Compare(const catalog::TableRecord& record, const State& should) {
    const auto table = Shard().Find(record.id);
    ASSERT_NE(table, nullptr);
    ASSERT_EQ(*ReadAll(*table), should);
    const Rows index_rows = *IndexRowsOf(record, should);
    ASSERT_EQ(*ReadIndexes(*table), index_rows);
    ASSERT_EQ(*table->LoadTotals(), *TotalsOf(should, index_rows));
  }
  void AwaitIndexes() {
    const auto done = [&] {
      const auto record = storage_->catalog->FindTable(id_);
      return std::ranges::all_of(record->indexes, [](const catalog::IndexRecord& index) {
        return index.status == catalog::IndexStatus::kActive;
      });
    };
    while (!done()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  // Every row as of `time`, read as point reads and as scans of random ranges both ways.
  void CompareWithoutRestoring(std::mt19937_64& random, Timestamp time) {
    const State should = StateAt(commits_, time);
    const auto record = storage_->catalog->FindTable(id_);
    auto rows = storage_->past->At(*record, time);
    ASSERT_TRUE(rows.has_value()) << rows.error().message;
    for (int writer = 0; writer < 4; ++writer) {
      const item::AttributeValue name(std::to_string(writer) + "/" + std::to_string(random() % 40));
      const Bytes key = item::RowKey(item::kPrimaryIndex, name, nullptr);
      const auto found = (*rows)->Get(key);
      ASSERT_TRUE(found.has_value()) << found.error().message;
      const auto expected = should.find(key);
      ASSERT_EQ(*found, expected == should.end() ? std::nullopt : std::optional(expected->second))
          << "at " << ToMicros(time);
    }
    const auto all = item::SegmentRange(item::kPrimaryIndex, 0, 1);
    const auto part = item::SegmentRange(item::kPrimaryIndex, random() % 4, 4);
    for (const auto& range : {all, part}) {
      for (const bool reverse : {false, true}) {
        auto scan = (*rows)->Scan({.begin = range.begin, .end = range.end, .reverse = reverse});
        ASSERT_TRUE(scan.has_value()) << scan.error().message;
        std::vector<std::pair<Bytes, Bytes>> found;
        for (; (*scan)->Valid(); (*scan)->Next())
          found.emplace_back(Bytes((*scan)->key()), Bytes((*scan)->value()));
        ASSERT_TRUE((*scan)->status().has_value()) << (*scan)->status().error().message;
        if (reverse) std::reverse(found.begin(), found.end());
        const auto begin = should.lower_bound(range.begin);
        const auto end = range.end.empty() ? should.end() : should.lower_bound(range.end);
        ASSERT_EQ(found, (std::vector<std::pair<Bytes, Bytes>>(begin, end)))
            << "at " << ToMicros(time) << (reverse ? " backwards" : "");
      }
    }
    for (const auto& index : record->indexes) {
      if (index.status != catalog::IndexStatus::kActive || index.ready_at > time) continue;
      auto alone = *record;
      alone.indexes = {index};
      const uint16_t number = index.definition.number;
      ASSERT_EQ(*ReadAll(**rows, number, number), *IndexRowsOf(alone, should))
          << index.name << " at " << ToMicros(time);
    }
  }

  void CompareDiff(const catalog::TableRecord& record, Timestamp from, Timestamp until,
                   size_t page_changes) {
    std::map<Bytes, std::pair<std::optional<Bytes>, std::optional<Bytes>>> should, found;
    for (const auto& [key, value] : StateAt(commits_, from)) should[key].first = value;
    for (const auto& [key, value] : StateAt(commits_, until)) should[key].second = value;
    std::erase_if(should, [](const auto& row) { return row.second.first == row.second.second; });
    const auto all = item::SegmentRange(item::kPrimaryIndex, 0, 1);
    pitr::DiffRequest request{.from = from,
                              .until = until,
                              .begin = all.begin,
                              .end = all.end,
                              .changes_max = page_changes,
                              .bytes_max = 100'000,
                              .examined_max = 60};
    while (true) {
      const auto page = pitr::Diff(*storage_->past, record, request);
      ASSERT_TRUE(page.has_value()) << page.error().message;
      ASSERT_LE(page->changes.size(), page_changes);
      for (const auto& change : page->changes) {
        ASSERT_FALSE(found.contains(change.key));
        found[change.key] = {change.before, change.after};
      }
      if (page->next.empty()) break;
      request.begin = page->next;
    }
    ASSERT_EQ(found, should) << ToMicros(from) << ".." << ToMicros(until);
  }

  void CompareCounts(const catalog::TableRecord& record, Timestamp from, Timestamp until) {
    // Counts are of whole seconds.
    from = std::chrono::ceil<std::chrono::seconds>(from);
    until = std::chrono::floor<std::chrono::seconds>(until) - Micros(1);
    if (until < from) return;
    const auto between = storage_->past->Between(record, from, until);
    ASSERT_TRUE(between.has_value()) << between.error().message;
    std::map<int64_t, std::pair<uint64_t, uint64_t>> should, found;
    State state = StateAt(commits_, from - Micros(1));
    uint64_t should_take = 0;
    for (const Commit& commit : commits_) {
      if (commit.time < from || commit.time > until) continue;
      const auto second =
          std::chrono::floor<std::chrono::seconds>(commit.time).time_since_epoch().count();
      ++(commit.value ? should[second].first : should[second].second);
      if (state.contains(commit.key)) ++should_take;  // overwritten or deleted
      if (commit.value) {
        state[commit.key] = *commit.value;
      } else {
        state.erase(commit.key);
      }
    }
    const auto activity = between->Activity();
    ASSERT_TRUE(activity.has_value()) << activity.error().message;
    for (const auto& entry : *activity) found[entry.second] = {entry.puts, entry.deletes};
    ASSERT_EQ(found, should);
    uint64_t taken = 0;
    for (const auto& entry : *activity) taken += entry.overwrites + entry.deletes;
    ASSERT_EQ(taken, should_take);
  }

  void CompareVersions(const catalog::TableRecord& record, const Bytes& key, Timestamp from,
                       Timestamp until) {
    const auto between = storage_->past->Between(record, from, until);
    ASSERT_TRUE(between.has_value()) << between.error().message;
    const auto versions = between->VersionsOf(key);
    for (auto commit = commits_.rbegin(); commit != commits_.rend(); ++commit) {
      if (commit->key != key || commit->time <= from || commit->time > until) continue;
      const auto version = versions->Next();
      ASSERT_TRUE(version.has_value()) << version.error().message;
      ASSERT_NE(*version, nullptr);
      ASSERT_EQ((*version)->time, commit->time);
      ASSERT_EQ((*version)->value.has_value(), commit->value.has_value());
      if (commit->value) {
        ASSERT_EQ(*(*version)->value, *commit->value);
      }
    }
    const auto older = versions->Next();
    ASSERT_TRUE(older.has_value()) << older.error().message;
    ASSERT_TRUE(!*older || (*older)->time <= from);
  }

  uint64_t seed_;
  std::string directory_;
  SteppedClock clock_;
  kms::RootKeyProvider keys_;
  // Small units, so that restores read several images, several runs and the log's end.
  const pitr::RecoveryOptions recovery_options_{.unit_bytes = 1 << 20,
                                                .batch_memory_bytes = 128 << 10,
                                                .sort_by_itself = false,
                                                .image_bytes_min = 256 << 10,
                                                .image_age_min = {}};
  std::unique_ptr<Storage> storage_;
  TableId id_;
  std::vector<Commit> commits_;
};

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
  for (int i = 0; i < 200; ++i) {
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
  EXPECT_EQ(compared, 200);
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
  restore::ItemRestores jobs(*storage_->catalog, *storage_->regions, *storage_->past, limit,
                             storage_->threads.context(0), TheSystemRandom(), {.page_rows = 17});
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

TEST_F(RestoreProperty, ThePastReadsTheSameHoweverItIsStored) {
  std::mt19937_64 random(seed_);
  WriteConcurrently(random, 50);
  ASSERT_TRUE(
      storage_->recovery->Update(kAccount, kRegion, "Source", true, std::nullopt).has_value());
  const Timestamp earliest = storage_->catalog->FindTable(id_)->pitr.enabled_at;
  for (int round = 0; round < 24; ++round) {
    WriteConcurrently(random, 25);
    for (int i = 0; i < 6; ++i) {
      const Timestamp time = commits_[random() % commits_.size()].time - Micros(random() % 2);
      ASSERT_NO_FATAL_FAILURE(CompareWithoutRestoring(random, std::max(time, earliest)));
    }
    ASSERT_NO_FATAL_FAILURE(CompareWithoutRestoring(random, commits_.back().time));
    // Sorting, images, restarts and forgetting in any order between two looks.
    if (random() % 3 == 0) {
      ASSERT_TRUE((*storage_->recovery->ArchiveOf(kRegion))->Drain().has_value());
    }
    if (random() % 3 == 0) storage_->recovery->Maintain();
    if (random() % 6 == 0) Open();
    if (random() % 8 == 0) clock_.Advance(std::chrono::hours(25));
    storage_->past->Tend();
  }
}

TEST_F(RestoreProperty, WhatWasDoneIsToldAsItWas) {
  std::mt19937_64 random(seed_);
  WriteConcurrently(random, 50);
  ASSERT_TRUE(
      storage_->recovery->Update(kAccount, kRegion, "Source", true, std::nullopt).has_value());
  const Timestamp earliest = storage_->catalog->FindTable(id_)->pitr.enabled_at;
  for (int round = 0; round < 6; ++round) {
    WriteConcurrently(random, 60);
    if (round == 1 || round == 3) {
      ASSERT_TRUE((*storage_->recovery->ArchiveOf(kRegion))->Drain().has_value());
      storage_->recovery->Maintain();
    }
    if (round == 2) {
      Open();
      clock_.Advance(std::chrono::hours(25));
      WriteConcurrently(random, 10);
      storage_->recovery->Maintain();
    }
  }
  const auto record = storage_->catalog->FindTable(id_);
  for (int i = 0; i < 60; ++i) {
    Timestamp from = std::max(earliest, commits_[random() % commits_.size()].time);
    Timestamp until = std::max(earliest, commits_[random() % commits_.size()].time);
    if (from > until) std::swap(from, until);
    ASSERT_NO_FATAL_FAILURE(CompareDiff(*record, from, until, 1 + random() % 50));
    ASSERT_NO_FATAL_FAILURE(CompareCounts(*record, from, until));
    const Bytes key = commits_[random() % commits_.size()].key;
    ASSERT_NO_FATAL_FAILURE(CompareVersions(*record, key, from, until));
  }
}

TEST_F(RestoreProperty, AnInstantReadWhileItIsWrittenStaysAsItWas) {
  std::mt19937_64 random(seed_);
  ASSERT_TRUE(
      storage_->recovery->Update(kAccount, kRegion, "Source", true, std::nullopt).has_value());
  const auto record = storage_->catalog->FindTable(id_);
  const auto read = [&](Timestamp time) {
    auto rows = storage_->past->At(*record, time);
    EXPECT_TRUE(rows.has_value()) << rows.error().message;
    return *ReadAll(**rows);
  };
  std::thread writing([&] { WriteConcurrently(random, 400); });
  std::map<Timestamp, State> seen;
  for (int i = 0; i < 100; ++i) {
    const Timestamp now = Shard().Now();
    seen[now] = read(now);
  }
  writing.join();
  for (const auto& [time, state] : seen) {
    ASSERT_EQ(state, StateAt(commits_, time)) << "at " << ToMicros(time);
    ASSERT_EQ(read(time), state);
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
