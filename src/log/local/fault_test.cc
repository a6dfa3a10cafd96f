// A failed write or sync is final, and no failed step loses what was acknowledged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "log/local/local_log_fixture.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LocalLogFault : public LocalLogFixture {};

TEST_F(LocalLogFault, AFailedWriteOrSyncIsFinal) {
  for (FileOp failing : {FileOp::kWrite, FileOp::kSync}) {
    SCOPED_TRACE(static_cast<int>(failing));
    fs::remove_all(path_);
    written_.clear();
    std::atomic<bool> armed = false;
    HookedFiles hook([&](const FileCall& call) {
      return armed && call.op == failing && call.path == Segment(1) ? EIO : 0;
    });
    auto log = Open();
    Append(*log, 2);
    auto reader = log->Read({});
    Position end = log->end();
    armed = true;
    auto failed = log->Append("lost", {});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::kIo);
    armed = false;
    auto after = log->Append("refused", {});
    ASSERT_FALSE(after);
    EXPECT_EQ(after.error().message, failed.error().message);
    EXPECT_FALSE(log->Truncate(end));
    EXPECT_EQ(log->end(), end);
    EXPECT_EQ(ReadAll(*log), written_) << "readers go on";

    log = nullptr;
    std::vector<Bytes> found = ReadAll(*Open());
    // Whether the failed frame reached the disk is unknown; the refused one did not.
    std::vector<Bytes> with_lost = written_;
    with_lost.push_back("lost");
    EXPECT_TRUE(found == written_ || found == with_lost);
  }
}

// No new file can be made; what exists can be written.
class FullDisk {
 public:
  std::atomic<bool> full = false;

 private:
  HookedFiles hook_{
      [this](const FileCall& call) { return full && call.op == FileOp::kCreate ? ENOSPC : 0; }};
};

TEST_F(LocalLogFault, AFullDiskRefusesFramesOnlyUntilThereIsRoom) {
  FullDisk disk;
  auto log = Open();
  Append(*log, 1);
  disk.full = true;
  Error error;
  while (error.message.empty()) {
    ASSERT_LT(written_.size(), 40u);
    auto appended = log->Append(Bytes(30'000, 'x'), {});
    if (appended) written_.push_back(Bytes(30'000, 'x'));
    if (!appended) error = appended.error();
  }
  EXPECT_EQ(error.kind, ErrorKind::kNoSpace);
  EXPECT_EQ(log->Append(Bytes(30'000, 'x'), {}).error().kind, ErrorKind::kNoSpace);
  EXPECT_EQ(ReadAll(*log), written_);
  disk.full = false;
  Append(*log, 8);
  EXPECT_EQ(ReadAll(*log), written_);
  log = nullptr;
  EXPECT_EQ(ReadAll(*Open()), written_);
}

// kNoSpace means that nothing was written, which of a failed write nobody knows.
TEST_F(LocalLogFault, AFrameThatFindsNoRoomIsAFailedWrite) {
  std::atomic<bool> full = false;
  HookedFiles hook([&](const FileCall& call) {
    return full && call.op == FileOp::kWrite && call.path == Segment(1) ? ENOSPC : 0;
  });
  auto log = Open();
  full = true;
  EXPECT_EQ(log->Append("lost", {}).error().kind, ErrorKind::kIo);
  full = false;
  EXPECT_EQ(log->Append("refused", {}).error().kind, ErrorKind::kIo);
}

TEST_F(LocalLogFault, TruncationMakesRoomOnAFullDisk) {
  FullDisk disk;
  auto log = Open();
  Append(*log, 6);
  disk.full = true;
  while (log->Append(Bytes(30'000, 'x'), {})) {
  }
  // START is replaced by a new file, for which there is room as there is not for a segment.
  disk.full = false;
  ASSERT_TRUE(log->Truncate(log->end()));
  disk.full = true;
  EXPECT_TRUE(log->Append(Bytes(30'000, 'x'), {})) << "a truncated segment is used again";
}

TEST_F(LocalLogFault, OpensForReadingOnAFullDiskAndGoesOnOnceThereIsRoom) {
  Append(*Open(), 7);
  for (const char* spare : {"spare", "spare-2"}) fs::remove(path_ / spare);
  FullDisk disk;
  for (int round = 0; round < 2; ++round) {
    disk.full = true;
    auto log = Open();
    ASSERT_TRUE(log);
    EXPECT_EQ(ReadAll(*log), written_);
    Position end = log->end();
    EXPECT_GT(end, positions_.back());
    auto follower = log->Read(end);
    EXPECT_FALSE((*follower)->Next()->has_value());
    EXPECT_EQ(log->Append("refused", {}).error().kind, ErrorKind::kNoSpace);
    EXPECT_FALSE(log->Segments().empty());
    if (round == 0) continue;
    disk.full = false;
    ASSERT_TRUE(log->Truncate(end));
    size_t kept_from = written_.size();
    Append(*log, 1);
    EXPECT_EQ(positions_.back(), end) << "where the end was said to be";
    EXPECT_EQ((**(*follower)->Next()).payload, written_.back());
    Append(*log, 7);
    log = nullptr;
    log = Open();
    EXPECT_TRUE(log->Damage().empty());
    auto reader = log->Read(positions_[kept_from]);
    EXPECT_EQ((**(*reader)->Next()).payload, written_[kept_from]);
  }
}

TEST_F(LocalLogFault, TruncationLeavesTheNewestFileToALogWithoutRoom) {
  Append(*Open(), 7);
  for (const char* spare : {"spare", "spare-2"}) fs::remove(path_ / spare);
  FullDisk disk;
  disk.full = true;
  auto log = Open();
  Timestamp last = log->last_commit();
  disk.full = false;  // for START
  ASSERT_TRUE(log->Truncate(log->end()));
  EXPECT_EQ(log->Segments().size(), 1u);
  log = nullptr;
  log = Open();
  EXPECT_TRUE(log->Damage().empty());
  EXPECT_EQ(log->last_commit(), last);
}

TEST_F(LocalLogFault, AFullDiskDoesNotForbidAnotherTruncation) {
  std::atomic<bool> full = false;
  HookedFiles hook([&](const FileCall& call) {
    return full && call.op == FileOp::kWrite && call.path.ends_with("START.new") ? ENOSPC : 0;
  });
  auto log = Open();
  Append(*log, 9);
  full = true;
  EXPECT_EQ(log->Truncate(positions_[5]).error().kind, ErrorKind::kNoSpace);
  EXPECT_EQ(ReadAll(*log), written_);
  full = false;
  EXPECT_TRUE(log->Truncate(positions_[5]));
  EXPECT_EQ(log->begin().segment, positions_[5].segment);
}

TEST_F(LocalLogFault, AFileSizeLimitFailsTheOpening) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  rlimit low = old;
  low.rlim_cur = kSegmentBytes / 2;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &low), 0);
  auto log = TryOpen();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::kIo);
  EXPECT_TRUE(Open()) << "and leaves nothing in the way of the next one";
}

TEST_F(LocalLogFault, AReaderNamesDamageInsideTheAcceptedRange) {
  auto log = Open();
  Append(*log, 9);
  FlipBit(Segment(1), positions_[2].offset + 500);
  auto reader = log->Read({});
  ASSERT_TRUE((*reader)->Next());
  ASSERT_TRUE((*reader)->Next());
  auto damaged = (*reader)->Next();
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(damaged.error().message,
              HasSubstr(fmt::format("segment 1, offset {}:", positions_[2].offset)));
}

// The workload runs again and again; each time the next call to the disk fails, as if the machine
// had stopped there. Then everything acknowledged must be found, in order, with at most the one
// frame more whose outcome is unknown.
TEST_F(LocalLogFault, NoFailedStepLosesAnAcknowledgedFrame) {
  for (int failing = 0; failing < 2000; ++failing) {
    SCOPED_TRACE(failing);
    fs::remove_all(path_);
    written_.clear();
    std::atomic<int> calls = 0;
    std::atomic<bool> failed = false;
    auto hook = std::make_unique<HookedFiles>([&](const FileCall&) {
      if (calls++ < failing) return 0;
      failed = true;
      return EIO;
    });
    uint32_t kept = 0;  // frames of earlier segments may be gone
    std::vector<Position> positions;
    bool finished = false;
    [&] {
      for (int opening = 0; opening < 2; ++opening) {
        auto log = TryOpen();
        if (!log) return;
        for (int i = 0; i < 7; ++i) {
          Bytes payload = Bytes(18'000, 'x') + std::to_string(written_.size());
          auto position = (*log)->Append(payload, {});
          written_.push_back(payload);
          if (!position) return;
          positions.push_back(*position);
        }
        kept = positions[3].segment;
        if (!(*log)->Truncate(positions[3])) return;
      }
      finished = true;
    }();
    hook.reset();
    auto log = Open();
    ASSERT_TRUE(log);
    std::vector<Bytes> found = ReadAll(*log);
    size_t first_kept = 0;
    while (first_kept < positions.size() && positions[first_kept].segment < kept) ++first_kept;
    std::vector<Bytes> acknowledged(written_.begin() + static_cast<ptrdiff_t>(first_kept),
                                    written_.begin() + static_cast<ptrdiff_t>(positions.size()));
    size_t skip = found.size() > acknowledged.size() && !written_.empty() &&
                          found.front() != written_[first_kept]
                      ? first_kept
                      : 0;  // a truncation that failed may or may not have happened
    std::vector<Bytes> compared(found.begin() + static_cast<ptrdiff_t>(skip), found.end());
    if (compared.size() == acknowledged.size() + 1) {
      ASSERT_GT(written_.size(), positions.size());
      ASSERT_EQ(compared.back(), written_.back());
      compared.pop_back();
    }
    ASSERT_EQ(compared, acknowledged);
    ASSERT_TRUE(log->Append("goes on", {}));
    if (finished && !failed) return;
  }
  FAIL() << "the workload never ran to its end";
}

}  // namespace
}  // namespace tidemark::log
