#include "archive/archive.h"

#include <gtest/gtest.h>

#include <thread>

#include "archive/history.h"
#include "archive/test_support.h"
#include "base/file_hook.h"
#include "base/files.h"

namespace tidemark::archive {
namespace {

const Timestamp kStart = FromMicros(1'700'000'000'000'000);
const Timestamp kForever = FromMicros(INT64_MAX / 4);

// A log some ranges of which cannot be read.
class FlawedLog : public log::CommitLog {
 public:
  explicit FlawedLog(std::unique_ptr<CommitLog> log) : log_(std::move(log)) {}
  std::vector<log::DamagedRange> damage;

  Result<log::Position> Append(BytesView payload, log::FrameHeader header) override {
    return log_->Append(payload, header);
  }
  Result<std::unique_ptr<log::FrameReader>> Read(log::Position from) override {
    TM_TRY(auto reader, log_->Read(from));
    return std::make_unique<Reader>(*this, std::move(reader));
  }
  uint64_t log_id() const override { return log_->log_id(); }
  log::Position begin() const override { return log_->begin(); }
  log::Position end() const override { return log_->end(); }
  Timestamp last_commit() const override { return log_->last_commit(); }
  std::vector<log::SegmentInfo> Segments() const override { return log_->Segments(); }
  uint64_t bytes() const override { return log_->bytes(); }
  Result<void> Truncate(log::Position keep_from) override { return log_->Truncate(keep_from); }
  std::vector<log::DamagedRange> Damage() const override { return damage; }

 private:
  class Reader : public log::FrameReader {
   public:
    Reader(FlawedLog& log, std::unique_ptr<log::FrameReader> reader)
        : log_(log), reader_(std::move(reader)) {}
    Result<std::optional<log::Frame>> Next() override {
      TM_TRY(auto frame, reader_->Next());
      if (!frame) return frame;
      for (const auto& range : log_.damage) {
        const log::Position at = frame->header.position;
        if (range.from <= at && at < range.to) return Fail(ErrorKind::kCorruption, "damaged");
      }
      return frame;
    }

   private:
    FlawedLog& log_;
    std::unique_ptr<log::FrameReader> reader_;
  };

  std::unique_ptr<CommitLog> log_;
};

// Every file operation from number `fail_from` on fails, as if the process had died before it.
class DyingDisk : public FileHook {
 public:
  int Before(const FileCall& call) override {
    // What only reads changes nothing; a death there is as one before the next change.
    if (call.op == FileOp::kRead || call.op == FileOp::kOpen) return 0;
    return ++operations_ > fail_from ? EIO : 0;
  }
  int fail_from = INT32_MAX;
  int operations() const { return operations_; }

 private:
  int operations_ = 0;
};

class ArchiveTest : public testing::Test {
 protected:
  ArchiveTest()
      : log_(log::MakeMemLog(log::MemLogOptions{.log_id = 7, .segment_bytes = 64 << 10})) {
    for (int i = 0; i < 3; ++i) AddTable();
    options_.directory = directory_.path;
    options_.by_itself = false;
    options_.tables = [this] { return tables_; };
    options_.now = [this] { return now_; };
    Open();
  }
  ~ArchiveTest() override { SetFileHook(nullptr); }

  void AddTable() {
    const TableId id = TableId::Make(TheSystemRandom());
    ids_.push_back(id);
    tables_.push_back({id, keys_.Generate(HistoryKeyContext(id))->wrapped});
  }
  Result<void> TryOpen() {
    archive_.reset();
    TM_TRY(archive_, Archive::Open(options_, log_, keys_, TheSystemRandom()));
    return {};
  }
  void Open() {
    const auto opened = TryOpen();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
  }

  // A frame with one change of each of the tables named.
  log::Position Write(std::vector<int> tables, Bytes key, std::optional<Bytes> value) {
    shard::Change change;
    change.commit_time = now_ += Micros(1000);
    change.origin = {"AK", "request"};
    for (int table : tables) {
      shard::TableChange& part = change.tables.emplace_back();
      part.table = ids_[static_cast<size_t>(table)];
      part.rows.push_back({key, value});
      part.totals = {static_cast<uint64_t>((now_ - kStart).count()), 0, {}};
      written_[table].push_back({key, now_, value, "AK"});
    }
    Bytes payload;
    shard::EncodeChange(change, &payload);
    return *log_.Append(payload, {.first_commit = now_, .last_commit = now_, .wall = now_});
  }
  void WriteMany(int count) {
    for (int i = 0; i < count; ++i) {
      Write(
          {i % 3, (i + 1) % 3}, Bytes{'\0', '\1'} + "k" + std::to_string(i % 10),
          i % 4 ? std::optional<Bytes>(Bytes(500, static_cast<char>('a' + i % 26))) : std::nullopt);
    }
  }

  Result<TableHistory> History(int table, log::Position from = {}) {
    if (from == log::Position{}) from = {7, 0, 0};
    return TableHistory::Open(archive_->Look(), tables_[static_cast<size_t>(table)], from,
                              kForever);
  }
  // What the runs hold of a table, from all groups.
  std::vector<Kept> InRuns(int table) {
    std::vector<Kept> all;
    auto history = History(table);
    EXPECT_TRUE(history.has_value()) << history.error().message;
    for (size_t number = 0; number < history->groups(); ++number) {
      const auto group = history->OpenGroup(number);
      EXPECT_TRUE(group.has_value()) << group.error().message;
      for (Kept& kept : ReadAll(*group->Versions())) all.push_back(std::move(kept));
    }
    return Sort(std::move(all));
  }
  static std::vector<Kept> Sort(std::vector<Kept> all) {
    std::sort(all.begin(), all.end(), [](const Kept& a, const Kept& b) {
      return a.key != b.key ? a.key < b.key : a.time > b.time;
    });
    return all;
  }
  void ExpectAllSorted() {
    for (int table = 0; table < 3; ++table) {
      EXPECT_EQ(InRuns(table), Sort(written_[table])) << "table " << table;
    }
    EXPECT_EQ(archive_->mark(), log_.end());
    EXPECT_EQ(archive_->Stats().debt_bytes, 0u);
  }

  ArchiveDirectory directory_;
  TestKeys keys_;
  FlawedLog log_;
  Timestamp now_ = kStart;
  std::vector<TableId> ids_;
  std::vector<HistoryTable> tables_;
  ArchiveOptions options_;
  std::map<int, std::vector<Kept>> written_;
  std::unique_ptr<Archive> archive_;
};

TEST_F(ArchiveTest, WhatIsSortedOutlivesTheLogAndARestart) {
  WriteMany(300);
  EXPECT_GT(archive_->Stats().debt_bytes, 0u);
  ASSERT_TRUE(archive_->Drain().has_value());
  ExpectAllSorted();
  EXPECT_EQ(archive_->Floor(), log_.end());
  ASSERT_TRUE(log_.Truncate(archive_->Floor()).has_value());
  ASSERT_GT(log_.begin().segment, 1u) << "too little was written to drop a segment";
  Open();
  ExpectAllSorted();
  WriteMany(50);
  ASSERT_TRUE(archive_->Drain().has_value());
  ExpectAllSorted();
  EXPECT_EQ(archive_->Stats().runs, 2u);
}

TEST_F(ArchiveTest, TheThreadAndWhoeverCannotWaitForItSortTheSame) {
  options_.by_itself = true;
  options_.unit_bytes = 10'000;
  Open();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (int round = 0; round < 3; ++round) {
    WriteMany(300);
    archive_->SortSoon();
    while (round < 2 && archive_->mark() != log_.end()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_TRUE(archive_->Drain().has_value());
    ExpectAllSorted();
  }
}

TEST_F(ArchiveTest, ManySmallBatchesGiveTheSameAsOne) {
  options_.batch_memory_bytes = 3'000;
  Open();
  WriteMany(400);
  ASSERT_TRUE(archive_->Drain().has_value());
  ExpectAllSorted();
  // Totals at every commit, across runs.
  auto history = History(1);
  EXPECT_GT(history->groups(), 1u);
  for (size_t i = 0; i < written_[1].size(); i += 11) {
    const Timestamp time = written_[1][i].time;
    const auto totals = history->TotalsAt(time);
    ASSERT_TRUE(totals.has_value() && *totals) << totals.error().message;
    EXPECT_EQ((**totals).items, static_cast<uint64_t>((time - kStart).count()));
  }
  uint64_t counted = 0;
  const auto activity = history->Activity(kStart, now_);
  ASSERT_TRUE(activity.has_value());
  for (const auto& second : *activity) counted += second.puts + second.deletes;
  EXPECT_EQ(counted, written_[1].size());
}

TEST_F(ArchiveTest, TablesWithoutHistoryAreLeftOut) {
  tables_.erase(tables_.begin());
  WriteMany(60);
  ASSERT_TRUE(archive_->Drain().has_value());
  auto history = TableHistory::Open(archive_->Look(),
                                    {ids_[0], keys_.Generate(HistoryKeyContext(ids_[0]))->wrapped},
                                    {7, 0, 0}, kForever);
  EXPECT_TRUE(ReadAll(*history->OpenGroup(0)->Versions()).empty());

  tables_.clear();
  WriteMany(60);
  const size_t runs = archive_->Stats().runs;
  ASSERT_TRUE(archive_->SortIfDue().has_value());
  EXPECT_EQ(archive_->mark(), log_.end()) << "the log is not held for nobody";
  EXPECT_EQ(archive_->Stats().runs, runs);
}

TEST_F(ArchiveTest, ChangesUnderADisabledKeyStayInTheLogUntilItIsOn) {
  WriteMany(30);
  ASSERT_TRUE(archive_->Drain().has_value());
  keys_.off = HistoryKeyContext(ids_[2]);
  Write({0}, "k", "before");
  const log::Position held = Write({1, 2}, "k", "held");
  Write({0}, "k", "behind");
  const auto drained = archive_->Drain();
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().kind, ErrorKind::kKeyDisabled);
  EXPECT_EQ(archive_->mark(), held) << "what comes before is sorted";
  keys_.off.reset();
  ASSERT_TRUE(archive_->Drain().has_value());
  ExpectAllSorted();
}

TEST_F(ArchiveTest, ADisabledKeyWithoutChangesHoldsNothing) {
  WriteMany(30);
  ASSERT_TRUE(archive_->Drain().has_value());
  keys_.off = HistoryKeyContext(ids_[2]);
  Write({0, 1}, "k", "others");
  ASSERT_TRUE(archive_->Drain().has_value());
  keys_.off.reset();
  ExpectAllSorted();
}

TEST_F(ArchiveTest, ChangesUnderADeletedKeyAreNotKept) {
  keys_.off = HistoryKeyContext(ids_[2]);
  keys_.off_kind = ErrorKind::kNotFound;
  WriteMany(30);
  ASSERT_TRUE(archive_->Drain().has_value());
  keys_.off.reset();
  EXPECT_EQ(InRuns(0), Sort(written_[0]));
  EXPECT_TRUE(InRuns(2).empty());
}

TEST_F(ArchiveTest, AUnitIsDueBySizeOrAge) {
  options_.unit_bytes = 200 << 10;
  options_.unit_age = std::chrono::minutes(10);
  Open();
  Write({0}, "a", "1");
  ASSERT_TRUE(archive_->SortIfDue().has_value());
  EXPECT_EQ(archive_->Stats().runs, 0u);
  now_ += std::chrono::minutes(10);
  EXPECT_GE(archive_->Stats().debt_age, std::chrono::minutes(10));
  ASSERT_TRUE(archive_->SortIfDue().has_value());
  EXPECT_EQ(archive_->Stats().runs, 1u);
  WriteMany(60);  // a frame takes 4 KiB
  ASSERT_TRUE(archive_->SortIfDue().has_value());
  EXPECT_EQ(archive_->Stats().runs, 2u);
}

TEST_F(ArchiveTest, ADeathBetweenAnyTwoStepsLosesAndLeavesNothing) {
  options_.batch_memory_bytes = 6'000;
  int deaths = 0;
  for (int fail_from = 0;; ++fail_from) {
    WriteMany(24);
    Open();
    DyingDisk disk;
    disk.fail_from = fail_from;
    SetFileHook(&disk);
    const auto sorted = archive_->Drain();
    SetFileHook(nullptr);
    Open();  // what is in memory is gone
    for (const std::string& name : directory_.Names()) EXPECT_FALSE(name.ends_with(".new")) << name;
    EXPECT_LE(directory_.Names().size(), archive_->Stats().runs + 1);
    ASSERT_TRUE(archive_->Drain().has_value());
    ExpectAllSorted();
    if (sorted) break;               // it needed fewer operations than that
    if (++deaths % 8 > 0) continue;  // with some older runs, and not ever more to read
    ASSERT_TRUE(archive_->DropRuns({}).has_value());
    written_.clear();
  }
  EXPECT_GT(deaths, 20);
}

TEST_F(ArchiveTest, ADeathWhileRunsAreDroppedLeavesNoneHalf) {
  for (int fail_from = 0; fail_from < 8; ++fail_from) {
    WriteMany(30);
    ASSERT_TRUE(archive_->Drain().has_value());
    DyingDisk disk;
    disk.fail_from = fail_from;
    SetFileHook(&disk);
    (void)archive_->DropRuns({});
    SetFileHook(nullptr);
    Open();
    EXPECT_LE(directory_.Names().size(), archive_->Stats().runs + 1) << "files without an entry";
    EXPECT_TRUE(archive_->Stats().runs == 0 || archive_->Stats().runs == 1);
    for (int table = 0; table < 3; ++table) (void)InRuns(table);  // readable, or not there
    ASSERT_TRUE(archive_->DropRuns({}).has_value());
    EXPECT_EQ(archive_->Stats().runs, 0u);
  }
}

TEST_F(ArchiveTest, RunsGoWhenNoTableNeedsThem) {
  std::vector<log::Position> after;  // of each run
  for (const std::vector<int>& tables : std::vector<std::vector<int>>{{0, 1}, {0}, {1}, {0, 1}}) {
    Write(tables, "k", "v");
    ASSERT_TRUE(archive_->Drain().has_value());
    after.push_back(archive_->mark());
  }
  ASSERT_EQ(archive_->Stats().runs, 4u);
  const auto count = [&] { return archive_->Stats().runs; };
  ASSERT_TRUE(archive_->DropRuns({{ids_[0], {7, 0, 0}}, {ids_[1], {7, 0, 0}}}).has_value());
  EXPECT_EQ(count(), 4u);
  // Table 0 needs nothing before the third run: the second goes, the first holds table 1 as well.
  ASSERT_TRUE(archive_->DropRuns({{ids_[0], after[1]}, {ids_[1], {7, 0, 0}}}).has_value());
  EXPECT_EQ(count(), 3u);
  {
    const auto view = archive_->Look();
    ASSERT_TRUE(archive_->DropRuns({}).has_value());
    EXPECT_EQ(count(), 3u) << "somebody reads them";
  }
  Open();  // tables of runs are read from the files now
  ASSERT_TRUE(archive_->DropRuns({{ids_[1], after[2]}}).has_value());
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(archive_->SumsOf(ids_[0]), TableSums{}) << "table 0 has no history any more";
  EXPECT_GT(archive_->SumsOf(ids_[1]).raw_bytes, 0u);
  ASSERT_TRUE(archive_->DropRuns({}).has_value());
  EXPECT_EQ(directory_.Names(), std::vector<std::string>{"LIST"});
}

TEST_F(ArchiveTest, AViewHoldsTheLogFromItsMark) {
  WriteMany(100);
  ASSERT_TRUE(archive_->Drain().has_value());
  const log::Position before = archive_->mark();
  auto view = archive_->Look();
  auto older = archive_->Look(log::Position{7, 1, 0});
  WriteMany(100);
  ASSERT_TRUE(archive_->Drain().has_value());
  EXPECT_EQ(archive_->Floor(), (log::Position{7, 1, 0}));
  older.reset();
  EXPECT_EQ(archive_->Floor(), before);
  EXPECT_EQ(view->runs().size(), 1u) << "it sees what was there";
  view.reset();
  EXPECT_EQ(archive_->Floor(), log_.end());
}

TEST_F(ArchiveTest, ATableSwitchedOnWhileABatchIsSortedBeginsBehindIt) {
  const HistoryTable late = tables_.back();
  tables_.pop_back();
  WriteMany(30);
  // In the middle of writing the run, from which the third table is missing.
  class Switch : public FileHook {
   public:
    explicit Switch(std::function<void()> work) : work_(std::move(work)) {}
    int Before(const FileCall& call) override {
      if (call.op == FileOp::kWrite && call.path.ends_with(".run.new")) work_();
      return 0;
    }

   private:
    std::function<void()> work_;
  };
  std::optional<log::Position> history_from;
  Switch on_write([&] {
    const auto hold = archive_->HoldSorting();
    history_from = archive_->NextBegin();
    tables_.push_back(late);
  });
  SetFileHook(&on_write);
  ASSERT_TRUE(archive_->Drain().has_value());
  SetFileHook(nullptr);
  ASSERT_TRUE(history_from.has_value());
  EXPECT_TRUE(InRuns(2).empty());
  EXPECT_EQ(*history_from, archive_->mark()) << "what the batch took of the table is in no run";
  const size_t before = written_[2].size();
  WriteMany(30);
  ASSERT_TRUE(archive_->Drain().has_value());
  EXPECT_EQ(InRuns(2).size(), written_[2].size() - before);
  EXPECT_EQ(archive_->NextBegin(), archive_->mark());
}

TEST_F(ArchiveTest, DamageNobodyAcceptedStopsSortingAndAcceptedDamageBecomesAGap) {
  std::vector<log::Position> at;
  for (int i = 0; i < 9; ++i) at.push_back(Write({0}, "k" + std::to_string(i), "v"));
  log_.damage = {{at[3], at[5], "bits fell", false}};
  const auto stopped = archive_->Drain();
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(InRuns(0).size(), 3u) << "what comes before it is sorted";
  EXPECT_EQ(archive_->mark(), at[3]);
  EXPECT_TRUE(archive_->Gaps().empty());
  EXPECT_FALSE(archive_->Drain().has_value());

  log_.damage[0].accepted = true;
  ASSERT_TRUE(archive_->Drain().has_value());
  Open();
  ASSERT_EQ(archive_->Gaps().size(), 1u);
  EXPECT_EQ(archive_->Gaps()[0].from, at[3]);
  EXPECT_EQ(archive_->Gaps()[0].to, at[5]);
  EXPECT_EQ(InRuns(0).size(), 7u);
  EXPECT_EQ(archive_->mark(), log_.end());
}

TEST_F(ArchiveTest, ASegmentThatEndsAtTheMarkMayGoWithoutAGap) {
  bool dropped_to_the_mark = false;
  for (int i = 0; i < 80; ++i) {
    Write({i % 3}, "k" + std::to_string(i), Bytes(9000, 'v'));
    ASSERT_TRUE(log_.Truncate(archive_->Floor()).has_value());
    dropped_to_the_mark = dropped_to_the_mark || archive_->mark() < log_.begin();
    ASSERT_TRUE(archive_->Drain().has_value());
    ASSERT_TRUE(archive_->Gaps().empty()) << archive_->Gaps()[0].why;
  }
  EXPECT_TRUE(dropped_to_the_mark) << "that never happened";
  ExpectAllSorted();
}

TEST_F(ArchiveTest, APartTheLogLostIsAGap) {
  WriteMany(50);
  ASSERT_TRUE(archive_->Drain().has_value());
  const log::Position mark = archive_->mark();
  WriteMany(100);
  ASSERT_TRUE(log_.Truncate(log_.end()).has_value());  // somebody did not ask for the floor
  ASSERT_TRUE(archive_->Drain().has_value());
  ASSERT_EQ(archive_->Gaps().size(), 1u);
  EXPECT_EQ(archive_->Gaps()[0].from, mark);
  EXPECT_EQ(archive_->Gaps()[0].to, log_.begin());
  EXPECT_EQ(archive_->mark(), log_.end());
}

TEST_F(ArchiveTest, EveryChangedByteOfTheListIsNoticedAndTheFileNamed) {
  WriteMany(10);
  ASSERT_TRUE(archive_->Drain().has_value());
  archive_.reset();
  const std::string path = directory_.path + "/LIST";
  const Bytes whole = *ReadFile(path);
  for (size_t place = 0; place < whole.size(); ++place) {
    Bytes changed = whole;
    changed[place] = static_cast<char>(changed[place] ^ 0x10);
    Overwrite(path, changed);
    const auto opened = TryOpen();
    ASSERT_FALSE(opened.has_value()) << "byte " << place;
    EXPECT_EQ(opened.error().kind, ErrorKind::kCorruption);
    EXPECT_NE(opened.error().message.find(path), std::string::npos) << opened.error().message;
  }
}

TEST_F(ArchiveTest, AMarkInASegmentThatNeverGotAFrameIsNothingLost) {
  WriteMany(3);
  ASSERT_TRUE(archive_->Drain().has_value());
  archive_.reset();
  auto list = LoadRunList(directory_.path + "/LIST", keys_);
  ASSERT_TRUE(list.has_value());
  list->mark = {7, log_.end().segment + 1, 4096};
  ASSERT_TRUE(StoreRunList(directory_.path + "/LIST", *list, keys_).has_value());
  Open();
  EXPECT_EQ(archive_->mark(), log_.end());
  archive_.reset();
  list->mark.offset = 8192;  // a frame stood there
  ASSERT_TRUE(StoreRunList(directory_.path + "/LIST", *list, keys_).has_value());
  EXPECT_FALSE(TryOpen().has_value());
}

TEST_F(ArchiveTest, ALogOfAnotherIdOrWithoutItsNewestPartIsRefused) {
  WriteMany(10);
  ASSERT_TRUE(archive_->Drain().has_value());
  archive_.reset();
  const auto other = log::MakeMemLog(8);
  EXPECT_FALSE(Archive::Open(options_, *other, keys_, TheSystemRandom()).has_value());
  const auto shorter = log::MakeMemLog(7);
  EXPECT_FALSE(Archive::Open(options_, *shorter, keys_, TheSystemRandom()).has_value());
}

}  // namespace
}  // namespace tidemark::archive
