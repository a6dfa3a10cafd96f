// Segments that are missing, foreign or of no use: the log opens, says what is lost, and gives all
// else.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "log/local/damage_fixture.h"
#include "log/local/start_file.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LocalLogMissing : public DamageFixture {};

TEST_F(LocalLogMissing, ADamagedHeaderCostsItsSegment) {
  Append(*Open(), 16);
  Keep();
  for (uint64_t place : {0, 20, 70, 4060, 4090}) {
    SCOPED_TRACE(place);
    PutBack();
    FlipBit(Segment(2), place);
    // Whether segment 1 ended where its frames end, only segment 2 knew.
    Position end{0, 1, positions_[4].offset + 12288};
    ExpectDamage({5, 6, 7, 8, 9}, end, {0, 3, kFront}, At(2, 0));
  }
  PutBack();
  FlipBit(Segment(4), 20);
  Position end{0, 3, positions_[14].offset + 12288};
  ExpectDamage({15}, end, {0, 5, kFront}, At(4, 0));
}

TEST_F(LocalLogMissing, AHeaderUnderAnotherKeyIsNotBelieved) {
  Append(*Open(), 1);
  Bytes block = ReadFile(Segment(1)).substr(0, 4096);
  auto header = ParseSegmentHeader(block);
  ASSERT_TRUE(header);
  header->last_commit = FromMicros(1);  // what someone with the disk alone might do
  ChainTag tag;
  EncodeSegmentHeader(*header, crypto::Aead(crypto::Key256()), block.data(), &tag);
  Overwrite(Segment(1), 0, block);
  ExpectDamage({0}, {0, 1, kFront}, {0, 2, kFront}, At(1, 0));
}

TEST_F(LocalLogMissing, AMissingSegmentIsARange) {
  Append(*Open(), 16);
  ASSERT_EQ(positions_.back().segment, 4u);
  Keep();
  for (uint32_t number : {1, 2, 3}) {
    SCOPED_TRACE(number);
    PutBack();
    fs::remove(Segment(number));
    size_t first = size_t{number - 1} * 5;
    Position from{0, number, kFront};
    if (number > 1) from = {0, number - 1, positions_[first - 1].offset + 12288};
    ExpectDamage({first, first + 1, first + 2, first + 3, first + 4}, from, {0, number + 1, kFront},
                 At(number, 0));
  }
}

TEST_F(LocalLogMissing, MissingNewestSegmentsAreNoticedAndTheirPositionsNotUsedAgain) {
  Append(*Open(), 16);
  Keep();
  fs::remove(Segment(4));
  Position end{0, 3, positions_[14].offset + 12288};
  ExpectDamage({15}, end, {0, 5, kFront}, At(4, 0));
  {
    PutBack();
    fs::remove(Segment(4));
    auto log = Open();
    EXPECT_EQ(log->end().segment, 5u);
  }
  PutBack();
  for (uint32_t number : {1, 2, 3, 4}) fs::remove(Segment(number));
  std::vector<size_t> all;
  for (size_t i = 0; i < 16; ++i) all.push_back(i);
  ExpectDamage(all, {0, 1, kFront}, {0, 5, kFront}, At(1, 0));
}

TEST_F(LocalLogMissing, ASegmentPutBackUndamagedIsReadAgain) {
  Append(*Open(), 16);
  for (std::vector<uint32_t> missing : {std::vector<uint32_t>{2}, {3, 4}, {4}}) {
    auto away = [&](uint32_t number) { return directory_.path() / Segment(number).filename(); };
    for (uint32_t number : missing) fs::rename(Segment(number), away(number));
    ASSERT_EQ(DamageNow().size(), 1u);
    Append(*Open(), 1);
    for (uint32_t number : missing) fs::rename(away(number), Segment(number));
    auto log = Open();
    EXPECT_TRUE(log->Damage().empty()) << log->Damage()[0].what;
    EXPECT_EQ(ReadAll(*log), written_);
    log = nullptr;
    EXPECT_TRUE(DamageNow().empty());
  }
}

TEST_F(LocalLogMissing, AnOldCopyCostsWhatItLacks) {
  fs::path copy = directory_.path() / "copy";
  {
    auto log = Open();
    Append(*log, 2);
    fs::copy_file(Segment(1), copy);
    Append(*log, 8);
  }
  fs::copy_file(copy, Segment(1), fs::copy_options::overwrite_existing);
  ExpectDamage({2, 3, 4}, positions_[2], {0, 2, kFront}, At(1, positions_[2].offset));
}

TEST_F(LocalLogMissing, ASegmentInAnothersPlaceIsOfNoUse) {
  Append(*Open(), 13);
  fs::copy_file(Segment(2), Segment(3), fs::copy_options::overwrite_existing);
  Position end{0, 2, positions_[9].offset + 12288};
  ExpectDamage({10, 11, 12}, end, {0, 4, kFront}, At(3, 0));
}

TEST_F(LocalLogMissing, ASegmentOfAnotherLogIsOfNoUse) {
  Append(*Open(), 11);
  fs::path mine = path_;
  path_ = directory_.path() / "other";
  std::vector<Bytes> written = written_;
  std::vector<Position> positions = positions_;
  Append(*Open(), 9);
  fs::copy_file(Segment(2), SegmentPath(mine, 2), fs::copy_options::overwrite_existing);
  path_ = mine;
  written_ = written;
  positions_ = positions;
  Position end{0, 1, positions_[4].offset + 12288};
  ExpectDamage({5, 6, 7, 8, 9}, end, {0, 3, kFront}, At(2, 0));
}

// The same log went on twice from one copy: both histories are sealed and whole, but do not match.
// The newer segment is believed.
TEST_F(LocalLogMissing, ASegmentOfAForkedHistoryIsOfNoUse) {
  Append(*Open(), 2);
  fs::path fork = directory_.path() / "fork";
  fs::copy(path_, fork);
  Append(*Open(), 9);  // 2..6 in segment 2, 7..10 in 3
  std::vector<Bytes> written = written_;
  std::vector<Position> positions = positions_;
  std::swap(path_, fork);
  Append(*Open(), 2);
  std::swap(path_, fork);
  fs::copy_file(SegmentPath(fork, 2), Segment(2), fs::copy_options::overwrite_existing);
  written_ = written;
  positions_ = positions;
  Position end{0, 1, positions_[1].offset + 12288};
  ExpectDamage({2, 3, 4, 5, 6}, end, {0, 3, kFront}, At(2, 0));
}

TEST_F(LocalLogMissing, FramesBehindARecordedEndAreNotBelieved) {
  Append(*Open(), 2);
  Bytes longer = ReadFile(Segment(1));
  fs::resize_file(Segment(1), positions_[1].offset);
  Position cut = positions_[1];
  written_.pop_back();
  positions_.pop_back();
  Append(*Open(), 1);
  Overwrite(Segment(1), 0, longer);
  ExpectDamage({}, cut, {0, 2, kFront}, At(1, cut.offset));
}

TEST_F(LocalLogMissing, OneKeyThatCannotBeUnwrappedIsDamageAllOfThemAreNot) {
  Append(*Open(), 9);
  auto cripple = [&](uint32_t number) {
    Bytes block = ReadFile(Segment(number)).substr(0, 4096);
    auto header = ParseSegmentHeader(block);
    header->wrapped_key.pop_back();
    ChainTag tag;
    EncodeSegmentHeader(*header, crypto::Aead(crypto::Key256()), block.data(), &tag);
    Overwrite(Segment(number), 0, block);
  };
  cripple(1);
  Keep();
  ExpectDamage({0, 1, 2, 3, 4}, {0, 1, kFront}, {0, 2, kFront}, At(1, 0));
  PutBack();
  cripple(2);
  EXPECT_THAT(OpenError().message, HasSubstr("the key of commit log segment 2"));
}

TEST_F(LocalLogMissing, StartIsRebuiltFromTheSegments) {
  {
    auto log = Open();
    Append(*log, 16);
    ASSERT_TRUE(log->Truncate(positions_[5]));
  }
  written_.erase(written_.begin(), written_.begin() + 5);
  positions_.erase(positions_.begin(), positions_.begin() + 5);
  Keep();
  for (const char* how : {"removed", "damaged", "of another log"}) {
    SCOPED_TRACE(how);
    PutBack();
    fs::path start = path_ / "START";
    if (how == std::string("removed")) fs::remove(start);
    if (how == std::string("damaged")) FlipBit(start, 13);
    if (how == std::string("of another log")) {
      Overwrite(start, 0, EncodeStart({.log_id = 7, .first_segment = 2}));
    }
    // Nobody knows any more that segment 1 was truncated.
    ExpectDamage({}, {0, 1, kFront}, {0, 2, kFront}, At(1, 0));
  }
}

TEST_F(LocalLogMissing, AnAbsurdNumberIsNamedRatherThanFollowed) {
  Append(*Open(), 1);
  fs::rename(path_ / "newest-0000000001", path_ / "newest-4000000000");
  EXPECT_THAT(OpenError().message, HasSubstr("segments 1 to 4000000000"));
}

TEST_F(LocalLogMissing, NothingThatSaysWhichLogThisIsFailsTheOpening) {
  Append(*Open(), 1);
  FlipBit(path_ / "START", 13);
  FlipBit(Segment(1), 20);
  EXPECT_EQ(OpenError().kind, ErrorKind::kCorruption);
  fs::remove(path_ / "START");
  fs::remove(Segment(1));
  EXPECT_THAT(OpenError().message, HasSubstr("START is missing"));
}

}  // namespace
}  // namespace tidemark::log
