#include "shard/owed_run.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "base/files.h"
#include "engine/mem/mem_engine.h"
#include "engine/rocks/rocks_engine.h"
#include "log/mem/mem_log.h"
#include "shard/test_keys.h"

namespace tidemark::shard {
namespace {

Bytes Key(std::string_view name) { return Bytes{'\0', '\1'} + Bytes(name); }

class OwedRunTest : public testing::Test {
 protected:
  OwedRunTest() {
    std::string name = (std::filesystem::temp_directory_path() / "tidemark_owed_XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    runs_.emplace(directory_ + "/owed", &keys_);
  }
  ~OwedRunTest() override { std::filesystem::remove_all(directory_); }

  // One frame with one row of `table`, and one of another table.
  log::Position Log(std::string_view key, std::optional<Bytes> value, uint64_t items) {
    Bytes payload;
    for (const TableId id : {other_, table_}) {
      Change change;
      TableChange part;
      part.table = id;
      part.rows.push_back({Key(key), value});
      part.totals.items = items;
      change.tables.push_back(std::move(part));
      EncodeChange(change, &payload);
    }
    const auto at = log_->Append(payload, {});
    EXPECT_TRUE(at.has_value());
    return at.value_or(log::Position{});
  }
  std::unique_ptr<engine::TableStore> Store(const std::string& name) {
    auto store = engine_->Create(name, table_);
    EXPECT_TRUE(store.has_value());
    return std::move(*store);
  }
  OwedRun Write(log::Position from, log::Position through) {
    auto run = runs_->Write(*log_, {.table = table_, .from = from, .through = through});
    EXPECT_TRUE(run.has_value()) << run.error().message;
    return run.value_or(OwedRun{});
  }
  std::optional<Bytes> Read(const engine::TableStore& store, std::string_view key) {
    return store.Get(Key(key)).value_or(std::nullopt);
  }

  std::string directory_;
  TestKeys keys_;
  std::unique_ptr<log::CommitLog> log_ = log::MakeMemLog();
  std::unique_ptr<engine::MemEngine> engine_ = engine::MakeMemEngine();
  const TableId table_ = TableId::Make(TheSystemRandom());
  const TableId other_ = TableId::Make(TheSystemRandom());
  std::optional<OwedRuns> runs_;
};

TEST_F(OwedRunTest, GivesAStoreItsSliceOfTheLogAndNothingElse) {
  Log("before", "x", 1);
  const auto from = Log("a", "1", 2);
  Log("b", "2", 3);
  Log("a", "3", 3);
  const auto through = Log("b", std::nullopt, 2);
  Log("after", "x", 3);
  const OwedRun run = Write(from, through);
  EXPECT_EQ(run.through, through);

  auto store = Store("t");
  ASSERT_TRUE(runs_->Apply(run, table_, *store).has_value());
  EXPECT_EQ(Read(*store, "a"), "3");
  EXPECT_EQ(Read(*store, "b"), std::nullopt);
  EXPECT_EQ(Read(*store, "before"), std::nullopt);
  EXPECT_EQ(Read(*store, "after"), std::nullopt);
  EXPECT_EQ(store->Flushed(), through) << "durable, and the log is needed behind it only";
  EXPECT_EQ(DecodeTotals(store->Note())->items, 2u);
  EXPECT_FALSE(store->OldestDirty().has_value());
}

TEST_F(OwedRunTest, ALargeOneIsDurableInARealStoreWhenItIsApplied) {
  const auto from = Log("0", Bytes(100'000, 'v'), 1);
  log::Position through = from;
  for (int i = 1; i < 40; ++i) through = Log(std::to_string(i), Bytes(100'000, 'v'), 1);
  const OwedRun run = Write(from, through);

  auto rocks = engine::MakeRocksEngine({}, keys_, TheSystemRandom());
  ASSERT_TRUE(rocks.has_value());
  auto store = (*rocks)->Create(directory_ + "/table", table_);
  ASSERT_TRUE(store.has_value()) << store.error().message;
  const auto applied = runs_->Apply(run, table_, **store);
  ASSERT_TRUE(applied.has_value()) << applied.error().message;
  EXPECT_FALSE((*store)->OldestDirty().has_value());
  (*store)->Abandon();  // as in a crash: nothing is flushed any more
  store->reset();
  store = (*rocks)->Open(directory_ + "/table", table_);
  ASSERT_TRUE(store.has_value()) << store.error().message;
  EXPECT_EQ((*store)->Flushed(), through);
  EXPECT_EQ(DecodeTotals((*store)->Note())->items, 1u);
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(Read(**store, std::to_string(i)).has_value()) << i;
}

TEST_F(OwedRunTest, LeavesAStoreThatIsFurtherAlone) {
  const auto at = Log("a", "1", 1);
  const OwedRun run = Write(at, at);
  const auto later = Log("a", "2", 1);
  auto store = Store("t");
  const Bytes key = Key("a");
  const engine::RowWrite write{key, BytesView("2")};
  ASSERT_TRUE(store->Apply({&write, 1}, later, "").has_value());
  ASSERT_TRUE(store->Flush().has_value());
  ASSERT_TRUE(runs_->Apply(run, table_, *store).has_value());
  EXPECT_EQ(Read(*store, "a"), "2") << "an old run that a failed removal left";
  ASSERT_TRUE(RemoveFile(run.path).has_value());
  ASSERT_TRUE(runs_->Apply(run, table_, *store).has_value()) << "it went once it was needless";
  EXPECT_EQ(store->Flushed(), later);
}

TEST_F(OwedRunTest, IsFoundAgainAtStartAndHalvesAreRemoved) {
  const auto at = Log("a", "1", 1);
  const OwedRun run = Write(at, at);
  ASSERT_TRUE(ReplaceFile(runs_->PathOf(other_) + ".making", "half").has_value());
  const auto found = runs_->Find();
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->begin()->first, table_);
  EXPECT_EQ(found->begin()->second.path, run.path);
  EXPECT_EQ(found->begin()->second.through, at);
  EXPECT_FALSE(Exists(runs_->PathOf(other_) + ".making"));
  ASSERT_TRUE(runs_->Remove(table_).has_value());
  EXPECT_TRUE(runs_->Find()->empty());
}

TEST_F(OwedRunTest, NoByteOfItCanChangeUnnoticed) {
  const auto from = Log("a", "1", 1);
  const auto through = Log("b", Bytes(300, 'v'), 2);
  const OwedRun run = Write(from, through);
  const Bytes whole = *ReadFile(run.path);
  EXPECT_EQ(whole.find("vvvv"), Bytes::npos) << "rows are sealed";
  for (size_t i = 0; i <= whole.size(); ++i) {
    Bytes damaged = whole;
    if (i < whole.size()) {
      damaged[i] = static_cast<char>(damaged[i] ^ 1);
    } else {
      damaged.resize(whole.size() - 1);
    }
    ASSERT_TRUE(ReplaceFile(run.path, damaged).has_value());
    auto store = Store("t" + std::to_string(i));
    const auto applied = runs_->Apply(run, table_, *store);
    ASSERT_FALSE(applied.has_value()) << "byte " << i;
    EXPECT_EQ(applied.error().kind, ErrorKind::kCorruption) << applied.error().message;
    EXPECT_EQ(Read(*store, "a"), std::nullopt) << "half of it was applied";
  }
  EXPECT_EQ(runs_->Find()->size(), 1u) << "a damaged run is its table's trouble only";
}

TEST_F(OwedRunTest, IsNotWrittenOfASliceWithoutTheTable) {
  const auto at = Log("a", "1", 1);
  const auto run =
      runs_->Write(*log_, {.table = TableId::Make(TheSystemRandom()), .from = at, .through = at});
  ASSERT_FALSE(run.has_value());
  EXPECT_TRUE(ListDirectory(directory_ + "/owed")->empty()) << "a half stayed";
}

}  // namespace
}  // namespace tidemark::shard
