// How many descriptors open tables hold, and that nobody misses one that was taken away.
#include "engine/rocks/descriptor_pool.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "base/random.h"
#include "engine/rocks/rocks_engine.h"
#include "engine/rocks/table_place.h"
#include "engine/test_hook.h"
#include "engine/test_keys.h"
#include "engine/test_rows.h"

namespace tidemark::engine {
namespace {

namespace fs = std::filesystem;

size_t OpenDescriptors() {
  return static_cast<size_t>(
      std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

class DescriptorPoolTest : public testing::Test {
 protected:
  std::shared_ptr<TablePlace> Place(size_t budget) {
    return std::make_shared<TablePlace>(directory_.path(),
                                        std::make_shared<DescriptorPool>(budget));
  }
  // Files 0..count-1, each of 4 KiB of its own number.
  std::vector<std::unique_ptr<PooledFile>> MakeFiles(const std::shared_ptr<TablePlace>& place,
                                                     int count) {
    std::vector<std::unique_ptr<PooledFile>> files;
    for (int i = 0; i < count; ++i) {
      std::string name = std::to_string(i);
      std::ofstream(directory_ / name) << Bytes(4096, static_cast<char>(i));
      files.push_back(std::make_unique<PooledFile>(place, "/table/" + name));
    }
    return files;
  }
  static char FirstByte(PooledFile& file) {
    char byte = '?';
    EXPECT_EQ(Must(file.Read(0, 1, &byte)), 1u);
    return byte;
  }

  TemporaryDirectory directory_;
};

TEST_F(DescriptorPoolTest, OpensWhenReadAndKeepsToItsBudget) {
  auto place = Place(3);
  DescriptorPool& pool = place->descriptors();
  auto files = MakeFiles(place, 10);
  EXPECT_EQ(pool.open(), 0u);
  const size_t before = OpenDescriptors();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(FirstByte(*files[static_cast<size_t>(i)]), i);
      EXPECT_LE(pool.open(), 3u);
      EXPECT_LE(OpenDescriptors(), before + 3);
    }
  }
  EXPECT_EQ(pool.open(), 3u);
  files.clear();
  EXPECT_EQ(pool.open(), 0u);
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_F(DescriptorPoolTest, KeepsWhatIsReadAgainAndAgain) {
  auto place = Place(4);
  auto files = MakeFiles(place, 20);
  for (size_t i = 1; i < 20; ++i) {
    EXPECT_EQ(FirstByte(*files[0]), 0);
    EXPECT_EQ(FirstByte(*files[i]), static_cast<char>(i));
  }
  // Each of the others once; the first one at most now and then.
  EXPECT_LE(place->descriptors().opens(), 19u + 7u);
}

TEST_F(DescriptorPoolTest, ReadsShortAtTheEndAndSaysWhatIsMissing) {
  auto place = Place(1);
  auto files = MakeFiles(place, 2);
  char bytes[100];
  EXPECT_EQ(Must(files[0]->Read(4090, sizeof bytes, bytes)), 6u);
  EXPECT_EQ(Must(files[1]->Size()), 4096u);
  fs::remove(directory_ / "0");
  auto gone = files[0]->Read(0, 1, bytes);
  EXPECT_EQ(gone.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(gone.error().message.find(directory_ / "0"), std::string::npos);
  EXPECT_EQ(place->descriptors().open(), 0u);
}

TEST_F(DescriptorPoolTest, NobodyLosesADescriptorWhileReading) {
  constexpr int kFiles = 32;
  constexpr int kThreads = 8;
  auto place = Place(4);
  auto files = MakeFiles(place, kFiles);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<uint32_t>(t));
      for (int i = 0; i < 3000; ++i) {
        const int file = static_cast<int>(random() % kFiles);
        char bytes[4096];
        ASSERT_EQ(Must(files[static_cast<size_t>(file)]->Read(0, sizeof bytes, bytes)), 4096u);
        ASSERT_EQ(BytesView(bytes, sizeof bytes), Bytes(4096, static_cast<char>(file)));
        ASSERT_LE(place->descriptors().open(), 4u + kThreads);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(place->descriptors().opens(), static_cast<uint64_t>(kFiles));
}

class TableDescriptors : public testing::Test {
 protected:
  // No block stays in the cache, so that reads go to files.
  std::unique_ptr<Engine> MakeEngine(size_t budget) {
    return Must(MakeRocksEngine({.block_cache_bytes = 1 << 10, .descriptor_budget = budget}, keys_,
                                TheSystemRandom()));
  }
  static Bytes Value(int table, int row) { return fmt::format("{} of {}", row, table); }
  // `files` SSTs, file f with rows f, f + files, ... below `rows`.
  std::unique_ptr<TableStore> MakeTable(Engine& engine, int table, int files, int rows) {
    auto store = Must(engine.Create(directory_ / std::to_string(table), id_));
    for (int file = 0; file < files; ++file) {
      RowMap some;
      for (int row = file; row < rows; row += files) some[Key(row)] = Value(table, row);
      EXPECT_TRUE(Write(*store, some, At(static_cast<uint32_t>(file + 1))));
      EXPECT_TRUE(store->Flush());
    }
    return store;
  }

  TemporaryDirectory directory_;
  TestKeys keys_;
  TableId id_ = TableId::Make(TheSystemRandom());
};

TEST_F(TableDescriptors, ManyTablesShareOneBudget) {
  constexpr int kTables = 100;
  constexpr int kRows = 30;
  constexpr size_t kBudget = 64;
  constexpr size_t kThreads = 4;
  auto engine = MakeEngine(kBudget);
  const size_t before = OpenDescriptors();
  std::vector<std::unique_ptr<TableStore>> stores;
  for (int table = 0; table < kTables; ++table) {
    stores.push_back(MakeTable(*engine, table, 3, kRows));
    ASSERT_LE(OpenDescriptors(), before + kBudget + 4);
  }
  std::vector<std::thread> readers;
  for (size_t t = 0; t < kThreads; ++t) {
    readers.emplace_back([&, t] {
      std::mt19937 random(static_cast<uint32_t>(t));
      for (int i = 0; i < 1500; ++i) {
        const int table = static_cast<int>(random() % kTables);
        const int row = static_cast<int>(random() % kRows);
        ASSERT_EQ(Must(stores[static_cast<size_t>(table)]->Get(Key(row))), Value(table, row));
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    for (const auto& store : stores) (void)store->OldestDirty();
    EXPECT_LE(OpenDescriptors(), before + kBudget + kThreads + 4);
  }
  for (std::thread& reader : readers) reader.join();
  for (int table = 0; table < kTables; ++table) {
    ASSERT_EQ(Must(ReadAll(*stores[static_cast<size_t>(table)])).size(), size_t{kRows}) << table;
  }
  const EngineStats stats = engine->Stats();
  EXPECT_EQ(stats.open_tables, uint64_t{kTables});
  EXPECT_EQ(stats.descriptor_budget, kBudget);
  EXPECT_LE(stats.open_descriptors, kBudget);
  EXPECT_GT(stats.descriptor_opens, uint64_t{kTables} * 3);
  stores.clear();
  EXPECT_EQ(engine->Stats().open_descriptors, 0u);
  EXPECT_EQ(engine->Stats().open_tables, 0u);
}

TEST_F(TableDescriptors, IdleTablesHoldNoneOfTheirOwn) {
  auto engine = MakeEngine(1);
  const size_t before = OpenDescriptors();
  std::vector<std::unique_ptr<TableStore>> stores;
  for (int table = 0; table < 10; ++table) stores.push_back(MakeTable(*engine, table, 2, 10));
  EXPECT_LE(OpenDescriptors(), before + 1);
  for (int table = 0; table < 10; ++table) {
    for (const auto& entry : fs::directory_iterator(directory_ / std::to_string(table))) {
      EXPECT_NE(entry.path().extension(), ".log");
    }
  }
}

// RocksDB never removes a file that somebody may still read, or a closed one could not be opened
// again.
TEST_F(TableDescriptors, ScanGoesOnWhileItsFilesAreReplacedAndItsTableMoves) {
  std::mutex mutex;
  std::condition_variable changed;
  int removed = 0;
  TestHook hook([&](const FileCall& call) {
    if (call.op == FileOp::kRemove && call.path.ends_with(".sst")) {
      std::lock_guard lock(mutex);
      ++removed;
      changed.notify_all();
    }
    return 0;
  });
  constexpr int kRows = 3000;
  auto engine = MakeEngine(1);
  auto other = MakeTable(*engine, 1, 1, 10);
  auto store = MakeTable(*engine, 0, 3, kRows);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory_ / "0")) {
    if (entry.path().extension() == ".sst") files.push_back(entry.path().filename());
  }
  ASSERT_EQ(files.size(), 3u);
  auto scan = Must(store->Scan({.fill_cache = false}));
  // Enough files for a compaction of all of them.
  for (uint32_t frame = 10; frame < 16; ++frame) {
    TM_ASSERT_OK(Write(*store, {{Key(0), "new"}}, At(frame)));
    TM_ASSERT_OK(store->Flush());
  }
  TM_ASSERT_OK(store->MoveTo(directory_ / "0.dropped"));
  int rows = 0;
  for (; scan->Valid(); scan->Next()) {
    ASSERT_EQ(scan->key(), Key(rows));
    ASSERT_EQ(scan->value(), Value(0, rows));
    ++rows;
    if (rows % 100 == 0) {
      ASSERT_EQ(Must(other->Get(Key(rows / 100 % 10))), Value(1, rows / 100 % 10));
    }
  }
  TM_ASSERT_OK(scan->status());
  EXPECT_EQ(rows, kRows);
  for (const fs::path& file : files)
    EXPECT_TRUE(fs::exists(fs::path(directory_ / "0.dropped") / file));
  scan.reset();
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return removed >= 3; });
}

}  // namespace
}  // namespace tidemark::engine
