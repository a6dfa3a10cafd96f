#include "log/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "log/local/local_log_fixture.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class InspectLogTest : public LocalLogFixture {
 protected:
  std::map<fs::path, Bytes> Files() {
    std::map<fs::path, Bytes> files;
    for (const auto& entry : fs::directory_iterator(path_)) {
      files[entry.path()] = ReadFile(entry.path());
    }
    return files;
  }
};

TEST_F(InspectLogTest, TellsOfEverySegmentAndFrame) {
  uint64_t log_id = 0;
  {
    auto log = Open();
    log_id = log->log_id();
    Append(*log, 13);
  }
  std::map<fs::path, Bytes> before = Files();
  std::vector<FrameReport> frames;
  auto report =
      InspectLog(path_, keys_, [&](const FrameReport& frame) { frames.push_back(frame); });
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(Files(), before) << "it changes nothing";
  EXPECT_EQ(report->log_id, log_id);
  EXPECT_TRUE(report->damage.empty());
  ASSERT_EQ(report->segments.size(), 3u);
  uint64_t count = 0;
  for (const SegmentReport& segment : report->segments) {
    EXPECT_EQ(ToString(segment.condition), "ok") << segment.detail;
    EXPECT_EQ(segment.file, Segment(segment.number).string());
    EXPECT_EQ(segment.file_bytes, kSegmentBytes);
    EXPECT_EQ(segment.end, 4096 + segment.frames * 12288);
    EXPECT_EQ(segment.first_commit, FromMicros(1000 + static_cast<int64_t>(count)));
    count += segment.frames;
    EXPECT_EQ(segment.last_commit, FromMicros(999 + static_cast<int64_t>(count)));
  }
  EXPECT_EQ(count, 13u);
  ASSERT_EQ(frames.size(), 13u);
  for (size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i].position, positions_[i]);
    EXPECT_EQ(frames[i].payload_bytes, written_[i].size());
    EXPECT_EQ(frames[i].last_commit, FromMicros(1000 + static_cast<int64_t>(i)));
  }
}

TEST_F(InspectLogTest, TellsWhatIsWrong) {
  Append(*Open(), 23);  // five segments
  FlipBit(Segment(1), positions_[2].offset + 80);
  fs::remove(Segment(2));
  FlipBit(Segment(4), 17);
  FlipBit(Segment(5), positions_[22].offset + 80);
  std::vector<FrameReport> frames;
  auto report =
      InspectLog(path_, keys_, [&](const FrameReport& frame) { frames.push_back(frame); });
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->segments.size(), 5u);
  EXPECT_EQ(report->segments[0].condition, SegmentCondition::kDamaged);
  EXPECT_THAT(report->segments[0].detail, HasSubstr(fmt::format("{}", positions_[2].offset)));
  EXPECT_EQ(report->segments[1].condition, SegmentCondition::kMissing);
  EXPECT_EQ(report->segments[2].condition, SegmentCondition::kOk);
  EXPECT_EQ(report->segments[3].condition, SegmentCondition::kUnusable);
  EXPECT_EQ(report->segments[4].condition, SegmentCondition::kTornTail);
  EXPECT_EQ(report->damage.size(), 3u);
  EXPECT_EQ(frames.size(), 4u + 5 + 2);
  auto log = Open();
  ASSERT_EQ(log->Damage().size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(log->Damage()[i].what, report->damage[i].what);
}

TEST_F(InspectLogTest, SaysThatThereIsNoLog) {
  EXPECT_EQ(InspectLog(path_, keys_).error().kind, ErrorKind::kNotFound);
  fs::create_directory(path_);
  EXPECT_EQ(InspectLog(path_, keys_).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace tidemark::log
