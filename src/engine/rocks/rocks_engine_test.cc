// What only the engine on disk promises: crashes, damage, keys, links.
#include "engine/rocks/rocks_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "base/random.h"
#include "crypto/hash.h"
#include "engine/test_keys.h"
#include "engine/test_rows.h"

namespace tidemark::engine {
namespace {

namespace fs = std::filesystem;

Bytes Slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

void Spill(const std::string& path, BytesView content) {
  // A new inode: the file may be a link.
  fs::remove(path);
  std::ofstream(path, std::ios::binary) << content;
}

std::vector<std::string> FilesEndingWith(const std::string& directory, BytesView suffix) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().string().ends_with(suffix)) files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

// Wraps by another key than what was wrapped before.
class MovingKeys : public crypto::DataKeyProvider {
 public:
  explicit MovingKeys(TestKeys& from) : from_(from) {}
  Result<crypto::DataKey> Generate(BytesView context) override { return to_.Generate(context); }
  Result<Bytes> Wrap(const crypto::Key256& key, BytesView context) override {
    return to_.Wrap(key, context);
  }
  Result<crypto::Key256> Unwrap(BytesView wrapped, BytesView context) override {
    auto key = to_.Unwrap(wrapped, context);
    return key ? key : from_.Unwrap(wrapped, context);
  }

 private:
  TestKeys& from_;
  TestKeys to_{'t'};
};

class RocksEngineTest : public testing::Test {
 protected:
  std::unique_ptr<Engine> MakeEngine(uint64_t write_buffer = 64 << 20) {
    return Must(MakeRocksEngine({.block_cache_bytes = 8 << 20, .write_buffer_bytes = write_buffer},
                                keys_, TheSystemRandom()));
  }
  // Rows of noise, so that compression does not hide a region.
  RowMap NoisyRows(int count) {
    RowMap rows;
    for (int i = 0; i < count; ++i) rows[Key(i)] = TheSystemRandom().String(500);
    return rows;
  }

  TemporaryDirectory directory_;
  TestKeys keys_;
  TableId id_ = TableId::Make(TheSystemRandom());
  TableId other_id_ = TableId::Make(TheSystemRandom());
};

TEST_F(RocksEngineTest, CrashImageIsThePrefixItsPositionSays) {
  uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  // A tiny memtable, so that RocksDB flushes by itself all the time.
  auto engine = MakeEngine(256 << 10);
  auto store = Must(engine->Create(directory_ / "t", id_));
  std::vector<RowMap> states{{}};  // after frame i
  int crashes = 0;
  for (uint32_t frame = 1; frame <= 400; ++frame) {
    RowMap rows = states.back();
    RowMap writes;
    for (int i = 0; i < 8; ++i) {
      int key = static_cast<int>(random() % 300);
      writes[Key(key)] = random() % 5 == 0 ? Bytes() : TheSystemRandom().String(1500);
    }
    ASSERT_TRUE(WritePatiently(*store, writes, At(frame), std::to_string(frame)));
    for (auto& [key, value] : writes) {
      rows[key] = value;
      if (value.empty()) rows.erase(key);
    }
    states.push_back(std::move(rows));
    if (random() % 60 == 0) {
      ASSERT_TRUE(store->Flush());
    }
    if (frame % 50 != 0) continue;
    // A directory copied while the database is open is what a crash would leave: twice at most a
    // file goes while it is copied, then the copy is made again.
    std::string copy = directory_ / ("crash" + std::to_string(frame));
    log::Position known;
    for (std::error_code failed = std::make_error_code(std::errc::io_error); failed;) {
      fs::remove_all(copy);
      known = store->Flushed();
      fs::copy(directory_ / "t", copy, fs::copy_options::recursive, failed);
    }
    auto after = engine->Open(copy, id_);
    if (!after) continue;  // a compaction ran between the names and the files: no crash looks so
    ++crashes;
    log::Position position = (*after)->Flushed();
    EXPECT_GE(position, known);
    EXPECT_EQ((*after)->OldestDirty(), std::nullopt);
    // The files hold all frames up to the position, and perhaps some more: replaying must mend
    // that.
    RowMap replayed = Must(ReadAll(**after));
    uint32_t reached = position.offset / 4096;
    EXPECT_EQ((*after)->Note(), reached == 0 ? "" : std::to_string(reached));
    bool prefix = std::any_of(states.begin() + reached, states.end(),
                              [&](const RowMap& state) { return state == replayed; });
    EXPECT_TRUE(prefix) << "position " << reached << " of " << frame;
  }
  EXPECT_GT(crashes, 2);
  EXPECT_GT(store->Flushed(), At(100)) << "automatic flushes were not noticed";
}

TEST_F(RocksEngineTest, AutomaticFlushesMoveThePositionAndTheDirtyMark) {
  auto engine = MakeEngine(1 << 20);
  auto store = Must(engine->Create(directory_ / "t", id_));
  uint32_t frame = 0;
  while (frame < 20000 && store->Flushed() == log::Position{}) {
    ++frame;
    ASSERT_TRUE(
        WritePatiently(*store, {{Key(static_cast<int>(frame)), Bytes(1000, 'x')}}, At(frame)));
  }
  EXPECT_GT(store->Flushed(), log::Position{});
  EXPECT_LT(store->Flushed(), At(frame));
  ASSERT_TRUE(store->OldestDirty());
  EXPECT_GT(*store->OldestDirty(), store->Flushed());
  EXPECT_LE(store->DirtyBytes(), frame * 1012ull);
}

TEST_F(RocksEngineTest, NoPlaintextIsInAnyFile) {
  const Bytes marker = "PLAINTEXT-MARKER-0123456789";
  auto engine = MakeEngine();
  auto store = Must(engine->Create(directory_ / "t", id_));
  RowMap rows;
  // Rows of their own noise: a repeated value would be hidden by compression already.
  for (int i = 0; i < 200; ++i) rows[Key(i) + marker] = marker + TheSystemRandom().String(200);
  TM_ASSERT_OK(Write(*store, rows, At(1), marker));
  TM_ASSERT_OK(store->Flush());
  RowMap more;
  for (const auto& [key, value] : rows) more[Bytes("\0\2", 2) + key] = value;
  TM_ASSERT_OK(store->Ingest(RowsOf(more)));
  TM_ASSERT_OK(store->Pin(directory_ / "p"));
  TM_ASSERT_OK(engine->WriteRun(directory_ / "p", RowsOf(rows)));
  auto clone = Must(engine->Clone(directory_ / "p", directory_ / "c", other_id_));
  int searched = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory_.path())) {
    if (!entry.is_regular_file()) continue;
    Bytes content = Slurp(entry.path());
    ++searched;
    EXPECT_EQ(content.find(marker), Bytes::npos) << entry.path();
    EXPECT_EQ(content.find("rocksdb"), Bytes::npos) << entry.path();
    EXPECT_EQ(content.find("leveldb"), Bytes::npos) << entry.path();
  }
  EXPECT_GT(searched, 10);
}

TEST_F(RocksEngineTest, FlippedBytesAreCorruptionAndNeverWrongData) {
  uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  RowMap rows = NoisyRows(300);
  {
    auto store = Must(MakeEngine()->Create(directory_ / "t", id_));
    TM_ASSERT_OK(Write(*store, rows, At(1)));
    TM_ASSERT_OK(store->Flush());
  }
  auto ssts = FilesEndingWith(directory_ / "t", ".sst");
  ASSERT_EQ(ssts.size(), 1u);
  Bytes good = Slurp(ssts[0]);
  int at_read = 0;
  int at_open = 0;
  for (size_t at = 0; at < good.size(); at += 1 + random() % 3000) {
    Bytes bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (random() % 8)));
    Spill(ssts[0], bad);
    // A fresh engine, hence an empty cache.
    auto engine = MakeEngine();
    auto store = engine->Open(directory_ / "t", id_);
    if (!store) {
      ++at_open;
      EXPECT_EQ(store.error().kind, ErrorKind::kCorruption) << store.error().message;
      continue;
    }
    ++at_read;
    auto all = ReadAll(**store);
    for (int i = 0; i < 300; i += 13) {
      auto row = (*store)->Get(Key(i));
      if (row) {
        EXPECT_EQ(*row, rows[Key(i)]) << "byte " << at;
      } else {
        EXPECT_EQ(row.error().kind, ErrorKind::kCorruption) << row.error().message;
      }
    }
    if (all) {
      EXPECT_EQ(*all, rows);  // the byte lay in a part that a scan does not read: the filter
    } else {
      EXPECT_EQ(all.error().kind, ErrorKind::kCorruption) << all.error().message;
      EXPECT_NE(all.error().message.find(ssts[0]), std::string::npos) << all.error().message;
    }
  }
  EXPECT_GT(at_read, 10);
  EXPECT_GT(at_open, 0);
  Spill(ssts[0], good);
  EXPECT_EQ(Must(ReadAll(*Must(MakeEngine()->Open(directory_ / "t", id_)))), rows);
}

TEST_F(RocksEngineTest, CutFilesAreCorruption) {
  {
    auto store = Must(MakeEngine()->Create(directory_ / "t", id_));
    TM_ASSERT_OK(Write(*store, NoisyRows(300), At(1)));
    TM_ASSERT_OK(store->Flush());
  }
  std::string sst = FilesEndingWith(directory_ / "t", ".sst").at(0);
  Bytes good = Slurp(sst);
  for (size_t size :
       {size_t{0}, size_t{4096}, size_t{4112}, size_t{8192}, good.size() - 4096, good.size() - 1}) {
    Spill(sst, BytesView(good).substr(0, size));
    auto store = MakeEngine()->Open(directory_ / "t", id_);
    ASSERT_FALSE(store) << size;
    EXPECT_EQ(store.error().kind, ErrorKind::kCorruption) << size << ": " << store.error().message;
  }
  Spill(sst, good);
  fs::remove(directory_ / "t/CURRENT");
  EXPECT_EQ(MakeEngine()->Open(directory_ / "t", id_).error().kind, ErrorKind::kCorruption);
}

TEST_F(RocksEngineTest, TornManifestIsTheTableBeforeItsLastFlush) {
  auto engine = MakeEngine();
  auto store = Must(engine->Create(directory_ / "t", id_));
  for (uint32_t frame = 1; frame <= 3; ++frame) {
    TM_ASSERT_OK(Write(*store, {{Key(static_cast<int>(frame)), "v"}}, At(frame)));
    TM_ASSERT_OK(store->Flush());
  }
  store.reset();
  std::string manifest_name;
  for (const auto& entry : fs::directory_iterator(directory_ / "t")) {
    std::string name = entry.path().filename();
    if (name.starts_with("MANIFEST-")) manifest_name = std::max(manifest_name, name);
  }
  Bytes manifest = Slurp(directory_ / ("t/" + manifest_name));
  std::set<log::Position> reached;
  for (size_t cut = 0; cut < 400; cut += 20) {
    std::string copy = directory_ / ("torn" + std::to_string(cut));
    fs::copy(directory_ / "t", copy, fs::copy_options::recursive);
    Spill(copy + "/" + manifest_name, BytesView(manifest).substr(0, manifest.size() - cut));
    auto torn = Must(engine->Open(copy, id_));
    RowMap expected;
    for (int frame = 1; At(static_cast<uint32_t>(frame)) <= torn->Flushed(); ++frame) {
      expected[Key(frame)] = "v";
    }
    EXPECT_EQ(Must(ReadAll(*torn)), expected) << cut;
    reached.insert(torn->Flushed());
  }
  EXPECT_TRUE(reached.contains(At(3)));
  EXPECT_TRUE(reached.contains(At(2)));

  manifest[4096 + 30] = static_cast<char>(manifest[4096 + 30] ^ 1);
  Spill(directory_ / ("t/" + manifest_name), manifest);
  EXPECT_EQ(engine->Open(directory_ / "t", id_).error().kind, ErrorKind::kCorruption);
}

TEST_F(RocksEngineTest, FailedFlushKeepsTheTableDirtyAndLosesNothingDurable) {
  auto engine = MakeEngine();
  auto store = Must(engine->Create(directory_ / "t", id_));
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1)));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(Write(*store, {{Key(2), "b"}}, At(2)));
  fs::rename(directory_ / "t", directory_ / "away");  // no file can be made now
  EXPECT_FALSE(store->Flush());
  EXPECT_EQ(store->Flushed(), At(1));
  EXPECT_EQ(store->OldestDirty(), At(2));
  EXPECT_EQ(Must(store->Get(Key(2))), "b");
  fs::rename(directory_ / "away", directory_ / "t");
  TM_ASSERT_OK(store->Flush());
  EXPECT_EQ(store->Flushed(), At(2));
  store.reset();
  store = Must(engine->Open(directory_ / "t", id_));
  EXPECT_EQ(store->Flushed(), At(2));
  EXPECT_EQ(Must(ReadAll(*store)), (RowMap{{Key(1), "a"}, {Key(2), "b"}}));
}

TEST_F(RocksEngineTest, OpensOnlyWithItsKeyAndAsItsOwner) {
  {
    auto store = Must(MakeEngine()->Create(directory_ / "t", id_));
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1)));
  }
  EXPECT_EQ(MakeEngine()->Open(directory_ / "t", other_id_).error().kind, ErrorKind::kCorruption);
  keys_.disabled = true;
  EXPECT_EQ(MakeEngine()->Open(directory_ / "t", id_).error().kind, ErrorKind::kKeyDisabled);
  TestKeys others('x');
  auto engine = Must(MakeRocksEngine({}, others, TheSystemRandom()));
  EXPECT_EQ(engine->Open(directory_ / "t", id_).error().kind, ErrorKind::kCorruption);
  keys_.disabled = false;
  EXPECT_EQ(Must(ReadAll(*Must(MakeEngine()->Open(directory_ / "t", id_)))).size(), 1u);
}

TEST_F(RocksEngineTest, ARewrappedTableOpensUnderTheNewKeyAloneAndItsImagesUnderTheOld) {
  {
    auto store = Must(MakeEngine()->Create(directory_ / "t", id_));
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1)));
    TM_ASSERT_OK(store->Flush());
    Must(store->Pin(directory_ / "image"));
  }
  MovingKeys moving(keys_);
  auto engine = Must(MakeRocksEngine({}, moving, TheSystemRandom()));
  TM_ASSERT_OK(engine->RewrapKeys(directory_ / "t", id_));
  keys_.disabled = true;
  EXPECT_EQ(Must(ReadAll(*Must(engine->Open(directory_ / "t", id_)))).size(), 1u);
  keys_.disabled = false;
  EXPECT_EQ(MakeEngine()->Open(directory_ / "t", id_).error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(
      Must(ReadAll(*Must(MakeEngine()->Clone(directory_ / "image", directory_ / "c", other_id_))))
          .size(),
      1u);
}

TEST_F(RocksEngineTest, ACloneNeedsItsSourcesKeyNoMore) {
  {
    auto store = Must(MakeEngine()->Create(directory_ / "t", id_));
    TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1)));
    TM_ASSERT_OK(store->Flush());
    Must(store->Pin(directory_ / "image"));
  }
  MovingKeys moving(keys_);
  auto engine = Must(MakeRocksEngine({}, moving, TheSystemRandom()));
  Must(engine->Clone(directory_ / "image", directory_ / "c", other_id_)).reset();
  keys_.disabled = true;
  EXPECT_EQ(Must(ReadAll(*Must(engine->Open(directory_ / "c", other_id_)))).size(), 1u);
}

TEST_F(RocksEngineTest, ClonesNeverChangeLinkedFiles) {
  auto engine = MakeEngine(256 << 10);
  {
    auto store = Must(engine->Create(directory_ / "t", id_));
    for (uint32_t frame = 1; frame < 20; ++frame) {
      TM_ASSERT_OK(WritePatiently(*store, NoisyRows(200), At(frame)));
      TM_ASSERT_OK(store->Flush());
    }
    TM_ASSERT_OK(store->Pin(directory_ / "p"));
  }
  TM_ASSERT_OK(engine->WriteRun(directory_ / "p", RowsOf(NoisyRows(100))));
  std::map<std::string, std::string> before;
  for (const auto& entry : fs::directory_iterator(directory_ / "p")) {
    before[entry.path()] = crypto::Sha256Hex(Slurp(entry.path()));
  }
  {
    auto clone = Must(engine->Clone(directory_ / "p", directory_ / "c", other_id_));
    TM_ASSERT_OK(clone->SetPosition(At(1, 2), ""));
    for (uint32_t frame = 2; frame < 20; ++frame) {
      TM_ASSERT_OK(WritePatiently(*clone, NoisyRows(300), At(frame, 2)));
      TM_ASSERT_OK(clone->Flush());
    }
    TM_ASSERT_OK(clone->Ingest(RowsOf(NoisyRows(300))));
  }
  auto again = Must(engine->Open(directory_ / "c", other_id_));
  EXPECT_EQ(Must(ReadAll(*again)).size(), 300u);
  std::map<std::string, std::string> after;
  for (const auto& entry : fs::directory_iterator(directory_ / "p")) {
    after[entry.path()] = crypto::Sha256Hex(Slurp(entry.path()));
  }
  EXPECT_EQ(before, after);
}

TEST_F(RocksEngineTest, CloneForgetsKeysItsFilesDoNotUse) {
  auto engine = MakeEngine();
  auto store = Must(engine->Create(directory_ / "t", id_));
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1)));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(store->Pin(directory_ / "p0"));
  uintmax_t largest = 0;
  for (int i = 0; i < 5; ++i) {
    TableId id = TableId::Make(TheSystemRandom());
    auto clone = Must(engine->Clone(directory_ / ("p" + std::to_string(i)),
                                    directory_ / ("c" + std::to_string(i)), id));
    TM_ASSERT_OK(clone->Pin(directory_ / ("p" + std::to_string(i + 1))));
    largest = std::max(largest, fs::file_size(directory_ / ("c" + std::to_string(i) + "/KEYS")));
  }
  // The own one, that of the only SST, and that of the source's MANIFEST.
  EXPECT_LT(largest, 3 * fs::file_size(directory_ / "t/KEYS"));
}

TEST_F(RocksEngineTest, LeftoversOfCrashesDoNotDisturb) {
  auto engine = MakeEngine();
  fs::create_directories(directory_ / "t.making/x");
  auto store = Must(engine->Create(directory_ / "t", id_));
  EXPECT_FALSE(fs::exists(directory_ / "t.making"));
  store.reset();
  Spill(directory_ / "t/ingest-0.sst", "half");
  store = Must(engine->Open(directory_ / "t", id_));
  EXPECT_FALSE(fs::exists(directory_ / "t/ingest-0.sst"));
}

TEST_F(RocksEngineTest, FailedCloneLeavesNothingBehind) {
  auto engine = MakeEngine();
  {
    auto store = Must(engine->Create(directory_ / "t", id_));
    TM_ASSERT_OK(Write(*store, NoisyRows(100), At(1)));
    TM_ASSERT_OK(store->Flush());
    TM_ASSERT_OK(store->Pin(directory_ / "p"));
  }
  std::string sst = FilesEndingWith(directory_ / "p", ".sst").at(0);
  Bytes bad = Slurp(sst);
  Spill(sst, BytesView(bad).substr(0, bad.size() / 2));
  EXPECT_EQ(engine->Clone(directory_ / "p", directory_ / "c", other_id_).error().kind,
            ErrorKind::kCorruption);
  EXPECT_FALSE(fs::exists(directory_ / "c"));
  EXPECT_FALSE(fs::exists(directory_ / "c.making"));
}

TEST_F(RocksEngineTest, CachedReadsNeverGoToTheDisk) {
  {
    auto store = Must(MakeEngine()->Create(directory_ / "t", id_));
    TM_ASSERT_OK(Write(*store, NoisyRows(2000), At(1)));
    TM_ASSERT_OK(store->Flush());
  }
  auto engine = MakeEngine();
  auto store = Must(engine->Open(directory_ / "t", id_));
  EXPECT_EQ(store->Get(Key(1000), /*cached_only=*/true).error().kind, ErrorKind::kUnavailable);
  ASSERT_TRUE(Must(store->Get(Key(1000))));
  EXPECT_TRUE(Must(store->Get(Key(1000), /*cached_only=*/true)));
}

}  // namespace
}  // namespace tidemark::engine
