// The contract every engine keeps.
#include "engine/table_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include "base/random.h"
#include "engine/mem/mem_engine.h"
#include "engine/rocks/rocks_engine.h"
#include "engine/test_keys.h"
#include "engine/test_rows.h"

namespace tidemark::engine {
namespace {

enum class Kind { kMem, kRocks };

class TableStoreContract : public testing::TestWithParam<Kind> {
 protected:
  TableStoreContract() {
    if (GetParam() == Kind::kMem) {
      engine_ = MakeMemEngine();
    } else {
      engine_ = Must(MakeRocksEngine({.block_cache_bytes = 8 << 20}, keys_, TheSystemRandom()));
    }
  }
  std::unique_ptr<TableStore> Create(const std::string& name) {
    return Must(engine_->Create(directory_ / name, id_));
  }
  std::unique_ptr<TableStore> Open(const std::string& name) {
    return Must(engine_->Open(directory_ / name, id_));
  }
  std::unique_ptr<TableStore> Clone(const std::string& source, const std::string& name) {
    return Must(engine_->Clone(directory_ / source, directory_ / name, other_id_));
  }

  TemporaryDirectory directory_;
  TestKeys keys_;
  std::unique_ptr<Engine> engine_;
  TableId id_ = TableId::Make(TheSystemRandom());
  TableId other_id_ = TableId::Make(TheSystemRandom());
};

INSTANTIATE_TEST_SUITE_P(Engines, TableStoreContract, testing::Values(Kind::kMem, Kind::kRocks),
                         [](const auto& info) {
                           return info.param == Kind::kMem ? "Mem" : "Rocks";
                         });

TEST_P(TableStoreContract, StartsEmptyAndClean) {
  auto store = Create("t");
  EXPECT_EQ(store->Flushed(), log::Position{});
  EXPECT_EQ(store->OldestDirty(), std::nullopt);
  EXPECT_EQ(store->DirtyBytes(), 0u);
  EXPECT_EQ(store->Note(), "");
  EXPECT_EQ(Must(ReadAll(*store)), RowMap{});
  EXPECT_EQ(Must(store->Get(Key(1))), std::nullopt);
}

TEST_P(TableStoreContract, ReadsWhatWasApplied) {
  auto store = Create("t");
  TM_ASSERT_OK(Write(*store, {{Key(1), "one"}, {Key(2), "two"}}, At(1)));
  TM_ASSERT_OK(Write(*store, {{Key(1), ""}, {Key(2), "zwei"}}, At(2)));
  EXPECT_EQ(Must(store->Get(Key(1))), std::nullopt);
  EXPECT_EQ(Must(store->Get(Key(2))), "zwei");
  EXPECT_EQ(Must(ReadAll(*store)), (RowMap{{Key(2), "zwei"}}));
}

TEST_P(TableStoreContract, GetsManyRowsOfFilesAndMemory) {
  auto store = Create("t");
  RowMap rows;
  std::vector<Bytes> keys;
  for (int i = 0; i < 500; ++i) {
    keys.push_back(Key(i));
    if (i % 3 > 0) rows[Key(i)] = std::to_string(i) + Bytes(100, 'x');
  }
  TM_ASSERT_OK(Write(*store, rows, At(1)));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(Write(*store, {{Key(4), ""}, {Key(5), "newer"}}, At(2)));
  rows.erase(Key(4));
  rows[Key(5)] = "newer";
  RowMap found;
  Bytes last;
  const auto take = [&](BytesView key, BytesView value) -> Result<void> {
    EXPECT_LT(last, key);
    found.emplace(last = key, value);
    return {};
  };
  TM_ASSERT_OK(store->GetMany(keys, take));
  EXPECT_EQ(found, rows);
  const auto stop = [](BytesView, BytesView) -> Result<void> {
    return Fail(ErrorKind::kCancelled, "enough");
  };
  EXPECT_EQ(store->GetMany(keys, stop).error().kind, ErrorKind::kCancelled);
  TM_ASSERT_OK(store->GetMany({}, stop));
}

TEST_P(TableStoreContract, AppliesWritesOfOneCallInOrder) {
  auto store = Create("t");
  std::vector<RowWrite> writes{{Key(1), "a"}, {Key(1), std::nullopt}, {Key(1), "b"}};
  Bytes key = Key(1);
  for (RowWrite& write : writes) write.key = key;
  TM_ASSERT_OK(store->Apply(writes, At(1), ""));
  EXPECT_EQ(Must(store->Get(key)), "b");
}

TEST_P(TableStoreContract, KeepsRowsOfTheTablesOwnIndex) {
  auto store = Create("t");
  Bytes own("\0\0totals", 8);
  TM_ASSERT_OK(Write(*store, {{own, "5"}, {Bytes(kFirstRowKey), "first"}}, At(1)));
  TM_ASSERT_OK(store->Flush());
  EXPECT_EQ(Must(store->Get(own)), "5");
  EXPECT_EQ(Must(ReadAll(*store)), (RowMap{{own, "5"}, {Bytes(kFirstRowKey), "first"}}));
}

TEST_P(TableStoreContract, ScansHalfOpenRangesInBothDirections) {
  auto store = Create("t");
  RowMap rows;
  for (int i = 0; i < 10; ++i) rows[Key(i)] = std::to_string(i);
  TM_ASSERT_OK(Write(*store, rows, At(1)));
  for (bool reverse : {false, true}) {
    auto scan = Must(store->Scan({.begin = Key(3), .end = Key(6), .reverse = reverse}));
    std::vector<Bytes> keys;
    for (; scan->Valid(); scan->Next()) keys.emplace_back(scan->key());
    std::vector<Bytes> expected{Key(3), Key(4), Key(5)};
    if (reverse) std::reverse(expected.begin(), expected.end());
    EXPECT_EQ(keys, expected);
    TM_ASSERT_OK(scan->status());
    EXPECT_FALSE(Must(store->Scan({.begin = Key(6), .end = Key(6), .reverse = reverse}))->Valid());
    EXPECT_FALSE(Must(store->Scan({.begin = Key(7), .end = Key(6), .reverse = reverse}))->Valid());
    EXPECT_FALSE(Must(store->Scan({.begin = Key(99), .reverse = reverse}))->Valid());
    auto to_end = Must(store->Scan({.begin = Key(8), .reverse = reverse}));
    EXPECT_EQ(to_end->key(), reverse ? Key(9) : Key(8));
  }
}

TEST_P(TableStoreContract, ScanIsASnapshot) {
  auto store = Create("t");
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}, {Key(2), "b"}}, At(1)));
  auto scan = Must(store->Scan({}));
  TM_ASSERT_OK(Write(*store, {{Key(2), ""}, {Key(3), "c"}}, At(2)));
  TM_ASSERT_OK(store->Flush());
  EXPECT_EQ(scan->key(), Key(1));
  scan->Next();
  ASSERT_TRUE(scan->Valid());
  EXPECT_EQ(scan->value(), "b");
  scan->Next();
  EXPECT_FALSE(scan->Valid());
}

TEST_P(TableStoreContract, FlushMakesThePositionExact) {
  auto store = Create("t");
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1), "n1"));
  TM_ASSERT_OK(Write(*store, {{Key(2), "b"}}, At(2), "n2"));
  EXPECT_EQ(store->OldestDirty(), At(1));
  EXPECT_GT(store->DirtyBytes(), 0u);
  EXPECT_EQ(store->Note(), "n2");
  TM_ASSERT_OK(store->Flush());
  EXPECT_EQ(store->Flushed(), At(2));
  EXPECT_EQ(store->OldestDirty(), std::nullopt);
  EXPECT_EQ(store->DirtyBytes(), 0u);
  TM_ASSERT_OK(Write(*store, {{Key(3), "c"}}, At(3), "n3"));
  EXPECT_EQ(store->Flushed(), At(2));
  EXPECT_EQ(store->OldestDirty(), At(3));
}

TEST_P(TableStoreContract, ReopensWithContentPositionAndNote) {
  {
    auto store = Create("t");
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1), "one"));
    TM_ASSERT_OK(store->Flush());
    TM_ASSERT_OK(Write(*store, {{Key(2), "b"}}, At(2), "two"));
  }  // closing flushes
  auto store = Open("t");
  EXPECT_EQ(store->Flushed(), At(2));
  EXPECT_EQ(store->Note(), "two");
  EXPECT_EQ(store->OldestDirty(), std::nullopt);
  EXPECT_EQ(Must(ReadAll(*store)), (RowMap{{Key(1), "a"}, {Key(2), "b"}}));
}

TEST_P(TableStoreContract, RefusesTakenAndMissingNames) {
  auto store = Create("t");
  EXPECT_EQ(engine_->Create(directory_ / "t", id_).error().kind, ErrorKind::kAlreadyExists);
  EXPECT_EQ(engine_->Open(directory_ / "u", id_).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(engine_->Clone(directory_ / "u", directory_ / "v", id_).error().kind,
            ErrorKind::kNotFound);
  TM_ASSERT_OK(store->Pin(directory_ / "p"));
  EXPECT_EQ(store->Pin(directory_ / "p").error().kind, ErrorKind::kAlreadyExists);
  EXPECT_EQ(store->Pin(directory_ / "t").error().kind, ErrorKind::kAlreadyExists);
}

TEST_P(TableStoreContract, PinHoldsWhatIsDurableAndNothingMore) {
  auto store = Create("t");
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1), "one"));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(Write(*store, {{Key(2), "b"}}, At(2), "two"));
  auto pinned = Must(store->Pin(directory_ / "p"));
  EXPECT_GT(pinned.bytes, 0u);
  auto clone = Clone("p", "c");
  EXPECT_EQ(Must(ReadAll(*clone)), (RowMap{{Key(1), "a"}}));
  EXPECT_EQ(clone->Flushed(), At(1));
  EXPECT_EQ(clone->Note(), "one");
}

TEST_P(TableStoreContract, PinOfAnEmptyTableIsAnEmptyTable) {
  auto store = Create("t");
  TM_ASSERT_OK(store->Pin(directory_ / "p"));
  auto clone = Clone("p", "c");
  EXPECT_EQ(Must(ReadAll(*clone)), RowMap{});
}

TEST_P(TableStoreContract, CloneLivesWithoutItsSource) {
  auto store = Create("t");
  RowMap rows;
  for (int i = 0; i < 1000; ++i) rows[Key(i)] = "value " + std::to_string(i);
  TM_ASSERT_OK(Write(*store, rows, At(1)));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(store->Pin(directory_ / "p"));
  store.reset();
  std::filesystem::remove_all(directory_ / "t");
  auto clone = Clone("p", "c");
  std::filesystem::remove_all(directory_ / "p");
  EXPECT_EQ(Must(ReadAll(*clone)), rows);
  clone.reset();
  EXPECT_EQ(Must(ReadAll(*Must(engine_->Open(directory_ / "c", other_id_)))), rows);
}

TEST_P(TableStoreContract, CloneOfACloneKeepsEveryRow) {
  RowMap rows{{Key(0), "origin"}};
  {
    auto store = Create("t0");
    TM_ASSERT_OK(Write(*store, rows, At(1)));
    TM_ASSERT_OK(store->Flush());
    TM_ASSERT_OK(store->Pin(directory_ / "p0"));
  }
  for (int i = 1; i < 4; ++i) {
    auto store = Clone("p" + std::to_string(i - 1), "t" + std::to_string(i));
    rows[Key(i)] = "generation " + std::to_string(i);
    TM_ASSERT_OK(Write(*store, {{Key(i), rows[Key(i)]}}, At(static_cast<uint32_t>(i + 1))));
    TM_ASSERT_OK(store->Flush());
    TM_ASSERT_OK(store->Pin(directory_ / ("p" + std::to_string(i))));
    store.reset();
    std::filesystem::remove_all(directory_ / ("p" + std::to_string(i - 1)));
  }
  EXPECT_EQ(Must(ReadAll(*Clone("p3", "last"))), rows);
}

TEST_P(TableStoreContract, SetPositionIsDurableAndReplacesTheSources) {
  {
    auto store = Create("t");
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(9), "source"));
    TM_ASSERT_OK(store->Flush());
    TM_ASSERT_OK(store->Pin(directory_ / "p"));
  }
  auto clone = Clone("p", "c");
  log::Position fresh{8, 1, 4096};
  TM_ASSERT_OK(clone->SetPosition(fresh, "clone"));
  EXPECT_EQ(clone->Flushed(), fresh);
  EXPECT_EQ(clone->Note(), "clone");
  EXPECT_EQ(clone->OldestDirty(), std::nullopt);
  clone.reset();
  clone = Must(engine_->Open(directory_ / "c", other_id_));
  EXPECT_EQ(clone->Flushed(), fresh);
  EXPECT_EQ(clone->Note(), "clone");
}

TEST_P(TableStoreContract, RunLiesOverTheImageAndKeepsDeletes) {
  {
    auto store = Create("t");
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}, {Key(2), "b"}, {Key(3), "c"}}, At(1)));
    TM_ASSERT_OK(store->Flush());
    TM_ASSERT_OK(store->Pin(directory_ / "p"));
  }
  RowMap run{{Key(0), "new"}, {Key(2), ""}, {Key(3), "newer"}};
  TM_ASSERT_OK(engine_->WriteRun(directory_ / "p", RowsOf({{Key(5), "first attempt"}})));
  TM_ASSERT_OK(engine_->WriteRun(directory_ / "p", RowsOf(run)));
  RowMap expected{{Key(0), "new"}, {Key(1), "a"}, {Key(3), "newer"}};
  EXPECT_EQ(Must(ReadAll(*Clone("p", "c"))), expected);
  EXPECT_EQ(Must(ReadAll(*Clone("p", "d"))), expected);
  auto reopened = Must(engine_->Open(directory_ / "c", other_id_));
  EXPECT_EQ(Must(ReadAll(*reopened)), expected);
  TM_ASSERT_OK(Write(*reopened, {{Key(3), "newest"}}, At(2)));
  TM_ASSERT_OK(reopened->Flush());
  EXPECT_EQ(Must(reopened->Get(Key(3))), "newest");
}

TEST_P(TableStoreContract, AnImageIsReadWithItsRunOutlivesItAndLeavesNothing) {
  {
    auto store = Create("t");
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}, {Key(2), "b"}}, At(1)));
    TM_ASSERT_OK(store->Flush());
    TM_ASSERT_OK(store->Pin(directory_ / "p"));
  }
  TM_ASSERT_OK(engine_->WriteRun(directory_ / "p", RowsOf({{Key(2), ""}, {Key(3), "c"}})));
  auto reader = Must(engine_->OpenImage(directory_ / "p", directory_ / "view", id_));
  std::filesystem::remove_all(directory_ / "p");
  EXPECT_EQ(Must(ReadAll(*reader)), (RowMap{{Key(1), "a"}, {Key(3), "c"}}));
  EXPECT_EQ(Must(reader->Get(Key(2))), std::nullopt);
  reader.reset();
  EXPECT_FALSE(std::filesystem::exists(directory_ / "view"));
  EXPECT_EQ(engine_->OpenImage(directory_ / "none", directory_ / "view", id_).error().kind,
            ErrorKind::kNotFound);
}

TEST_P(TableStoreContract, AColdImageIsReadLikeAnyOther) {
  RowMap rows;
  for (int i = 0; i < 3000; ++i) rows[Key(i)] = Bytes(100, static_cast<char>('a' + i % 26));
  TM_ASSERT_OK(engine_->WriteColdImage(directory_ / "p", id_, RowsOf(rows)));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "p.filling"));
  EXPECT_EQ(Must(ReadAll(*Must(engine_->OpenImage(directory_ / "p", directory_ / "view", id_)))),
            rows);
  auto clone = Clone("p", "c");
  EXPECT_EQ(Must(ReadAll(*clone)), rows);
  TM_ASSERT_OK(Write(*clone, {{Key(3), "newest"}}, At(1)));
  TM_ASSERT_OK(clone->Flush());
  EXPECT_EQ(Must(clone->Get(Key(3))), "newest");
  EXPECT_EQ(engine_->WriteColdImage(directory_ / "p", id_, RowsOf(rows)).error().kind,
            ErrorKind::kAlreadyExists);
  TM_ASSERT_OK(engine_->WriteColdImage(directory_ / "empty", id_, RowsOf({})));
  EXPECT_TRUE(Must(ReadAll(*Clone("empty", "d"))).empty());
}

TEST_P(TableStoreContract, AColdImageThatFailsLeavesNothing) {
  int calls = 0;
  const auto next = [&]() -> Result<std::optional<RowWrite>> {
    if (++calls == 3) return Fail(ErrorKind::kCancelled, "no more");
    return RowWrite{calls == 1 ? BytesView("\0\1a", 3) : BytesView("\0\1b", 3), "v"};
  };
  EXPECT_EQ(engine_->WriteColdImage(directory_ / "p", id_, next).error().kind,
            ErrorKind::kCancelled);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "p"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "p.filling"));
  EXPECT_FALSE(engine_->OpenImage(directory_ / "p", directory_ / "view", id_));
}

TEST_P(TableStoreContract, EmptyRunChangesNothing) {
  {
    auto store = Create("t");
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1)));
    TM_ASSERT_OK(store->Flush());
    TM_ASSERT_OK(store->Pin(directory_ / "p"));
  }
  TM_ASSERT_OK(engine_->WriteRun(directory_ / "p", RowsOf({{Key(1), "replaced"}})));
  TM_ASSERT_OK(engine_->WriteRun(directory_ / "p", RowsOf({})));
  EXPECT_EQ(Must(ReadAll(*Clone("p", "c"))), (RowMap{{Key(1), "a"}}));
}

TEST_P(TableStoreContract, IngestReplacesRowsAndIsDurable) {
  {
    auto store = Create("t");
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}, {Key(2), "b"}, {Key(3), "c"}}, At(1)));
    TM_ASSERT_OK(store->Flush());
    RowMap rows{{Key(2), ""}, {Key(3), "ingested"}};
    for (int i = 100; i < 2000; ++i) rows[Key(i)] = Bytes(100, 'x');
    TM_ASSERT_OK(store->Ingest(RowsOf(rows)));
    TM_ASSERT_OK(store->Ingest(RowsOf({})));
    EXPECT_EQ(Must(store->Get(Key(3))), "ingested");
    EXPECT_EQ(Must(store->Get(Key(2))), std::nullopt);
    EXPECT_EQ(Must(ReadAll(*store)).size(), 1902u);
    EXPECT_EQ(store->Flushed(), At(1));
  }
  EXPECT_EQ(Must(ReadAll(*Open("t"))).size(), 1902u);
}

TEST_P(TableStoreContract, IngestReplacesRowsStillInMemory) {
  auto store = Create("t");
  TM_ASSERT_OK(Write(*store, {{Key(1), "old"}, {Key(2), "kept"}}, At(1)));
  TM_ASSERT_OK(store->Ingest(RowsOf({{Key(1), "new"}})));
  EXPECT_EQ(Must(store->Get(Key(1))), "new");
  TM_ASSERT_OK(store->Flush());
  EXPECT_EQ(Must(ReadAll(*store)), (RowMap{{Key(1), "new"}, {Key(2), "kept"}}));
  EXPECT_EQ(store->Flushed(), At(1));
}

TEST_P(TableStoreContract, PartsAreIngestedTogetherOrNotAtAll) {
  {
    auto store = Create("t");
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}, {Key(500), "b"}}, At(1)));
    RowMap rows[4];  // the third has none
    for (int i = 1; i < 400; ++i) rows[0][Key(i)] = Bytes(100, 'x');
    rows[1] = {{Key(500), ""}, {Key(501), "c"}};
    rows[3] = {{Key(900), "d"}};
    const NextRow parts[] = {RowsOf(rows[0]), RowsOf(rows[1]), RowsOf(rows[2]), RowsOf(rows[3])};
    TM_ASSERT_OK(store->IngestParts(parts));
    const RowMap all = Must(ReadAll(*store));
    EXPECT_EQ(all.size(), 401u);
    EXPECT_EQ(all.at(Key(1)), Bytes(100, 'x'));
    EXPECT_EQ(all.count(Key(500)), 0u);
    EXPECT_EQ(all.at(Key(900)), "d");

    const RowMap first{{Key(1), "first"}}, behind{{Key(2), "behind"}};
    const NextRow backwards[] = {RowsOf(behind), RowsOf(first)};
    EXPECT_EQ(store->IngestParts(backwards).error().kind, ErrorKind::kInternal);
    const NextRow failing[] = {RowsOf(first), []() -> Result<std::optional<RowWrite>> {
                                 return Fail(ErrorKind::kCorruption, "source is bad");
                               }};
    EXPECT_EQ(store->IngestParts(failing).error().kind, ErrorKind::kCorruption);
    const NextRow given[] = {RowsOf(first), RowsOf(behind)};
    const auto stop = [&]() -> Result<void> {
      EXPECT_EQ(Must(ReadAll(*store)), all);
      EXPECT_EQ(Must(given[1]()), std::nullopt);  // they were read
      return Fail(ErrorKind::kCancelled, "stopped");
    };
    EXPECT_EQ(store->IngestParts(given, stop).error().kind, ErrorKind::kCancelled);
    EXPECT_EQ(Must(ReadAll(*store)), all);
  }
  EXPECT_EQ(Must(ReadAll(*Open("t"))).size(), 401u);
}

TEST_P(TableStoreContract, IngestRefusesRowsOutOfOrderAndPassesErrorsOn) {
  auto store = Create("t");
  int calls = 0;
  Bytes keys[] = {Key(2), Key(1)};
  auto backwards = [&]() -> Result<std::optional<RowWrite>> {
    if (calls == 2) return std::nullopt;
    return RowWrite{keys[calls++], "v"};
  };
  EXPECT_EQ(store->Ingest(backwards).error().kind, ErrorKind::kInternal);
  auto failing = []() -> Result<std::optional<RowWrite>> {
    return Fail(ErrorKind::kCorruption, "source is bad");
  };
  EXPECT_EQ(store->Ingest(failing).error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(Must(ReadAll(*store)), RowMap{});
}

TEST_P(TableStoreContract, AgreesWithAMapUnderRandomOperations) {
  uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  auto store = Create("t");
  RowMap model;
  RowMap durable;
  uint32_t frame = 0;
  int images = 0;
  for (int step = 0; step < 400; ++step) {
    switch (random() % 20) {
      case 0:
        TM_ASSERT_OK(store->Flush());
        durable = model;
        if (frame > 0) {
          EXPECT_EQ(store->Flushed(), At(frame));
        }
        break;
      case 1: {
        store.reset();
        store = Open("t");
        durable = model;
        break;
      }
      case 2: {
        std::string image = "p" + std::to_string(++images);
        TM_ASSERT_OK(store->Pin(directory_ / image));
        EXPECT_EQ(Must(ReadAll(*Clone(image, "c" + image))), durable);
        break;
      }
      default: {
        RowMap rows;
        for (int i = 0; i < 20; ++i) {
          int key = static_cast<int>(random() % 500);
          char fill = static_cast<char>('a' + random() % 26);
          rows[Key(key)] = Bytes(random() % 4 == 0 ? 0 : 1 + random() % 300, fill);
        }
        TM_ASSERT_OK(Write(*store, rows, At(++frame)));
        for (const auto& [key, value] : rows) {
          model[key] = value;
          if (value.empty()) model.erase(key);
        }
      }
    }
    if (step % 40 == 0) {
      ASSERT_EQ(Must(ReadAll(*store)), model);
    }
  }
  EXPECT_EQ(Must(ReadAll(*store)), model);
}

// While a writer goes on, each pin must equal some prefix of the frames, at least as long as the
// store said before.
TEST_P(TableStoreContract, PinsUnderLoadArePrefixesOfTheFrames) {
  auto store = Create("t");
  constexpr int kFrames = 600;
  std::vector<std::string> images;
  std::vector<log::Position> reach;
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) Must(ReadAll(*store));
  });
  for (int i = 1; i <= kFrames; ++i) {
    // Frame i overwrites one row with its number, so a prefix is told by the largest number in it.
    ASSERT_TRUE(
        WritePatiently(*store, {{Key(i % 50), std::to_string(i)}}, At(static_cast<uint32_t>(i))));
    if (i % 70 == 0) {
      ASSERT_TRUE(store->Flush());
    }
    if (i % 100 == 33) {
      images.push_back("p" + std::to_string(i));
      reach.push_back(store->Flushed());
      TM_ASSERT_OK(store->Pin(directory_ / images.back()));
    }
  }
  stop = true;
  reader.join();
  for (size_t i = 0; i < images.size(); ++i) {
    RowMap rows = Must(ReadAll(*Clone(images[i], "c" + images[i])));
    int newest = 0;
    for (const auto& [key, value] : rows) newest = std::max(newest, std::stoi(value));
    RowMap expected;
    for (int frame = 1; frame <= newest; ++frame) expected[Key(frame % 50)] = std::to_string(frame);
    EXPECT_EQ(rows, expected);
    EXPECT_GE(At(static_cast<uint32_t>(newest)), reach[i]);
  }
}

TEST_P(TableStoreContract, FlushesWhileTheApplierGoesOn) {
  auto store = Create("t");
  constexpr uint32_t kFrames = 3000;
  std::atomic<uint32_t> applied = 0;
  std::thread applier([&] {
    for (uint32_t frame = 1; frame <= kFrames; ++frame) {
      // Large enough that position rows are written on the way, too.
      Bytes value(20000, static_cast<char>('a' + frame % 26));
      ASSERT_TRUE(WritePatiently(*store, {{Key(static_cast<int>(frame % 100)), value}}, At(frame)));
      applied = frame;
    }
  });
  while (applied < kFrames) {
    log::Position before = At(applied);
    ASSERT_TRUE(store->Flush());
    if (before == At(0)) continue;
    EXPECT_GE(store->Flushed(), before);
    if (auto oldest = store->OldestDirty()) {
      EXPECT_GT(*oldest, before);
    }
  }
  applier.join();
  TM_ASSERT_OK(store->Flush());
  EXPECT_EQ(store->Flushed(), At(kFrames));
  EXPECT_EQ(store->OldestDirty(), std::nullopt);
  EXPECT_EQ(store->DirtyBytes(), 0u);
}

TEST_P(TableStoreContract, AbandonedTableIsReadStillAndLosesOnlyWhatWasNotFlushed) {
  auto store = Create("t");
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1)));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(Write(*store, {{Key(2), "b"}}, At(2)));
  store->Abandon();
  EXPECT_EQ(Must(store->Get(Key(1))), "a");
  EXPECT_EQ(Must(ReadAll(*store)).size(), 2u);
}

TEST_P(TableStoreContract, MovesWhileItIsOpen) {
  auto store = Create("t");
  Create("taken");
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1)));
  TM_ASSERT_OK(store->Flush());
  EXPECT_EQ(store->Directory(), directory_ / "t");
  EXPECT_EQ(store->MoveTo(directory_ / "taken").error().kind, ErrorKind::kAlreadyExists);
  TM_ASSERT_OK(store->MoveTo(directory_ / "u"));
  EXPECT_EQ(store->Directory(), directory_ / "u");
  EXPECT_EQ(Must(store->Get(Key(1))), "a");
  TM_ASSERT_OK(Write(*store, {{Key(2), "b"}}, At(2)));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(store->Pin(directory_ / "p"));
  store.reset();
  EXPECT_EQ(engine_->Open(directory_ / "t", id_).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(Must(ReadAll(*Open("u"))), (RowMap{{Key(1), "a"}, {Key(2), "b"}}));
  EXPECT_EQ(Must(ReadAll(*Clone("p", "c"))).size(), 2u);
}

TEST_P(TableStoreContract, CountsOpenTables) {
  EXPECT_EQ(engine_->Stats().open_tables, 0u);
  auto first = Create("t");
  {
    auto second = Create("u");
    EXPECT_EQ(engine_->Stats().open_tables, 2u);
  }
  TM_ASSERT_OK(Write(*first, {{Key(1), "a"}}, At(1)));
  EXPECT_EQ(engine_->Stats().open_tables, 1u);
  EXPECT_GT(engine_->Stats().memtable_bytes, 0u);
}

TEST(MemEngine, LosesUnflushedWritesWhenTold) {
  auto engine = MakeMemEngine();
  TableId id = TableId::Make(TheSystemRandom());
  {
    auto store = Must(engine->Create("/t", id));
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1), "one"));
    TM_ASSERT_OK(store->Flush());
    TM_ASSERT_OK(Write(*store, {{Key(1), "b"}}, At(2), "two"));
    engine->LoseUnflushed(true);
  }
  auto store = Must(engine->Open("/t", id));
  EXPECT_EQ(Must(store->Get(Key(1))), "a");
  EXPECT_EQ(store->Flushed(), At(1));
  EXPECT_EQ(store->Note(), "one");
}

TEST(MemEngine, AfflictsOneTableWhenTold) {
  auto engine = MakeMemEngine();
  TableId id = TableId::Make(TheSystemRandom());
  auto sick = Must(engine->Create("/t", id));
  auto well = Must(engine->Create("/u", id));
  engine->Afflict("/t", MemEngine::Ailment::kBusy);
  EXPECT_EQ(Write(*sick, {{Key(1), "a"}}, At(1)).error().kind, ErrorKind::kBusy);
  EXPECT_EQ(sick->OldestDirty(), std::nullopt);
  TM_ASSERT_OK(Write(*well, {{Key(1), "a"}}, At(1)));
  engine->Afflict("/t", MemEngine::Ailment::kBroken);
  EXPECT_EQ(Write(*sick, {{Key(1), "a"}}, At(1)).error().kind, ErrorKind::kIo);
  EXPECT_EQ(sick->Flush().error().kind, ErrorKind::kIo);
  engine->Afflict("/t", MemEngine::Ailment::kNone);
  TM_ASSERT_OK(Write(*sick, {{Key(1), "a"}}, At(1)));
}

TEST(MemEngine, FailsFlushesWhenTold) {
  auto engine = MakeMemEngine();
  auto store = Must(engine->Create("/t", TableId::Make(TheSystemRandom())));
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1)));
  engine->FailFlushes(true);
  EXPECT_EQ(store->Flush().error().kind, ErrorKind::kIo);
  EXPECT_EQ(store->OldestDirty(), At(1));
  engine->FailFlushes(false);
  TM_ASSERT_OK(store->Flush());
  EXPECT_EQ(store->OldestDirty(), std::nullopt);
}

TEST_P(TableStoreContract, ErasesARangeForGood) {
  RowMap rows;
  for (int i = 0; i < 10; ++i) rows[Key(i)] = std::to_string(i);
  {
    auto store = Create("t");
    TM_ASSERT_OK(Write(*store, rows, At(1)));
    TM_ASSERT_OK(store->Flush());
    TM_ASSERT_OK(Write(*store, {{Key(5), "newer"}}, At(2)));
    TM_ASSERT_OK(store->EraseRange(Key(3), Key(7)));
    EXPECT_EQ(Must(store->Get(Key(2))), "2");
    EXPECT_EQ(Must(store->Get(Key(5))), std::nullopt);
    EXPECT_EQ(Must(ReadAll(*store)).size(), 6u);
    TM_ASSERT_OK(Write(*store, {{Key(4), "back"}}, At(3)));
  }
  auto store = Open("t");
  for (int i = 3; i < 7; ++i) rows.erase(Key(i));
  rows[Key(4)] = "back";
  EXPECT_EQ(Must(ReadAll(*store)), rows);
}

TEST_P(TableStoreContract, ErasesUnderWhatIsIngestedLater) {
  auto store = Create("t");
  TM_ASSERT_OK(Write(*store, {{Key(1), "one"}, {Key(2), "two"}}, At(1)));
  TM_ASSERT_OK(store->EraseRange(Key(0), Key(4)));
  EXPECT_EQ(Must(ReadAll(*store)), RowMap{});
  const RowMap again{{Key(2), "again"}};
  TM_ASSERT_OK(store->Ingest(RowsOf(again)));
  EXPECT_EQ(Must(ReadAll(*store)), again);
}

}  // namespace
}  // namespace tidemark::engine
