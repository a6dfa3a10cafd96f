// Stalls, failing disks, damaged directories: what the store says, and that it goes on afterwards.
#include <gtest/gtest.h>

#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "base/random.h"
#include "engine/rocks/memtable_gate.h"
#include "engine/rocks/rocks_engine.h"
#include "engine/test_hook.h"
#include "engine/test_keys.h"
#include "engine/test_rows.h"

namespace tidemark::engine {
namespace {

namespace fs = std::filesystem;

// What a store says of itself.
struct Said {
  log::Position flushed;
  std::optional<log::Position> oldest;
  uint64_t bytes;
  Bytes note;
  bool operator==(const Said&) const = default;
};
Said Ask(const TableStore& store) {
  return {store.Flushed(), store.OldestDirty(), store.DirtyBytes(), store.Note()};
}

// Holds up the making of a table's SSTs.
class Barrier : public FileHook {
 public:
  explicit Barrier(std::string directory) : directory_(std::move(directory)) { SetFileHook(this); }
  ~Barrier() override { SetFileHook(nullptr); }
  int Before(const FileCall& call) override {
    if (call.op != FileOp::kCreate || !call.path.starts_with(directory_ + "/") ||
        !call.path.ends_with(".sst")) {
      return 0;
    }
    std::unique_lock lock(mutex_);
    lifted_.wait(lock, [&] { return open_; });
    return 0;
  }
  void Lift() {
    std::lock_guard lock(mutex_);
    open_ = true;
    lifted_.notify_all();
  }

 private:
  std::string directory_;
  std::mutex mutex_;
  std::condition_variable lifted_;
  bool open_ = false;
};

class RocksFaults : public testing::Test {
 protected:
  std::unique_ptr<Engine> MakeEngine(uint64_t write_buffer = 64 << 20) {
    return Must(MakeRocksEngine({.block_cache_bytes = 1 << 20, .write_buffer_bytes = write_buffer},
                                keys_, TheSystemRandom()));
  }

  TemporaryDirectory directory_;
  TestKeys keys_;
  TableId id_ = TableId::Make(TheSystemRandom());
};

TEST_F(RocksFaults, ApplyIsBusyRatherThanStalled) {
  Barrier barrier(directory_ / "t");
  auto engine = MakeEngine(64 << 10);
  auto store = Must(engine->Create(directory_ / "t", id_));
  auto other = Must(engine->Create(directory_ / "u", id_));
  RowMap expected;
  uint32_t frame = 1;
  RowMap writes;
  while (true) {
    ASSERT_LT(frame, 1000u) << "never stalled";
    writes = {{Key(static_cast<int>(frame)), TheSystemRandom().String(5000)}};
    const Said before = Ask(*store);
    auto applied = Write(*store, writes, At(frame), std::to_string(frame));
    if (!applied) {
      ASSERT_EQ(applied.error().kind, ErrorKind::kBusy) << applied.error().message;
      EXPECT_EQ(Ask(*store), before);
      break;
    }
    expected.merge(writes);
    ++frame;
  }
  EXPECT_GT(frame, 10u);
  EXPECT_EQ(Must(ReadAll(*store)), expected);
  // A flush may wait; whoever applies is not kept waiting by it, and other tables go on.
  Result<void> flushed;
  std::thread flusher([&] { flushed = store->Flush(); });
  for (uint32_t i = 1; i <= 50; ++i) {
    auto applied = Write(*store, writes, At(frame), std::to_string(frame));
    if (applied) {  // while the flush gets in, the limits are lifted for a moment
      expected.merge(RowMap(writes));
      ++frame;
    } else {
      EXPECT_EQ(applied.error().kind, ErrorKind::kBusy) << applied.error().message;
    }
    TM_ASSERT_OK(Write(*other, {{Key(1), std::to_string(i)}}, At(i)));
  }
  TM_ASSERT_OK(other->Flush());
  barrier.Lift();
  flusher.join();
  TM_ASSERT_OK(flushed);
  TM_ASSERT_OK(store->Flush());  // of what got in behind the first
  EXPECT_EQ(store->Flushed(), At(frame - 1));
  EXPECT_EQ(store->OldestDirty(), std::nullopt);
  EXPECT_EQ(store->DirtyBytes(), 0u);
  TM_ASSERT_OK(Write(*store, writes, At(frame), "after"));
  EXPECT_EQ(store->OldestDirty(), At(frame));
  expected.merge(writes);
  store.reset();
  store = Must(engine->Open(directory_ / "t", id_));
  EXPECT_EQ(Must(ReadAll(*store)), expected);
  EXPECT_EQ(store->Flushed(), At(frame));
  EXPECT_EQ(store->Note(), "after");
}

TEST(MemtableGate, TurnsAwayOnlyWhileTheOneInsideIsStalled) {
  MemtableGate gate;
  {
    MemtableGate::Pass inside = gate.EnterUnlessStalled();
    ASSERT_TRUE(inside);
    inside.Stall();
    EXPECT_FALSE(gate.EnterUnlessStalled());
    EXPECT_FALSE(gate.EnterUnlessStalled());  // who was turned away has let nobody in
  }
  EXPECT_TRUE(gate.EnterUnlessStalled());
  EXPECT_TRUE(gate.Enter());
}

struct Fault {
  const char* name;
  FileOp op;
  const char* part;  // of the file's name
  int error;
};

class FlushFaults : public RocksFaults, public testing::WithParamInterface<Fault> {
 protected:
  ErrorKind expected_kind() const {
    return GetParam().error == ENOSPC ? ErrorKind::kNoSpace : ErrorKind::kIo;
  }
  TestHook::Rule Failing() {
    return [fault = GetParam(), directory = directory_ / "t/"](const FileCall& call) {
      const bool meant = call.op == fault.op && call.path.starts_with(directory) &&
                         call.path.find(fault.part) != std::string::npos;
      return meant ? fault.error : 0;
    };
  }
};

INSTANTIATE_TEST_SUITE_P(
    Disk, FlushFaults,
    testing::Values(Fault{"EioMakingTheFile", FileOp::kCreate, ".sst", EIO},
                    Fault{"EioWritingTheFile", FileOp::kWrite, ".sst", EIO},
                    Fault{"EioSyncingTheFile", FileOp::kSync, ".sst", EIO},
                    Fault{"EioReadingItBack", FileOp::kRead, ".sst", EIO},
                    Fault{"EioWritingTheManifest", FileOp::kWrite, "MANIFEST", EIO},
                    Fault{"EioSyncingTheManifest", FileOp::kSync, "MANIFEST", EIO},
                    Fault{"NoSpaceForTheFile", FileOp::kWrite, ".sst", ENOSPC},
                    Fault{"NoSpaceForTheManifest", FileOp::kWrite, "MANIFEST", ENOSPC}),
    [](const auto& info) { return info.param.name; });

// Each read that an ingestion does of its file, one after the other.
TEST_F(RocksFaults, AnIngestionSurvivesEveryReadThatFails) {
  TestHook hook;
  auto engine = MakeEngine();
  auto store = Must(engine->Create(directory_ / "t", id_));
  RowMap rows;
  for (int i = 0; i < 300; ++i) rows[Key(i)] = TheSystemRandom().String(1000);
  for (int failing = 1;; ++failing) {
    ASSERT_LT(failing, 100);
    int reads = 0;
    hook.Set([&](const FileCall& call) {
      const bool is_read = call.op == FileOp::kRead && call.path.ends_with(".sst");
      return is_read && ++reads == failing ? EIO : 0;
    });
    const auto ingested = store->Ingest(RowsOf(rows));
    hook.Set(nullptr);
    if (reads < failing) {
      TM_ASSERT_OK(ingested);
      break;
    }
    TM_ASSERT_OK(store->Flush());
    if (ingested) {
      EXPECT_EQ(Must(ReadAll(*store)), rows) << failing;
    }
  }
  EXPECT_EQ(Must(ReadAll(*store)), rows);
}

TEST_P(FlushFaults, FlushGoesOnWhenTheFaultIsGone) {
  TestHook hook;
  auto engine = MakeEngine();
  auto store = Must(engine->Create(directory_ / "t", id_));
  auto other = Must(engine->Create(directory_ / "u", id_));
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1), "one"));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(Write(*store, {{Key(2), "b"}}, At(2), "two"));
  hook.Set(Failing());
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto flushed = store->Flush();
    ASSERT_FALSE(flushed);
    EXPECT_EQ(flushed.error().kind, expected_kind()) << flushed.error().message;
    EXPECT_EQ(store->Flushed(), At(1));
    EXPECT_EQ(store->OldestDirty(), At(2));
    EXPECT_EQ(Must(store->Get(Key(2))), "b");
    auto applied = Write(*store, {{Key(3), "c"}}, At(3), "three");
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().kind, expected_kind()) << applied.error().message;
    TM_ASSERT_OK(Write(*other, {{Key(1), "a"}}, At(static_cast<uint32_t>(attempt + 1))));
    TM_ASSERT_OK(other->Flush());
  }
  hook.Set(nullptr);
  TM_ASSERT_OK(store->Flush());
  EXPECT_EQ(store->Flushed(), At(2));
  EXPECT_EQ(store->OldestDirty(), std::nullopt);
  TM_ASSERT_OK(Write(*store, {{Key(3), "c"}}, At(3), "three"));
  TM_ASSERT_OK(store->Flush());
  store.reset();
  store = Must(engine->Open(directory_ / "t", id_));
  EXPECT_EQ(Must(ReadAll(*store)), (RowMap{{Key(1), "a"}, {Key(2), "b"}, {Key(3), "c"}}));
  EXPECT_EQ(store->Flushed(), At(3));
  EXPECT_EQ(store->Note(), "three");
}

TEST_P(FlushFaults, ClosingLosesOnlyWhatWasNotFlushed) {
  TestHook hook;
  auto engine = MakeEngine();
  auto store = Must(engine->Create(directory_ / "t", id_));
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1), "one"));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(Write(*store, {{Key(2), "b"}}, At(2), "two"));
  hook.Set(Failing());
  EXPECT_EQ(store->Ingest(RowsOf({{Key(2), "ingested"}})).error().kind, expected_kind());
  store.reset();
  hook.Set(nullptr);
  store = Must(engine->Open(directory_ / "t", id_));
  // What could not be synced may be there all the same.
  RowMap expected{{Key(1), "a"}};
  if (store->Flushed() == At(2)) {
    expected[Key(2)] = "b";
  } else {
    EXPECT_EQ(store->Flushed(), At(1));
  }
  EXPECT_EQ(Must(ReadAll(*store)), expected);
  EXPECT_EQ(store->Note(), expected.size() == 2 ? "two" : "one");
}

TEST_P(FlushFaults, FlushBegunByItselfFailsLaterWritesUntilTheFaultIsGone) {
  TestHook hook;
  auto engine = MakeEngine(64 << 10);
  auto store = Must(engine->Create(directory_ / "t", id_));
  hook.Set(Failing());
  RowMap expected;
  uint32_t frame = 1;
  while (true) {
    ASSERT_LT(frame, 100000u);
    RowMap writes{{Key(static_cast<int>(frame)), TheSystemRandom().String(5000)}};
    auto applied = Write(*store, writes, At(frame));
    if (!applied && applied.error().kind == ErrorKind::kBusy) continue;  // the flush is under way
    if (!applied) {
      EXPECT_EQ(applied.error().kind, expected_kind()) << applied.error().message;
      break;
    }
    expected.merge(writes);
    ++frame;
  }
  EXPECT_EQ(Must(ReadAll(*store)), expected);
  EXPECT_FALSE(store->Flush());
  hook.Set(nullptr);
  TM_ASSERT_OK(store->Flush());
  EXPECT_EQ(store->Flushed(), At(frame - 1));
  TM_ASSERT_OK(Write(*store, {{Key(0), "last"}}, At(frame)));
  expected[Key(0)] = "last";
  store.reset();
  EXPECT_EQ(Must(ReadAll(*Must(engine->Open(directory_ / "t", id_)))), expected);
}

TEST_F(RocksFaults, DamagedOrUnreadableTablesSayWhatAndWhere) {
  TestHook hook;
  auto engine = MakeEngine();
  for (const char* name : {"t", "u"}) {
    auto store = Must(engine->Create(directory_ / name, id_));
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1)));
  }
  const std::string directory = directory_ / "t";
  const auto expect = [&](ErrorKind kind, const std::string& part) {
    auto store = engine->Open(directory, id_);
    ASSERT_FALSE(store) << part;
    const std::string& message = store.error().message;
    EXPECT_EQ(store.error().kind, kind) << message;
    EXPECT_NE(message.find("the table in " + directory + " cannot be opened"), std::string::npos)
        << message;
    EXPECT_NE(message.find(directory + "/" + part), std::string::npos) << message;
    EXPECT_NE(message.find("Next step: "), std::string::npos) << message;
    EXPECT_EQ(Must(Must(engine->Open(directory_ / "u", id_))->Get(Key(1))), "a");
  };
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    SCOPED_TRACE(name);
    if (name == "IDENTITY") continue;  // RocksDB makes another one
    // Missing.
    fs::rename(entry.path(), directory_ / "away");
    expect(ErrorKind::kCorruption, name);
    fs::rename(directory_ / "away", entry.path());
    // Unreadable, as of another owner or on a bad disk.
    for (int error : {EACCES, EIO}) {
      hook.Set([&, error](const FileCall& call) {
        return call.op == FileOp::kOpen && call.path == entry.path() ? error : 0;
      });
      expect(ErrorKind::kIo, name);
      hook.Set(nullptr);
    }
    // Damaged.
    fs::copy(entry.path(), directory_ / "away");
    {
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(20);
      file << "damage";
    }
    expect(ErrorKind::kCorruption, name);
    fs::remove(entry.path());
    fs::rename(directory_ / "away", entry.path());
  }
  // The directory itself.
  hook.Set([&](const FileCall& call) {
    return call.op == FileOp::kOpen && call.path.starts_with(directory) ? EACCES : 0;
  });
  expect(ErrorKind::kIo, "");
  hook.Set(nullptr);
  EXPECT_EQ(Must(Must(engine->Open(directory, id_))->Get(Key(1))), "a");
}

TEST_F(RocksFaults, ReadOfABadSectorIsAnErrorAndOtherRowsAreServed) {
  TestHook hook;
  auto engine = Must(MakeRocksEngine({.block_cache_bytes = 1 << 10}, keys_, TheSystemRandom()));
  auto store = Must(engine->Create(directory_ / "t", id_));
  RowMap rows;
  for (int i = 0; i < 1000; ++i) rows[Key(i)] = TheSystemRandom().String(500);
  TM_ASSERT_OK(Write(*store, rows, At(1)));
  TM_ASSERT_OK(store->Flush());
  hook.Set([](const FileCall& call) {
    return call.op == FileOp::kRead && call.offset <= 200 * 1024 &&
                   200 * 1024 < call.offset + call.bytes
               ? EIO
               : 0;
  });
  int failed = 0;
  for (const auto& [key, value] : rows) {
    auto row = store->Get(key);
    if (row) {
      EXPECT_EQ(*row, value);
    } else {
      ++failed;
      EXPECT_EQ(row.error().kind, ErrorKind::kIo) << row.error().message;
    }
  }
  EXPECT_GT(failed, 0);
  EXPECT_LT(failed, 50);
  EXPECT_EQ(ReadAll(*store).error().kind, ErrorKind::kIo);
  hook.Set(nullptr);
  EXPECT_EQ(Must(ReadAll(*store)), rows);
}

// What the hook is told is all that happens to the files, at the offsets where it happens.
TEST_F(RocksFaults, TheHookSeesEveryByteWritten) {
  std::map<std::string, Bytes> files;  // unsynced names included
  std::map<FileOp, int> calls;
  TestHook hook([&](const FileCall& call) {
    ++calls[call.op];
    switch (call.op) {
      case FileOp::kCreate:
        files[call.path].clear();
        break;
      case FileOp::kWrite: {
        Bytes& file = files[call.path];
        EXPECT_EQ(call.offset, file.size()) << call.path;
        EXPECT_EQ(call.bytes, call.data.size());
        file += call.data;
        break;
      }
      case FileOp::kLink:
        files[Bytes(call.to)] = files[call.path];
        break;
      case FileOp::kRemove:
        files.erase(call.path);
        break;
      case FileOp::kRename: {
        std::map<std::string, Bytes> moved;
        files.erase(Bytes(call.to));
        for (auto& [path, content] : files) {
          const bool within = path == call.path || path.starts_with(call.path + "/");
          moved[within ? Bytes(call.to) + path.substr(call.path.size()) : path] = content;
        }
        files = std::move(moved);
        break;
      }
      default:
        break;
    }
    return 0;
  });
  auto engine = MakeEngine();
  auto store = Must(engine->Create(directory_ / "t", id_));
  RowMap rows;
  for (int i = 0; i < 3000; ++i) rows[Key(i)] = TheSystemRandom().String(500);
  TM_ASSERT_OK(Write(*store, rows, At(1)));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(store->Pin(directory_ / "p"));
  TM_ASSERT_OK(engine->WriteRun(directory_ / "p", RowsOf({{Key(1), "run"}})));
  auto clone =
      Must(engine->Clone(directory_ / "p", directory_ / "c", TableId::Make(TheSystemRandom())));
  TM_ASSERT_OK(clone->Ingest(RowsOf({{Key(2), "ingested"}})));
  TM_ASSERT_OK(clone->MoveTo(directory_ / "d"));
  EXPECT_EQ(Must(clone->Get(Key(1))), "run");
  clone.reset();
  store.reset();
  int compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory_.path())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const Bytes content(std::istreambuf_iterator<char>(in), {});
    const auto seen = files.find(entry.path());
    ASSERT_NE(seen, files.end()) << entry.path();
    EXPECT_EQ(content, seen->second) << entry.path();
    ++compared;
  }
  EXPECT_GT(compared, 12);
  EXPECT_EQ(static_cast<size_t>(compared), files.size());
  for (FileOp op : {FileOp::kOpen, FileOp::kCreate, FileOp::kRead, FileOp::kWrite, FileOp::kSync,
                    FileOp::kRename, FileOp::kLink, FileOp::kRemove, FileOp::kMakeDirectory,
                    FileOp::kSyncDirectory}) {
    EXPECT_GT(calls[op], 0) << static_cast<int>(op);
  }
}

}  // namespace
}  // namespace tidemark::engine
