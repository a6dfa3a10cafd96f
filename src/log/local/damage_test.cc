// Damage inside segments: the log opens, says what is lost, and gives all else.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "log/local/damage_fixture.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class LocalLogDamage : public DamageFixture {};

TEST_F(LocalLogDamage, ABitThatFlippedCostsItsFrame) {
  Append(*Open(), 11);  // five to a segment
  ASSERT_EQ(positions_.back().segment, 3u);
  Keep();
  size_t unpadded = kFrameHeaderBytes + written_[0].size() + crypto::kTagBytes;
  std::mt19937_64 random(7);
  for (size_t i = 0; i + 1 < positions_.size(); ++i) {
    for (size_t place : {size_t{1}, size_t{25}, size_t{60}, unpadded - 1,
                         kFrameHeaderBytes + random() % written_[0].size()}) {
      SCOPED_TRACE(fmt::format("frame {} byte {}", i, place));
      PutBack();
      FlipBit(Segment(positions_[i].segment), positions_[i].offset + place);
      ExpectDamage({i}, positions_[i], positions_[i + 1],
                   At(positions_[i].segment, positions_[i].offset));
    }
  }
}

TEST_F(LocalLogDamage, SeveralPlacesAreSeveralRanges) {
  Append(*Open(), 13);
  for (size_t i : {1u, 3u, 4u, 7u}) {
    FlipBit(Segment(positions_[i].segment), positions_[i].offset + 100);
  }
  std::vector<DamagedRange> damage = DamageNow();
  ASSERT_EQ(damage.size(), 3u);
  EXPECT_EQ(damage[0].from, positions_[1]);
  EXPECT_EQ(damage[1].from, positions_[3]);
  EXPECT_EQ(damage[1].to, positions_[5]);
  EXPECT_EQ(damage[2].to, positions_[8]);
  auto log = Open();
  EXPECT_THAT(ReadAround(*log),
              ElementsAre(written_[0], written_[2], written_[5], written_[6], written_[8],
                          written_[9], written_[10], written_[11], written_[12]));
  EXPECT_EQ(log->Stats().damage_open, 3u);
}

TEST_F(LocalLogDamage, ALengthThatCoversTheRestHidesNothing) {
  Append(*Open(), 4);
  ParsedFrameHeader lie{.header = {.position = positions_[1]}, .payload_bytes = 40'000};
  Bytes header(kFrameHeaderBytes, '\0');
  EncodeFrameHeader(lie, header.data());
  Overwrite(Segment(1), positions_[1].offset, header);
  ExpectDamage({1}, positions_[1], positions_[2], At(1, positions_[1].offset));
}

// A reader walks from a mark about 1 MiB before the place it was asked for.
TEST_F(LocalLogDamage, AWalkFromAMarkPassesADamagedPlace) {
  LocalLogOptions options{.directory = path_, .segment_bytes = 4 << 20};
  {
    auto log = OpenLocalLog(options, keys_, TheSystemRandom());
    Append(**log, 250);
  }
  FlipBit(Segment(1), positions_[120].offset + 77);
  FlipBit(Segment(1), positions_[60].offset + 77);
  auto log = OpenLocalLog(options, keys_, TheSystemRandom());
  ASSERT_EQ((*log)->Damage().size(), 2u);
  for (size_t i = 0; i < positions_.size(); ++i) {
    auto reader = (*log)->Read(positions_[i]);
    auto frame = (*reader)->Next();
    ASSERT_EQ(frame.has_value(), i != 60 && i != 120) << i;
    if (frame) {
      ASSERT_EQ((**frame).payload, written_[i]);
    }
    Position inside = positions_[i];
    inside.offset += 4096;
    auto next = (*log)->Read(inside);
    bool good = (*next)->Next().has_value();
    ASSERT_EQ(good, i != 60 && i != 120 && i + 1 != 60 && i + 1 != 120) << i;
  }
}

TEST_F(LocalLogDamage, WhatCannotBeReadIsARange) {
  Append(*Open(), 16);
  {
    HookedFiles hook([&](const FileCall& call) {
      return call.op == FileOp::kOpen && call.path == Segment(2) ? EACCES : 0;
    });
    Position end{0, 1, positions_[4].offset + 12288};
    ExpectDamage({5, 6, 7, 8, 9}, end, {0, 3, kFront}, At(2, 0));
  }
  written_.push_back("goes on");
  EXPECT_TRUE(DamageNow().empty()) << "it is readable again";
  written_.pop_back();
  // One sector; the reads before and behind it must not suffer.
  uint64_t bad = positions_[7].offset + 4096;
  HookedFiles hook([&](const FileCall& call) {
    bool hit = call.offset <= bad && bad < call.offset + call.bytes;
    return call.op == FileOp::kRead && call.path == Segment(2) && hit ? EIO : 0;
  });
  std::vector<DamagedRange> damage = DamageNow();
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_EQ(damage[0].from, positions_[7]);
  EXPECT_EQ(damage[0].to, positions_[8]);
  EXPECT_THAT(damage[0].what, HasSubstr("reading"));
  std::vector<Bytes> expected = written_;
  expected.push_back("goes on");
  expected.erase(expected.begin() + 7);
  EXPECT_EQ(ReadAround(*Open()), expected);
}

TEST_F(LocalLogDamage, ANewestSegmentWithAnUnreadableRestIsNotCalledTorn) {
  Append(*Open(), 2);
  uint64_t bad = positions_[1].offset + 4096;
  HookedFiles hook([&](const FileCall& call) {
    bool hit = call.offset <= bad && bad < call.offset + call.bytes;
    return call.op == FileOp::kRead && call.path == Segment(1) && hit ? EIO : 0;
  });
  ExpectDamage({1}, positions_[1], {0, 2, kFront}, At(1, positions_[1].offset));
}

TEST_F(LocalLogDamage, AFollowingReaderMeetsTheRangeWhereItLies) {
  Append(*Open(), 11);
  FlipBit(Segment(1), positions_[4].offset + 9);  // the last of its segment
  auto log = Open();
  auto reader = log->Read({});
  for (int i = 0; i < 4; ++i) ASSERT_TRUE((*reader)->Next());
  EXPECT_EQ((*reader)->Next().error().message, log->Damage()[0].what);
  auto behind = log->Read(log->Damage()[0].to);
  EXPECT_EQ((**(*behind)->Next()).payload, written_[5]);
}

// Whatever happens to the files: opening works, twice alike, and a frame is either read as it was
// written or lies in a range. Only the newest frames may be taken for torn.
TEST_F(LocalLogDamage, NoFrameIsLostInSilence) {
  uint64_t seed = std::random_device{}();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937_64 random(seed);
  for (int opening = 0; opening < 4; ++opening) {
    auto log = Open();
    for (int i = 0; i < 6; ++i) Append(*log, 1, 1 + random() % 30'000);
  }
  uint32_t newest = positions_.back().segment;
  Keep();
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    PutBack();
    for (uint64_t blows = 1 + random() % 3; blows > 0; --blows) {
      fs::path path = Segment(1 + static_cast<uint32_t>(random() % newest));
      if (!fs::exists(path)) continue;
      uint64_t bytes = fs::file_size(path);
      switch (random() % 4) {
        case 0:
          fs::remove(path);
          break;
        case 1:
          fs::resize_file(path, random() % bytes);
          break;
        case 2:
          if (bytes > 0) FlipBit(path, random() % bytes);
          break;
        case 3:
          Overwrite(path, random() % (bytes + 1), Bytes(random() % 9000, '\0'));
          break;
      }
    }
    std::vector<DamagedRange> damage = DamageNow();
    auto log = Open();
    ASSERT_TRUE(log);
    std::vector<Bytes> found = ReadAround(*log);
    size_t next = 0;
    bool newest_is_cut = false;
    for (size_t i = 0; i < written_.size(); ++i) {
      bool reported = std::ranges::any_of(damage, [&](const DamagedRange& range) {
        return range.from <= positions_[i] && positions_[i] < range.to;
      });
      if (!reported && next < found.size() && found[next] == written_[i] && !newest_is_cut) {
        ++next;
        continue;
      }
      if (reported) continue;
      ASSERT_EQ(positions_[i].segment, newest) << "frame " << i << " is lost in silence";
      newest_is_cut = true;
    }
    ASSERT_EQ(next, found.size()) << "a frame that was never written";
  }
}

}  // namespace
}  // namespace tidemark::log
