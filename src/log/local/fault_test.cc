// A failed write or sync is final, and no failed step loses what was acknowledged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "log/local/local_log_fixture.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LocalLogFault : public LocalLogFixture {};

TEST_F(LocalLogFault, AFailedWriteOrSyncIsFinal) {
  for (DiskOp failing : {DiskOp::kWrite, DiskOp::kSync}) {
    SCOPED_TRACE(static_cast<int>(failing));
    fs::remove_all(path_);
    written_.clear();
    std::atomic<bool> armed = false;
    auto log = Open([&](DiskOp op, const fs::path& path) {
      return armed && op == failing && path == Segment(1) ? EIO : 0;
    });
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

TEST_F(LocalLogFault, AFullDiskIsToldAsSuch) {
  std::atomic<bool> full = false;
  auto log = Open([&](DiskOp op, const fs::path& path) {
    return full && op == DiskOp::kOpen && path.filename() == "spare.tmp" ? ENOSPC : 0;
  });
  full = true;
  ErrorKind kind{};
  for (int i = 0; i < 20; ++i) {
    auto appended = log->Append(Bytes(30'000, 'x'), {});
    if (appended) {
      written_.push_back(Bytes(30'000, 'x'));
      continue;
    }
    kind = appended.error().kind;
    break;
  }
  EXPECT_EQ(kind, ErrorKind::kNoSpace);
  full = false;
  EXPECT_EQ(log->Append("x", {}).error().kind, ErrorKind::kNoSpace);
  log = nullptr;
  EXPECT_EQ(ReadAll(*Open()), written_);
}

TEST_F(LocalLogFault, AFullDiskDoesNotForbidAnotherTruncation) {
  std::atomic<bool> full = false;
  auto log = Open([&](DiskOp op, const fs::path& path) {
    return full && op == DiskOp::kWrite && path.filename() == "START.tmp" ? ENOSPC : 0;
  });
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
  for (int failing = 0; failing < 400; ++failing) {
    SCOPED_TRACE(failing);
    fs::remove_all(path_);
    written_.clear();
    std::atomic<int> calls = 0;
    std::atomic<bool> failed = false;
    DiskFaults faults = [&](DiskOp, const fs::path&) {
      if (calls++ < failing) return 0;
      failed = true;
      return EIO;
    };
    uint32_t kept = 0;  // frames of earlier segments may be gone
    std::vector<Position> positions;
    bool finished = false;
    [&] {
      for (int opening = 0; opening < 2; ++opening) {
        auto log = TryOpen(faults);
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
