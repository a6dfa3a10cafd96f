// Truncated segments are used again; nothing of what stood in them comes back.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "log/local/frame_format.h"
#include "log/local/local_log_fixture.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;

class LocalLogRecycle : public LocalLogFixture {
 protected:
  static ino_t Inode(const fs::path& path) {
    struct stat status = {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_ino;
  }
  // Fills segments with frames of `bytes` and truncates, until the one being written is a file
  // that was used before and holds one frame. What was written is forgotten.
  std::unique_ptr<CommitLog> Cycled(uint32_t number, size_t bytes) {
    auto log = Open();
    for (uint32_t until : {number, number + 1}) {
      while (log->end().segment < until) Append(*log, 1, bytes);
      EXPECT_TRUE(log->Truncate(log->end()));
    }
    written_.clear();
    positions_.clear();
    return log;
  }
};

TEST_F(LocalLogRecycle, TheNextSegmentIsAFileThatWasTruncated) {
  auto log = Open();
  Append(*log, 11);
  std::set<ino_t> old = {Inode(Segment(1)), Inode(Segment(2))};
  ASSERT_TRUE(log->Truncate(positions_[10]));
  EXPECT_EQ(log->Segments().size(), 1u);
  EXPECT_FALSE(fs::exists(Segment(1)));
  EXPECT_GE(log->Stats().spares, 1u);
  EXPECT_LE(log->Stats().spares, 2u);
  Append(*log, 10);
  int reused = old.contains(Inode(Segment(4))) + old.contains(Inode(Segment(5)));
  EXPECT_GE(reused, 1);
  std::vector<Bytes> kept(written_.begin() + 10, written_.end());
  EXPECT_EQ(ReadAll(*log), kept);
  log = nullptr;
  log = Open();
  EXPECT_TRUE(log->Damage().empty());
  EXPECT_EQ(ReadAll(*log), kept);
}

TEST_F(LocalLogRecycle, KeepsTwoSparesAtMost) {
  auto log = Open();
  Append(*log, 40);
  ASSERT_TRUE(log->Truncate(log->end()));
  EXPECT_EQ(log->Stats().spares, 2u);
  EXPECT_EQ(log->bytes(), 3u * kSegmentBytes);
  log = nullptr;
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(path_)) files += entry.file_size() > 1000;
  EXPECT_EQ(files, 3u);
  EXPECT_EQ(Open()->Stats().spares, 1u) << "the other is the new segment";
}

TEST_F(LocalLogRecycle, ALinkedSegmentIsLeftAlone) {
  auto log = Open();
  Append(*log, 6);
  fs::path link = directory_.path() / "link";
  fs::create_hard_link(Segment(1), link);
  Bytes content = ReadFile(link);
  ASSERT_TRUE(log->Truncate(log->end()));
  EXPECT_FALSE(fs::exists(Segment(1)));
  Append(*log, 20);
  EXPECT_EQ(fs::hard_link_count(link), 1u);
  EXPECT_EQ(ReadFile(link), content);
  // A spare somebody linked while the server was down is not written over, either.
  ASSERT_TRUE(log->Truncate(log->end()));
  log = nullptr;
  fs::path spare_link = directory_.path() / "spare link";
  fs::create_hard_link(path_ / "spare", spare_link);
  content = ReadFile(spare_link);
  log = Open();
  Append(*log, 20);
  EXPECT_EQ(ReadFile(spare_link), content);
}

TEST_F(LocalLogRecycle, AnOpeningDoesNotCutALinkedSegment) {
  Append(*Open(), 1);
  fs::path link = directory_.path() / "link";
  fs::create_hard_link(Segment(1), link);
  EXPECT_EQ(ReadAll(*Open()), written_);
  EXPECT_EQ(fs::file_size(link), kSegmentBytes);
}

TEST_F(LocalLogRecycle, ACutSegmentIsRemoved) {
  Append(*Open(), 1);
  auto log = Open();
  ASSERT_LT(fs::file_size(Segment(1)), kSegmentBytes);
  ino_t cut = Inode(Segment(1));
  ASSERT_TRUE(log->Append("x", {}));
  ASSERT_TRUE(log->Truncate(log->end()));
  for (const char* name : {"spare", "spare-2"}) {
    if (fs::exists(path_ / name)) {
      EXPECT_NE(Inode(path_ / name), cut);
    }
  }
}

TEST_F(LocalLogRecycle, ASpareHasLostItsKey) {
  auto log = Open();
  Append(*log, 11);
  ASSERT_TRUE(log->Truncate(log->end()));
  log = nullptr;
  int spares = 0;
  for (const char* name : {"spare", "spare-2"}) {
    if (!fs::exists(path_ / name)) continue;
    ++spares;
    EXPECT_EQ(ReadFile(path_ / name).substr(0, kBlockBytes), Bytes(kBlockBytes, '\0'));
  }
  EXPECT_GT(spares, 0);
}

// The file is full of valid frames of an earlier use, at the very offsets where new ones may be.
TEST_F(LocalLogRecycle, AnOldFrameNeverValidates) {
  for (size_t bytes : {1000u, 9000u, 14'000u}) {
    SCOPED_TRACE(bytes);
    fs::remove_all(path_);
    auto log = Cycled(6, bytes);
    Append(*log, 2, 3000);
    uint32_t segment = positions_.back().segment;
    Bytes file = ReadFile(Segment(segment));
    log = nullptr;
    // Old frames do stand there: the test would prove nothing on a file of zeros.
    int old = 0;
    for (size_t offset = kBlockBytes; offset < file.size(); offset += kBlockBytes) {
      auto parsed = ParseFrameHeader(BytesView(file).substr(offset));
      old += parsed && parsed->header.position.segment != segment;
    }
    ASSERT_GT(old, 0);
    for (int round = 0; round < 3; ++round) {
      log = nullptr;
      log = Open();
      ASSERT_TRUE(log);
      EXPECT_TRUE(log->Damage().empty());
      std::vector<Bytes> found = ReadAll(*log);
      found.erase(found.begin(), found.end() - static_cast<ptrdiff_t>(written_.size()));
      EXPECT_EQ(found, written_);
    }
  }
}

TEST_F(LocalLogRecycle, ATornTailIsToldThere) {
  Bytes whole;
  uint32_t segment = 0;
  {
    auto log = Cycled(6, 1000);
    // Over the old frames, from the front.
    while (log->end().segment == 7) Append(*log, 1, 9000);
    written_.clear();
    positions_.clear();
    Append(*log, 3, 9000);
    segment = positions_.back().segment;
    whole = ReadFile(Segment(segment));
  }
  fs::path image = directory_.path() / "image";
  fs::copy(path_, image);
  std::mt19937_64 random(3);
  uint32_t last = positions_.back().offset;
  for (uint32_t round = 0; round < 12; ++round) {
    SCOPED_TRACE(round);
    fs::remove_all(path_);
    fs::copy(image, path_);
    // Of the last frame's three blocks some did not reach the disk: what stood there before did.
    Bytes stale = TheSystemRandom().String(kBlockBytes);
    for (uint32_t block = 0; block < 3; ++block) {
      if (block == round % 3 || random() % 2) {
        Overwrite(Segment(segment), last + block * kBlockBytes, stale);
      }
    }
    for (int opening = 0; opening < 2; ++opening) {
      auto log = Open();
      EXPECT_TRUE(log->Damage().empty());
      std::vector<Bytes> found = ReadAll(*log);
      ASSERT_GE(found.size(), 2u);
      EXPECT_EQ(found.back(), written_[1]);
      EXPECT_GT(log->end().segment, segment) << "the torn frame's place is not used again";
    }
  }
}

// Its header gone, nothing of the frame is left to recognise; but it is no old frame, either.
TEST_F(LocalLogRecycle, ATornFirstFrameKeepsItsPlaceFromBeingUsedAgain) {
  Cycled(6, 1000) = nullptr;
  Overwrite(Segment(7), kBlockBytes, TheSystemRandom().String(kBlockBytes));
  EXPECT_EQ(Open()->end().segment, 8u);
}

TEST_F(LocalLogRecycle, AReaderOfATruncatedSegmentIsToldSo) {
  auto log = Open();
  Append(*log, 11);
  auto reader = log->Read({});
  ASSERT_TRUE((*reader)->Next());
  ASSERT_TRUE(log->Truncate(log->end()));
  Append(*log, 20);
  EXPECT_EQ((*reader)->Next().error().kind, ErrorKind::kNotFound);
}

// The segment goes, and its file is written anew, between a reader's look-up and its read.
TEST_F(LocalLogRecycle, AReaderOvertakenByTruncationSeesNoDamage) {
  std::unique_ptr<CommitLog> log = Open();
  Append(*log, 11);
  std::atomic<bool> armed = false;
  HookedFiles hook([&](const FileCall& call) {
    if (call.op == FileOp::kRead && call.path == Segment(1) && armed.exchange(false)) {
      EXPECT_TRUE(log->Truncate(log->end()));
      Append(*log, 20);
    }
    return 0;
  });
  auto reader = log->Read({});
  armed = true;
  auto frame = (*reader)->Next();
  EXPECT_FALSE(armed);
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().kind, ErrorKind::kNotFound) << frame.error().message;
  log = nullptr;  // before the hook, which its helper thread calls
}

TEST_F(LocalLogRecycle, EmptyOpeningsKeepTheirNumberInAUsedFile) {
  Cycled(6, 1000) = nullptr;
  Append(*Open(), 1);
  uint32_t segment = Open()->end().segment;
  for (int round = 0; round < 5; ++round) EXPECT_EQ(Open()->end().segment, segment);
}

}  // namespace
}  // namespace tidemark::log
