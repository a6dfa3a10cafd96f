// A MANIFEST that cannot be written: what can be pinned then, and what is left for the next
// opening.
#include <gtest/gtest.h>

#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <set>
#include <thread>
#include <utility>

#include "engine/rocks/rocks_engine.h"
#include "engine/test_hook.h"
#include "engine/test_keys.h"
#include "engine/test_rows.h"

namespace tidemark::engine {
namespace {

namespace fs = std::filesystem;

class RocksManifest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  TestKeys keys_;
  TableId id_ = TableId::Make(TheSystemRandom());
  std::unique_ptr<Engine> engine_ =
      Must(MakeRocksEngine({.block_cache_bytes = 1 << 20}, keys_, TheSystemRandom()));

  // Syncs of the directory: the one behind the renaming.
  TestHook::Rule Failing(std::set<FileOp> ops, std::string part, int error) {
    return [ops, part, error, inside = directory_ / "t/",
            renamed = false](const FileCall& call) mutable {
      if (call.op == FileOp::kRename && call.path.starts_with(inside)) renamed = true;
      if (call.op == FileOp::kSyncDirectory && call.path + "/" == inside)
        return ops.contains(call.op) && std::exchange(renamed, false) ? error : 0;
      const bool meant = ops.contains(call.op) && call.path.starts_with(inside) &&
                         call.path.find(part) != std::string::npos;
      return meant ? error : 0;
    };
  }
  // What a crash leaves. Files that are not needed any more may go meanwhile: then again.
  void CopyTo(const std::string& name) {
    std::error_code failed;
    do {
      fs::remove_all(directory_ / name);
      fs::copy(directory_ / "t", directory_ / name, fs::copy_options::recursive, failed);
    } while (failed);
  }
  RowMap RowsIn(const std::string& image) {
    return Must(ReadAll(*Must(engine_->OpenImage(image, image + ".read", id_))));
  }
};

struct ManifestFault {
  const char* name;
  std::set<FileOp> ops;
  const char* part;
  int error;
};

class PinFaults : public RocksManifest, public testing::WithParamInterface<ManifestFault> {};

INSTANTIATE_TEST_SUITE_P(
    Disk, PinFaults,
    testing::Values(ManifestFault{"NotMade", {FileOp::kCreate, FileOp::kWrite}, "MANIFEST", EIO},
                    ManifestFault{"NotWritten", {FileOp::kWrite}, "MANIFEST", ENOSPC},
                    ManifestFault{"NotSynced", {FileOp::kSync}, "MANIFEST", EIO},
                    ManifestFault{"NotNamed", {FileOp::kSync, FileOp::kRename}, "dbtmp", EIO},
                    ManifestFault{"NamedNotDurably", {FileOp::kSyncDirectory}, "", EIO}),
    [](const auto& info) { return info.param.name; });

TEST_P(PinFaults, AnImageIsRefusedAndThenWhole) {
  TestHook hook;
  auto store = Must(engine_->Create(directory_ / "t", id_));
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}}, At(1)));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(Write(*store, {{Key(2), "b"}}, At(2)));
  // After the first failure RocksDB goes over to a new MANIFEST.
  hook.Set(Failing({FileOp::kSync}, "MANIFEST", EIO));
  EXPECT_FALSE(store->Flush());
  hook.Set(Failing(GetParam().ops, GetParam().part, GetParam().error));
  EXPECT_FALSE(store->Flush());
  auto refused = store->Pin(directory_ / "refused");
  if (!refused) {
    EXPECT_EQ(refused.error().kind, GetParam().error == EIO ? ErrorKind::kIo : ErrorKind::kNoSpace)
        << refused.error().message;
    EXPECT_FALSE(fs::exists(directory_ / "refused"));
  } else {
    EXPECT_EQ(RowsIn(directory_ / "refused"), (RowMap{{Key(1), "a"}}));
  }
  hook.Set(nullptr);
  TM_ASSERT_OK(store->Pin(directory_ / "image"));
  EXPECT_EQ(RowsIn(directory_ / "image"), (RowMap{{Key(1), "a"}}));
  TM_ASSERT_OK(store->Flush());
  TM_ASSERT_OK(store->Pin(directory_ / "later"));
  EXPECT_EQ(RowsIn(directory_ / "later"), (RowMap{{Key(1), "a"}, {Key(2), "b"}}));
}

// Lets a MANIFEST be synced once more and then none be written, which only a compaction asks for;
// keeps the thread that flushes from going on until it is known that two have failed.
class FailingCompactions : public FileHook {
 public:
  explicit FailingCompactions(std::string inside) : inside_(std::move(inside)) {
    SetFileHook(this);
  }
  ~FailingCompactions() override { SetFileHook(nullptr); }
  void Begin() {
    std::lock_guard lock(mutex_);
    flusher_ = std::this_thread::get_id();
  }
  bool HasFailedTwice() {
    std::lock_guard lock(mutex_);
    return failures_ > 2;
  }

  int Before(const FileCall& call) override {
    if (!call.path.starts_with(inside_)) return 0;
    std::unique_lock lock(mutex_);
    if (flusher_ == std::thread::id()) return 0;
    const bool of_manifest = call.path.find("MANIFEST") != std::string::npos;
    if (of_manifest && synced_ && call.op != FileOp::kOpen && call.op != FileOp::kRemove) {
      ++failures_;
      failed_.notify_all();
      return EIO;
    }
    if (of_manifest && call.op == FileOp::kSync) synced_ = true;
    if (call.op == FileOp::kRead && std::this_thread::get_id() == flusher_)
      failed_.wait_for(lock, std::chrono::seconds(60), [&] { return failures_ > 2; });
    return 0;
  }

 private:
  const std::string inside_;
  std::mutex mutex_;
  std::condition_variable failed_;
  std::thread::id flusher_;
  bool synced_ = false;
  int failures_ = 0;  // when the third comes, the second has been taken in
};

TEST_F(RocksManifest, AFlushThatWorkedDoesNotVouchForWhatFailedBehindIt) {
  FailingCompactions hook(directory_ / "t/");
  auto store = Must(engine_->Create(directory_ / "t", id_));
  RowMap expected;
  for (uint32_t i = 1; i <= 4; ++i) {  // level 0 is compacted then
    const RowMap rows{{Key(static_cast<int>(i)), "a"}};
    TM_ASSERT_OK(Write(*store, rows, At(i)));
    expected.insert(rows.begin(), rows.end());
    if (i == 4) hook.Begin();
    TM_ASSERT_OK(store->Flush());
  }
  ASSERT_TRUE(hook.HasFailedTwice());
  store->Abandon();
  CopyTo("crashed");
  EXPECT_EQ(Must(ReadAll(*Must(engine_->Open(directory_ / "crashed", id_)))), expected);
}

TEST_F(RocksManifest, WhatCouldNotBeIngestedIsKeptWhileTheManifestMayNameIt) {
  TestHook hook;
  auto store = Must(engine_->Create(directory_ / "t", id_));
  TM_ASSERT_OK(Write(*store, {{Key(1), "a"}, {Key(5), "b"}}, At(1)));
  TM_ASSERT_OK(store->Flush());
  // The first sync is of the file's number, the second of the file.
  hook.Set([&, syncs = 0, inside = directory_ / "t/"](const FileCall& call) mutable {
    const bool meant = call.op == FileOp::kSync && call.path.starts_with(inside) &&
                       call.path.find("MANIFEST") != std::string::npos;
    return meant && ++syncs > 1 ? EIO : 0;
  });
  EXPECT_FALSE(store->EraseRange(Key(4), Key(6)));
  CopyTo("crashed");
  hook.Set(nullptr);
  auto crashed = engine_->Open(directory_ / "crashed", id_);
  TM_ASSERT_OK(crashed);
  EXPECT_EQ(Must((*crashed)->Get(Key(1))), "a");
  TM_ASSERT_OK(store->EraseRange(Key(4), Key(6)));
  TM_ASSERT_OK(store->Flush());  // which ends the error
  TM_ASSERT_OK(Write(*store, {{Key(1), "c"}}, At(2)));
  TM_ASSERT_OK(store->Flush());
  store.reset();
  store = Must(engine_->Open(directory_ / "t", id_));
  EXPECT_EQ(Must(ReadAll(*store)), (RowMap{{Key(1), "c"}}));
}

// Whatever is deleted meanwhile, by flushes, pins and their like: what a crash leaves can be
// opened.
TEST_P(PinFaults, WhatCurrentNamesIsKept) {
  TestHook hook;
  auto store = Must(engine_->Create(directory_ / "t", id_));
  const auto check = [&](const char* when) {
    SCOPED_TRACE(when);
    CopyTo("crashed");
    auto copy = engine_->Open(directory_ / "crashed", id_);
    TM_ASSERT_OK(copy);
    copy->reset();
    fs::remove_all(directory_ / "crashed");
  };
  for (uint32_t i = 1; i <= 3; ++i) {  // one more would be compacted meanwhile
    TM_ASSERT_OK(Write(*store, {{Key(static_cast<int>(i)), "a"}}, At(i)));
    hook.Set(Failing(GetParam().ops, GetParam().part, GetParam().error));
    for (int attempt = 0; attempt < 3; ++attempt) {
      (void)store->Flush();
      check("after a failed flush");
      if (store->Pin(directory_ / "pinned")) fs::remove_all(directory_ / "pinned");
      check("after a pin");
    }
    hook.Set(nullptr);
    TM_ASSERT_OK(store->Flush());
    check("after a flush");
  }
}

}  // namespace
}  // namespace tidemark::engine
