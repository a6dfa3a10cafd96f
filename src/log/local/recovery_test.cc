// What opening makes of a directory after a crash, and of one somebody or something has damaged.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <string>

#include "log/local/frame_format.h"
#include "log/local/local_log_fixture.h"
#include "log/local/start_file.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;

class LocalLogRecovery : public LocalLogFixture {};

TEST_F(LocalLogRecovery, FindsEverythingAgain) {
  uint64_t log_id = 0;
  for (int round = 0; round < 15; ++round) {
    auto log = Open();
    ASSERT_TRUE(log);
    if (round > 0) {
      EXPECT_EQ(log->log_id(), log_id);
      EXPECT_EQ(log->begin(), positions_.front());
      EXPECT_EQ(log->last_commit(), FromMicros(1000 + static_cast<int64_t>(written_.size()) - 1));
    }
    log_id = log->log_id();
    EXPECT_EQ(ReadAll(*log), written_);
    Append(*log, (round + 1) % 4 * 3);
    EXPECT_EQ(ReadAll(*log), written_);
  }
}

TEST_F(LocalLogRecovery, EmptyOpeningsLeaveNoSegmentsBehind) {
  Append(*Open(), 2);
  for (int round = 0; round < 10; ++round) {
    auto log = Open();
    ASSERT_TRUE(log);
    EXPECT_EQ(log->Segments().size(), 2u);
    EXPECT_EQ(log->end().segment, 2u);
    EXPECT_EQ(ReadAll(*log), written_);
  }
}

TEST_F(LocalLogRecovery, StartsANewSegmentAndFreesTheRestOfTheOld) {
  Append(*Open(), 1);
  auto log = Open();
  EXPECT_EQ(log->end(), (Position{log->log_id(), 2, 4096}));
  EXPECT_EQ(fs::file_size(Segment(1)), 4096u + 12288u);
  Append(*log, 1);
  EXPECT_EQ(positions_.back().segment, 2u);
}

TEST_F(LocalLogRecovery, ChangesTheSegmentSizeAtOpening) {
  Append(*Open(), 3);
  auto log = OpenLocalLog({.directory = path_, .segment_bytes = 2 * kSegmentBytes}, keys_,
                          TheSystemRandom());
  ASSERT_TRUE(log) << log.error().message;
  Append(**log, 3, 80'000);
  log->reset();
  EXPECT_EQ(ReadAll(*Open()), written_);
}

// A crash may leave any part of the last write. Either cut: the file ends there, or zeros follow.
TEST_F(LocalLogRecovery, CutsATornTailAtEveryByteRange) {
  Append(*Open(), 3, 9000);
  uint32_t last = positions_.back().offset;
  size_t unpadded = kFrameHeaderBytes + written_.back().size() + crypto::kTagBytes;
  fs::path image = directory_.path() / "image";
  fs::copy(path_, image);
  for (size_t cut = 0; cut < FrameBytes(written_.back().size()); cut += 512) {
    for (bool zeros : {false, true}) {
      SCOPED_TRACE(fmt::format("cut {} {}", cut, zeros));
      fs::remove_all(path_);
      fs::copy(image, path_);
      fs::resize_file(Segment(1), last + cut);
      if (zeros) fs::resize_file(Segment(1), kSegmentBytes);
      std::vector<Bytes> expected = written_;
      if (cut < unpadded) expected.pop_back();
      for (int round = 0; round < 3; ++round) {
        auto log = Open();
        ASSERT_TRUE(log);
        ASSERT_EQ(ReadAll(*log), expected);
        expected.push_back("after " + std::to_string(round));
        ASSERT_TRUE(log->Append(expected.back(), {}));
        ASSERT_EQ(ReadAll(*log), expected);
      }
    }
  }
}

// The same log went on twice from one copy: both histories are sealed and whole, but do not match.
TEST_F(LocalLogRecovery, TruncationOutlivesReopening) {
  {
    auto log = Open();
    Append(*log, 13);
    ASSERT_TRUE(log->Truncate(positions_[9]));
  }
  uint32_t first = positions_[9].segment;
  EXPECT_FALSE(fs::exists(Segment(first - 1)));
  auto log = Open();
  ASSERT_TRUE(log);
  EXPECT_EQ(log->begin().segment, first);
  std::vector<Bytes> kept;
  for (size_t i = 0; i < written_.size(); ++i) {
    if (positions_[i].segment >= first) kept.push_back(written_[i]);
  }
  EXPECT_EQ(ReadAll(*log), kept);
}

TEST_F(LocalLogRecovery, RemembersTheLastCommitTimeWhenNoFrameIsLeft) {
  Append(*Open(), 5);
  auto log = Open();
  ASSERT_TRUE(log->Truncate(log->end()));
  EXPECT_EQ(log->begin(), log->end());
  for (int round = 0; round < 3; ++round) {
    log = nullptr;
    log = Open();
    ASSERT_TRUE(log);
    EXPECT_TRUE(ReadAll(*log).empty());
    EXPECT_EQ(log->last_commit(), FromMicros(1004));
  }
}

TEST_F(LocalLogRecovery, FinishesAnInterruptedTruncation) {
  Append(*Open(), 9);
  auto start = ParseStart(ReadFile(path_ / "START"));
  ASSERT_TRUE(start);
  start->first_segment = 2;
  Overwrite(path_ / "START", 0, EncodeStart(*start));
  auto log = Open();
  ASSERT_TRUE(log);
  EXPECT_EQ(log->begin().segment, 2u);
  EXPECT_FALSE(fs::exists(Segment(1)));
}

TEST_F(LocalLogRecovery, FinishesAnInterruptedCreation) {
  uint64_t log_id = Open()->log_id();
  fs::remove(path_ / "START");  // it is written last
  auto log = Open();
  ASSERT_TRUE(log);
  EXPECT_EQ(log->log_id(), log_id);
  EXPECT_TRUE(fs::exists(path_ / "START"));
}

TEST_F(LocalLogRecovery, SaysThatTheKeyIsDisabledRatherThanDamage) {
  Append(*Open(), 1);
  keys_.disabled = true;
  EXPECT_EQ(OpenError().kind, ErrorKind::kKeyDisabled);
}

TEST_F(LocalLogRecovery, CarriesAFrameOfSeventeenMebibytes) {
  Bytes payload = TheSystemRandom().String(17 << 20);
  LocalLogOptions options{.directory = path_, .segment_bytes = kSegmentBytesMinProduction};
  for (int round = 0; round < 2; ++round) {
    auto log = OpenLocalLog(options, keys_, TheSystemRandom());
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_EQ(ReadAll(**log), std::vector<Bytes>(static_cast<size_t>(round) * 2, payload));
    for (int i = 0; i < 2; ++i) ASSERT_TRUE((*log)->Append(payload, {}));
  }
}

}  // namespace
}  // namespace tidemark::log
