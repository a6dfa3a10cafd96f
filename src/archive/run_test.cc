#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "archive/run_reader.h"
#include "archive/run_writer.h"
#include "archive/test_support.h"
#include "base/files.h"

namespace tidemark::archive {
namespace {

const Timestamp kRunStart = FromMicros(1'700'000'000'250'000);
const auto kNever = [] { return false; };

Bytes OfItem(std::string_view name) { return Bytes{'\0', '\1'} + Bytes(name); }

class RunTest : public testing::Test {
 protected:
  RunTest() {
    for (int i = 0; i < 3; ++i) ids_.push_back(TableId::Make(TheSystemRandom()));
    std::sort(ids_.begin(), ids_.end());
    content_.id = RunId::Make(TheSystemRandom());
    content_.from = {7, 1, 4096};
    content_.to = {7, 3, 8192};
    for (const TableId& id : ids_) history_keys_[id] = crypto::Key256::Make(TheSystemRandom());
  }

  void Put(int table, Timestamp time, std::vector<shard::RowImage> rows, std::string who = "AK",
           uint64_t replaced_bytes = 0) {
    const shard::Totals totals{static_cast<uint64_t>((time - kRunStart).count()), 17, {1, 2}};
    for (const auto& row : rows) expected_[table].push_back({row.key, time, row.value, who});
    totals_[table].push_back({time, totals});
    shard::TableView view{.replaced_bytes = replaced_bytes, .totals = totals};
    for (const auto& row : rows) view.rows.push_back({row.key, row.value});
    content_.sections[ids_[static_cast<size_t>(table)]].AddWrite(
        {.commit_time = time, .access_key = who, .request_id = "request"}, view);
  }
  std::vector<Kept> Expected(int table) {
    auto all = expected_[table];
    std::sort(all.begin(), all.end(), [](const Kept& a, const Kept& b) {
      return a.key != b.key ? a.key < b.key : a.time > b.time;
    });
    return all;
  }

  void Write() {
    auto written = WriteRun(directory_.path, content_, history_keys_, keys_, kNever);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    info_ = written->info;
    path_ = RunPath(directory_.path, content_.id);
  }
  Result<std::shared_ptr<const Section>> OpenSection(int table) {
    TM_TRY(auto run, Run::Open(path_, info_, keys_));
    const TableId id = ids_[static_cast<size_t>(table)];
    return Section::Open(std::move(run), id, history_keys_[id]);
  }
  // Reads every byte that means something. Gives the first error.
  Result<void> ReadEverything() {
    for (int table = 0; table < 3; ++table) {
      TM_TRY(const auto section, OpenSection(table));
      if (!section) continue;
      auto scan = section->Scan({}, {});
      while (true) {
        TM_TRY(const RowVersion* version, scan->Next());
        if (!version) break;
      }
      for (const TotalsEntry& entry : totals_[table]) {
        TM_TRYV(section->TotalsAt(entry.time - Micros(1)));
      }
    }
    return {};
  }

  ArchiveDirectory directory_;
  TestKeys keys_;
  std::vector<TableId> ids_;
  RunContent content_;
  std::map<TableId, crypto::Key256> history_keys_;
  std::map<int, std::vector<Kept>> expected_;
  std::map<int, std::vector<TotalsEntry>> totals_;
  RunInfo info_;
  std::string path_;
};

TEST_F(RunTest, GivesBackEveryVersionInOrder) {
  std::mt19937 random(1);
  for (int i = 0; i < 16'000; ++i) {  // several of the pieces in which rows are sorted
    const Timestamp time = kRunStart + Micros(i * 1000);
    std::vector<shard::RowImage> rows;
    rows.push_back({"k" + std::to_string(random() % 300), std::nullopt});
    if (random() % 5) rows[0].value = std::string(random() % 200, static_cast<char>(random()));
    if (random() % 3 == 0) rows.push_back({"z" + std::to_string(i), Bytes("index row")});
    Put(static_cast<int>(random() % 2), time, std::move(rows), random() % 2 ? "AK1" : "AK2");
  }
  Put(0, kRunStart + Micros(20'000'000),
      {{"k1", Bytes(3 << 20, 'b')}, {"", Bytes()}});  // big, empty
  Write();
  for (int table = 0; table < 2; ++table) {
    auto section = OpenSection(table);
    ASSERT_TRUE(section.has_value()) << section.error().message;
    EXPECT_GT((*section)->meta().data.size(), 1u) << "one block tests no seams between blocks";
    EXPECT_EQ(ReadAll(*(*section)->Scan({}, {})), Expected(table));
    EXPECT_EQ((*section)->entry().versions, Expected(table).size());
  }
  EXPECT_EQ(*OpenSection(2), nullptr) << "nothing of the third table is in there";
}

TEST_F(RunTest, ScansKeyRangesAcrossBlocks) {
  for (int i = 0; i < 3000; ++i) {
    Put(0, kRunStart + Micros(i), {{fmt::format("{:04}", i % 1000), Bytes(100, 'v')}});
  }
  Write();
  auto section = OpenSection(0);
  ASSERT_TRUE(section.has_value());
  for (const auto& [begin, end] : std::vector<std::pair<Bytes, Bytes>>{{"0000", "0001"},
                                                                       {"0500", "0501"},
                                                                       {"0123", "0777"},
                                                                       {"0999", ""},
                                                                       {"x", ""},
                                                                       {"", "0000"},
                                                                       {"05", "05"}}) {
    auto expected = Expected(0);
    std::erase_if(expected, [&](const Kept& kept) {
      return kept.key < begin || (!end.empty() && kept.key >= end);
    });
    EXPECT_EQ(ReadAll(*(*section)->Scan(begin, end)), expected) << begin << ".." << end;
  }
}

TEST_F(RunTest, ScansBackwardsAcrossBlocks) {
  for (int i = 0; i < 9000; ++i) {
    // Row 0300 has so many versions that they fill blocks of their own.
    const int row = i % 3 == 0 ? 300 : i % 1000;
    Put(0, kRunStart + Micros(i), {{fmt::format("{:04}", row), Bytes(100, 'v')}});
  }
  Write();
  auto section = OpenSection(0);
  ASSERT_TRUE(section.has_value());
  for (const auto& [begin, end] : std::vector<std::pair<Bytes, Bytes>>{{"", ""},
                                                                       {"0300", "0301"},
                                                                       {"0299", "0300"},
                                                                       {"0123", "0777"},
                                                                       {"0998", ""},
                                                                       {"x", ""},
                                                                       {"", "0000"},
                                                                       {"05", "05"}}) {
    auto expected = Expected(0);
    std::erase_if(expected, [&](const Kept& kept) {
      return kept.key < begin || (!end.empty() && kept.key >= end);
    });
    std::stable_sort(expected.begin(), expected.end(),
                     [](const Kept& a, const Kept& b) { return a.key > b.key; });
    EXPECT_EQ(ReadAll(*(*section)->Scan(begin, end, true)), expected) << begin << ".." << end;
  }
}

TEST_F(RunTest, KnowsTheTotalsAfterEveryChange) {
  for (int i = 0; i < 5000; ++i) Put(1, kRunStart + Micros(10 * i), {{"k", Bytes("v")}});
  Write();
  auto section = OpenSection(1);
  ASSERT_TRUE(section.has_value());
  ASSERT_GT((*section)->meta().totals.size(), 1u);
  EXPECT_EQ(*(*section)->TotalsAt(kRunStart - Micros(1)), std::nullopt);
  for (size_t i = 0; i < totals_[1].size(); i += 37) {
    const TotalsEntry& entry = totals_[1][i];
    EXPECT_EQ(*(*section)->TotalsAt(entry.time), entry.totals);
    EXPECT_EQ(*(*section)->TotalsAt(entry.time + Micros(9)), entry.totals);
  }
  EXPECT_EQ(*(*section)->TotalsAt(kRunStart + std::chrono::hours(1)), totals_[1].back().totals);
}

TEST_F(RunTest, CountsActivityPerSecondAndWhatWasTakenAwayPerMinuteAndKey) {
  Put(0, kRunStart, {{OfItem("a"), Bytes("1")}});
  Put(0, kRunStart + Micros(100), {{OfItem("a"), Bytes("2")}}, "AK", 7);
  Put(0, kRunStart + Micros(700'000), {{OfItem("a"), std::nullopt}}, "EVIL", 7);
  Put(0, kRunStart + Micros(800'000), {{OfItem("b"), std::nullopt}}, "EVIL", 7);
  Put(0, kRunStart + std::chrono::seconds(90), {{OfItem("c"), std::nullopt}}, "EVIL", 7);
  // An index is being built: nothing happens to the item.
  Put(0, kRunStart + std::chrono::seconds(90), {{Bytes("\0\2x", 3), Bytes("1")}});
  content_.sections[ids_[0]].AddControl({.commit_time = kRunStart + std::chrono::seconds(91),
                                         .access_key = "AK",
                                         .request_id = "r",
                                         .control = R"({"act":"x"})"});
  content_.sections[ids_[2]].AddControl({.commit_time = kRunStart, .control = R"({"act":"only"})"});
  Write();
  auto section = OpenSection(0);
  ASSERT_TRUE(section.has_value()) << section.error().message;
  const SectionMeta& meta = (*section)->meta();
  EXPECT_EQ(meta.seconds, (std::vector<SecondActivity>{
                              {.second = 1'700'000'000, .puts = 2, .overwrites = 1, .deletes = 1},
                              {.second = 1'700'000'001, .deletes = 1},
                              {.second = 1'700'000'090, .deletes = 1}}))
      << "800 ms after 250 ms is the next second";
  ASSERT_EQ(meta.bursts.size(), 3u);
  EXPECT_EQ(meta.bursts[0].kind, Burst::Kind::kOverwrite);
  EXPECT_EQ(meta.bursts[1].count, 2u);
  EXPECT_EQ(meta.bursts[1].first, kRunStart + Micros(700'000));
  EXPECT_EQ(meta.bursts[1].last, kRunStart + Micros(800'000));
  EXPECT_EQ(meta.access_keys[meta.bursts[1].access_key], "EVIL");
  ASSERT_EQ(meta.controls.size(), 1u);
  EXPECT_EQ(meta.controls[0].json, R"({"act":"x"})");

  auto only_controls = OpenSection(2);
  ASSERT_TRUE(only_controls.has_value()) << only_controls.error().message;
  EXPECT_TRUE(ReadAll(*(*only_controls)->Scan({}, {})).empty());
  EXPECT_EQ((*only_controls)->meta().controls[0].json, R"({"act":"only"})");
  EXPECT_EQ(*(*only_controls)->TotalsAt(kRunStart), std::nullopt);
}

TEST_F(RunTest, EveryChangedByteIsNoticedAndTheFileNamed) {
  for (int i = 0; i < 40; ++i) {
    Put(i % 2, kRunStart + Micros(i), {{"key" + std::to_string(i % 7), Bytes(i, 'v')}});
  }
  Write();
  ASSERT_TRUE(ReadEverything().has_value());
  const Bytes whole = *ReadFile(path_);
  for (size_t place = 0; place < whole.size(); ++place) {
    Bytes changed = whole;
    changed[place] = static_cast<char>(changed[place] ^ (1 << (place % 8)));
    Overwrite(path_, changed);
    const auto read = ReadEverything();
    ASSERT_FALSE(read.has_value()) << "byte " << place << " of " << whole.size();
    EXPECT_EQ(read.error().kind, ErrorKind::kCorruption);
    EXPECT_NE(read.error().message.find(path_), std::string::npos) << read.error().message;
  }
}

TEST_F(RunTest, ACutOrPaddedFileIsNoticed) {
  for (int i = 0; i < 10; ++i) Put(0, kRunStart + Micros(i), {{"k", Bytes("v")}});
  Write();
  const Bytes whole = *ReadFile(path_);
  for (size_t size = 0; size <= whole.size() + 3; ++size) {
    if (size == whole.size()) continue;
    Bytes changed = whole;
    changed.resize(size, '\0');
    Overwrite(path_, changed);
    const auto read = ReadEverything();
    ASSERT_FALSE(read.has_value()) << size << " of " << whole.size() << " bytes";
    EXPECT_EQ(read.error().kind, ErrorKind::kCorruption);
  }
}

TEST_F(RunTest, AnotherRunInItsPlaceIsNoticed) {
  Put(0, kRunStart, {{"k", Bytes("v")}});
  Write();
  const std::string wanted = path_;
  const RunInfo wanted_info = info_;
  content_.id = RunId::Make(TheSystemRandom());
  Write();
  ASSERT_TRUE(Rename(path_, wanted).has_value());
  const auto opened = Run::Open(wanted, wanted_info, keys_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().kind, ErrorKind::kCorruption);
}

TEST_F(RunTest, WithoutTheTablesKeyNothingCanBeRead) {
  Put(0, kRunStart, {{"k", Bytes("v")}});
  Put(1, kRunStart, {{"k", Bytes("v")}});
  Write();
  history_keys_[ids_[0]] = crypto::Key256::Make(TheSystemRandom());
  EXPECT_EQ(OpenSection(0).error().kind, ErrorKind::kCorruption);
  EXPECT_TRUE(OpenSection(1).has_value()) << "the other table has a key of its own";
}

TEST_F(RunTest, ACancelledRunLeavesNothing) {
  Put(0, kRunStart, {{"k", Bytes("v")}});
  auto written = WriteRun(directory_.path, content_, history_keys_, keys_, [] { return true; });
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind, ErrorKind::kCancelled);
  EXPECT_TRUE(directory_.Names().empty());
}

TEST(Versions, MergingKeepsTheOrderAndTheNewestUntilAnInstantWins) {
  class Fixed : public VersionStream {
   public:
    explicit Fixed(std::vector<std::pair<Bytes, int>> rows) : rows_(std::move(rows)) {}
    Result<const RowVersion*> Next() override {
      if (at_ == rows_.size()) return nullptr;
      const auto& [key, time] = rows_[at_++];
      row_ = {key, FromMicros(time), std::nullopt, {}, {}};
      return &row_;
    }

   private:
    std::vector<std::pair<Bytes, int>> rows_;
    size_t at_ = 0;
    RowVersion row_;
  };
  const auto streams = [] {
    std::vector<std::unique_ptr<VersionStream>> all;
    all.push_back(
        std::make_unique<Fixed>(std::vector<std::pair<Bytes, int>>{{"a", 3}, {"a", 1}, {"c", 2}}));
    all.push_back(
        std::make_unique<Fixed>(std::vector<std::pair<Bytes, int>>{{"a", 5}, {"b", 4}, {"c", 9}}));
    all.push_back(std::make_unique<Fixed>(std::vector<std::pair<Bytes, int>>{}));
    return all;
  };
  const auto names = [](const std::vector<Kept>& all) {
    std::string text;
    for (const Kept& kept : all) text += kept.key + std::to_string(ToMicros(kept.time)) + " ";
    return text;
  };
  EXPECT_EQ(names(ReadAll(*MergeVersions(streams()))), "a5 a3 a1 b4 c9 c2 ");
  NewestVersions newest(MergeVersions(streams()), FromMicros(4));
  EXPECT_EQ(names(ReadAll(newest)), "a3 b4 c2 ");
  EXPECT_EQ(newest.seen(), 4u);
}

}  // namespace
}  // namespace tidemark::archive
