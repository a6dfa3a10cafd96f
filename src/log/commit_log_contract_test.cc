// What every CommitLog promises, run over each implementation.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/test_directory.h"
#include "log/commit_log.h"
#include "log/local/fake_keys.h"
#include "log/local/local_log.h"
#include "log/mem/mem_log.h"

namespace tidemark::log {
namespace {

constexpr uint32_t kSegmentBytes = 256 << 10;

enum class Kind { kMem, kLocalDirect, kLocalBuffered };

FrameHeader HeaderAt(int64_t micros) {
  return {.first_commit = FromMicros(micros),
          .last_commit = FromMicros(micros + 5),
          .wall = FromMicros(micros + 77)};
}

class CommitLogContract : public testing::TestWithParam<Kind> {
 protected:
  CommitLogContract() {
    if (GetParam() == Kind::kMem) {
      log_ = MakeMemLog(MemLogOptions{.log_id = 9, .segment_bytes = kSegmentBytes});
      return;
    }
    auto opened = OpenLocalLog({.directory = directory_.path() / "log",
                                .segment_bytes = kSegmentBytes,
                                .direct_io = GetParam() == Kind::kLocalDirect},
                               keys_, TheSystemRandom());
    if (!opened) ADD_FAILURE() << opened.error().message;
    log_ = std::move(*opened);
  }

  Position Append(const Bytes& payload, int64_t micros = 1000) {
    auto position = log_->Append(payload, HeaderAt(micros));
    if (!position) ADD_FAILURE() << position.error().message;
    return position.value_or(Position{});
  }

  std::vector<Frame> ReadAll(FrameReader& reader) {
    std::vector<Frame> frames;
    while (true) {
      auto frame = reader.Next();
      if (!frame) ADD_FAILURE() << frame.error().message;
      if (!frame || !*frame) return frames;
      frames.push_back(std::move(**frame));
    }
  }

  std::vector<Bytes> PayloadsFrom(Position from) {
    auto reader = log_->Read(from);
    if (!reader) ADD_FAILURE() << reader.error().message;
    std::vector<Bytes> payloads;
    for (Frame& frame : ReadAll(**reader)) payloads.push_back(std::move(frame.payload));
    return payloads;
  }

  TestDirectory directory_;
  FakeKeys keys_;
  std::unique_ptr<CommitLog> log_;
};

TEST_P(CommitLogContract, TellsWhereToGoOnReading) {
  for (int i = 0; i < 40; ++i) Append(Bytes(20'000, static_cast<char>('a' + i % 26)));
  ASSERT_GT(log_->Segments().size(), 2u);
  auto reader = log_->Read(log_->begin());
  ASSERT_TRUE(reader.has_value());
  const auto frames = ReadAll(**reader);
  ASSERT_EQ(frames.size(), 40u);
  for (size_t i = 0; i < frames.size(); ++i) {
    EXPECT_GT(frames[i].next, frames[i].header.position);
    auto rest = log_->Read(frames[i].next);
    ASSERT_TRUE(rest.has_value());
    const auto behind = ReadAll(**rest);
    ASSERT_EQ(behind.size(), frames.size() - i - 1);
    if (!behind.empty()) {
      EXPECT_EQ(behind[0].header.position, frames[i + 1].header.position);
    }
  }
}

TEST_P(CommitLogContract, FindsThePlaceOfACommitTime) {
  EXPECT_EQ(log_->PositionAt(FromMicros(1)), log_->end());
  std::vector<Position> positions;
  for (int i = 1; i <= 40; ++i) positions.push_back(Append(Bytes(20'000, 'x'), i * 1000));
  ASSERT_GT(log_->Segments().size(), 2u);
  for (int i = 1; i <= 40; ++i) {
    // Frame i holds commits from i * 1000 to i * 1000 + 5.
    for (const int64_t micros : {i * 1000 - 900, i * 1000, i * 1000 + 5}) {
      const Position at = log_->PositionAt(FromMicros(micros));
      EXPECT_LE(at, positions[static_cast<size_t>(i) - 1]) << micros;
      auto reader = log_->Read(at);
      ASSERT_TRUE(reader.has_value());
      auto first = (*reader)->Next();
      ASSERT_TRUE(first.has_value() && *first) << micros;
      // Not far before: in the same segment, here of a few frames.
      EXPECT_EQ((*first)->header.position.segment, positions[static_cast<size_t>(i) - 1].segment);
    }
  }
  EXPECT_EQ(log_->PositionAt(FromMicros(40'006)), log_->end());
}

TEST_P(CommitLogContract, StartsEmpty) {
  EXPECT_NE(log_->log_id(), 0u);
  EXPECT_EQ(log_->begin(), log_->end());
  EXPECT_EQ(log_->end().log_id, log_->log_id());
  EXPECT_EQ(log_->end().segment, 1u);
  EXPECT_EQ(log_->last_commit(), Timestamp{});
  EXPECT_TRUE(PayloadsFrom({}).empty());
  ASSERT_EQ(log_->Segments().size(), 1u);
  EXPECT_FALSE(log_->Segments()[0].closed);
}

TEST_P(CommitLogContract, HandsBackWhatWasAppended) {
  std::vector<Bytes> payloads;
  std::vector<Position> positions;
  for (size_t size : {0, 1, 3999, 4016, 4017, 4096, 70'000}) {
    payloads.push_back(TheSystemRandom().String(size));
    Position expected = log_->end();
    positions.push_back(Append(payloads.back(), 1000 + static_cast<int64_t>(size)));
    EXPECT_EQ(positions.back(), expected);
    EXPECT_EQ(positions.back().offset % 4096, 0u);
    EXPECT_GT(log_->end(), positions.back());
  }
  EXPECT_EQ(log_->begin(), positions.front());
  EXPECT_EQ(log_->last_commit(), FromMicros(71'005));
  auto reader = log_->Read({});
  ASSERT_TRUE(reader);
  std::vector<Frame> frames = ReadAll(**reader);
  ASSERT_EQ(frames.size(), payloads.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    int64_t micros = 1000 + static_cast<int64_t>(payloads[i].size());
    EXPECT_EQ(frames[i].payload, payloads[i]);
    EXPECT_EQ(frames[i].header.position, positions[i]);
    EXPECT_EQ(frames[i].header.first_commit, FromMicros(micros));
    EXPECT_EQ(frames[i].header.last_commit, FromMicros(micros + 5));
    EXPECT_EQ(frames[i].header.wall, FromMicros(micros + 77));
  }
}

TEST_P(CommitLogContract, ReaderGoesOnAfterTheEnd) {
  auto reader = log_->Read(log_->end());
  ASSERT_TRUE(reader);
  EXPECT_TRUE(ReadAll(**reader).empty());
  for (int i = 0; i < 40; ++i) {  // over the end of a segment, too
    Bytes payload(20'000, static_cast<char>('a' + i % 26));
    Append(payload);
    std::vector<Frame> frames = ReadAll(**reader);
    ASSERT_EQ(frames.size(), 1u) << i;
    EXPECT_EQ(frames[0].payload, payload);
  }
  EXPECT_GT(log_->Segments().size(), 2u);
}

TEST_P(CommitLogContract, ReadsFromTheFirstFrameAtOrAfterAPosition) {
  std::vector<Position> positions;
  for (int i = 0; i < 50; ++i) positions.push_back(Append(Bytes(9000, 'x') + std::to_string(i)));
  for (size_t i = 0; i < positions.size(); ++i) {
    std::vector<Bytes> exact = PayloadsFrom(positions[i]);
    ASSERT_EQ(exact.size(), positions.size() - i);
    EXPECT_EQ(exact[0], Bytes(9000, 'x') + std::to_string(i));
    Position inside = positions[i];
    inside.offset += 4096;
    EXPECT_EQ(PayloadsFrom(inside).size(), positions.size() - i - 1);
  }
  EXPECT_TRUE(PayloadsFrom(log_->end()).empty());
}

TEST_P(CommitLogContract, RefusesAFrameThatNeverFitsAndGoesOn) {
  auto refused = log_->Append(Bytes(kSegmentBytes - 4096 - 80 + 1, 'x'), HeaderAt(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kValidation);
  Append(Bytes(kSegmentBytes - 4096 - 96, 'y'));
  Append("after");
  EXPECT_EQ(PayloadsFrom({}).size(), 2u);
}

TEST_P(CommitLogContract, RefusesPositionsOfAnotherLog) {
  Position other{log_->log_id() + 1, 1, 4096};
  EXPECT_EQ(log_->Read(other).error().kind, ErrorKind::kValidation);
  EXPECT_EQ(log_->Truncate(other).error().kind, ErrorKind::kValidation);
}

TEST_P(CommitLogContract, SegmentsTellTheirCommitTimes) {
  for (int i = 0; i < 30; ++i) Append(Bytes(30'000, 'x'), i * 100);
  std::vector<SegmentInfo> segments = log_->Segments();
  ASSERT_GT(segments.size(), 2u);
  Timestamp before{Micros(-1)};
  for (const SegmentInfo& segment : segments) {
    EXPECT_EQ(segment.closed, segment.segment != segments.back().segment);
    EXPECT_LT(before, segment.first_commit);
    EXPECT_LT(segment.first_commit, segment.last_commit);
    EXPECT_LE(segment.bytes, kSegmentBytes);
    before = segment.last_commit;
  }
  EXPECT_EQ(before, log_->last_commit());
  EXPECT_GT(log_->bytes(), 30u * 30'000u);
}

TEST_P(CommitLogContract, TruncatesWholeSegmentsBeforeAPosition) {
  std::vector<Position> positions;
  for (int i = 0; i < 40; ++i) positions.push_back(Append(Bytes(30'000, 'x')));
  auto late = log_->Read({});
  ASSERT_TRUE(late);
  ASSERT_TRUE((*late)->Next());

  Position keep = positions[20];
  uint64_t bytes_before = log_->bytes();
  size_t segments_before = log_->Segments().size();
  ASSERT_TRUE(log_->Truncate(keep));
  EXPECT_EQ(log_->Segments().front().segment, keep.segment);
  EXPECT_LT(log_->Segments().size(), segments_before);
  EXPECT_LE(log_->bytes(), bytes_before) << "what is dropped may be kept as a spare";
  EXPECT_EQ(log_->begin().segment, keep.segment);
  EXPECT_LE(log_->begin(), keep);
  EXPECT_EQ((*late)->Next().error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(PayloadsFrom(keep).size(), 20u);
  EXPECT_EQ(PayloadsFrom({}), PayloadsFrom(log_->begin()));

  ASSERT_TRUE(log_->Truncate(positions[0])) << "what is gone already";
  ASSERT_TRUE(log_->Truncate(log_->end()));
  ASSERT_EQ(log_->Segments().size(), 1u) << "the segment being written stays";
  Append("after");
  EXPECT_EQ(PayloadsFrom({}).back(), "after");
}

TEST_P(CommitLogContract, ReadersBesideTheWriterSeeEveryFrameOnceInOrder) {
  constexpr int kFrames = 400;
  std::atomic<bool> done = false;
  auto follow = [&] {
    auto reader = log_->Read({});
    ASSERT_TRUE(reader);
    int seen = 0;
    while (seen < kFrames) {
      bool was_done = done;
      auto frame = (*reader)->Next();
      ASSERT_TRUE(frame) << frame.error().message;
      if (!*frame) {
        ASSERT_FALSE(was_done) << "frames are missing after " << seen;
        continue;
      }
      ASSERT_EQ((*frame)->payload,
                Bytes(static_cast<size_t>(seen * 37 % 9000), 'x') + std::to_string(seen));
      ++seen;
    }
  };
  std::thread first(follow), second(follow);
  for (int i = 0; i < kFrames; ++i) {
    Append(Bytes(static_cast<size_t>(i * 37 % 9000), 'x') + std::to_string(i));
  }
  done = true;
  first.join();
  second.join();
}

TEST_P(CommitLogContract, KeepsAModelOfRandomAppendsAndTruncations) {
  uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::vector<std::pair<Position, Bytes>> model;
  for (int step = 0; step < 150; ++step) {
    if (random() % 20 == 0 && !model.empty()) {
      Position keep = model[random() % model.size()].first;
      ASSERT_TRUE(log_->Truncate(keep));
      std::erase_if(model, [&](const auto& e) { return e.first.segment < keep.segment; });
    } else {
      Bytes payload = TheSystemRandom().String(random() % (random() % 5 == 0 ? 100'000 : 9000));
      model.emplace_back(Append(payload), payload);
    }
    if (step % 10 != 0 || model.empty()) continue;
    size_t start = random() % model.size();
    std::vector<Bytes> read = PayloadsFrom(model[start].first);
    ASSERT_EQ(read.size(), model.size() - start);
    for (size_t i = 0; i < read.size(); ++i) ASSERT_EQ(read[i], model[start + i].second);
  }
}

TEST_P(CommitLogContract, CountsWhatItDoes) {
  EXPECT_EQ(log_->Stats().frames, 0u);
  for (int i = 0; i < 40; ++i) Append(Bytes(20'000, 'x'));
  LogStats stats = log_->Stats();
  EXPECT_EQ(stats.frames, 40u);
  EXPECT_EQ(stats.group_bytes.count, 40u);
  EXPECT_EQ(stats.group_bytes.sum, 800'000u);
  EXPECT_EQ(stats.bytes_appended, 40 * 20'480u);
  EXPECT_EQ(stats.segments, log_->Segments().size());
  EXPECT_GE(stats.bytes_on_disk, stats.bytes_appended);
  EXPECT_EQ(stats.sync_micros.count, GetParam() == Kind::kMem ? 0u : 40u);
  EXPECT_EQ(stats.damage_open + stats.damage_accepted, 0u);
  EXPECT_TRUE(log_->Damage().empty());
}

INSTANTIATE_TEST_SUITE_P(All, CommitLogContract,
                         testing::Values(Kind::kMem, Kind::kLocalDirect, Kind::kLocalBuffered),
                         [](const auto& info) {
                           switch (info.param) {
                             case Kind::kMem:
                               return "Mem";
                             case Kind::kLocalDirect:
                               return "LocalDirect";
                             case Kind::kLocalBuffered:
                               return "LocalBuffered";
                           }
                           return "";
                         });

TEST(MemLog, IsPoisonedByAFailedAppend) {
  bool fail = false;
  auto log = MakeMemLog(MemLogOptions{.before_append = [&]() -> Result<void> {
    if (fail) return Fail(ErrorKind::kIo, "the disk is gone");
    return {};
  }});
  ASSERT_TRUE(log->Append("a", {}));
  fail = true;
  EXPECT_EQ(log->Append("b", {}).error().kind, ErrorKind::kIo);
  fail = false;
  EXPECT_EQ(log->Append("c", {}).error().message, "the disk is gone");
}

TEST(Position, SaysWhereItIs) {
  EXPECT_EQ((Position{17, 3, 40960}).ToString(), "log 17, segment 3, offset 40960");
  EXPECT_LT((Position{1, 2, 8192}), (Position{1, 3, 4096}));
}

}  // namespace
}  // namespace tidemark::log
