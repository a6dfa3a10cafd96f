// What the tests of damage share: a log opened twice must tell the same, and all that is in no
// range must be read.
#pragma once
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "log/local/frame_format.h"
#include "log/local/local_log_fixture.h"

namespace tidemark::log {

constexpr uint32_t kFront = kBlockBytes;  // where a segment's first frame stands

class DamageFixture : public LocalLogFixture {
 protected:
  static bool Same(const DamagedRange& a, const DamagedRange& b) {
    return a.from == b.from && a.to == b.to && a.what == b.what && a.accepted == b.accepted;
  }

  // Opens the log and opens it again: both must find the same.
  std::vector<DamagedRange> DamageNow() {
    auto log = Open();
    if (!log) return {};
    std::vector<DamagedRange> damage = log->Damage();
    log = nullptr;
    log = Open();
    if (!log) return {};
    EXPECT_TRUE(std::ranges::equal(damage, log->Damage(), Same));
    return damage;
  }

  // Reads to the end, going on behind each range.
  static std::vector<Bytes> ReadAround(CommitLog& log) {
    std::vector<Bytes> payloads;
    std::vector<DamagedRange> damage = log.Damage();
    Position from = log.begin();
    while (true) {
      auto reader = log.Read(from);
      auto frame = (*reader)->Next();
      for (; frame && *frame; frame = (*reader)->Next()) payloads.push_back((*frame)->payload);
      if (frame) return payloads;
      EXPECT_EQ(frame.error().kind, ErrorKind::kCorruption);
      EXPECT_EQ((*reader)->Next().error().message, frame.error().message) << "it stays there";
      auto met = std::ranges::find(damage, frame.error().message, &DamagedRange::what);
      if (met == damage.end() || met->to <= from) {
        ADD_FAILURE() << frame.error().message;
        return payloads;
      }
      from = met->to;
    }
  }

  // One range; the frames numbered `lost`, and only they, cannot be read; `place` is named.
  void ExpectDamage(std::vector<size_t> lost, Position from, Position to,
                    const std::string& place) {
    std::vector<DamagedRange> damage = DamageNow();
    ASSERT_EQ(damage.size(), 1u);
    auto log = Open();
    from.log_id = to.log_id = log->log_id();
    EXPECT_EQ(damage[0].from, from) << damage[0].from.ToString();
    EXPECT_EQ(damage[0].to, to) << damage[0].to.ToString();
    EXPECT_FALSE(damage[0].accepted);
    EXPECT_THAT(damage[0].what, testing::HasSubstr(place + ":"));
    EXPECT_THAT(damage[0].what, testing::HasSubstr("Next step:"));
    std::vector<Bytes> expected;
    for (size_t i = 0; i < written_.size(); ++i) {
      if (std::ranges::find(lost, i) == lost.end()) expected.push_back(written_[i]);
    }
    EXPECT_EQ(ReadAround(*log), expected);
    // From every frame, too, whatever mark its reader starts from.
    for (size_t i = 0; i < positions_.size(); ++i) {
      Position position = positions_[i];
      position.log_id = log->log_id();
      auto reader = log->Read(position);
      auto frame = (*reader)->Next();
      if (std::ranges::find(lost, i) != lost.end()) {
        EXPECT_FALSE(frame) << i;
      } else {
        ASSERT_TRUE(frame && *frame) << i;
        EXPECT_EQ((**frame).payload, written_[i]);
      }
    }
    ASSERT_TRUE(log->Append("goes on", {}));
    expected.push_back("goes on");
    EXPECT_EQ(ReadAround(*log), expected);
  }

  std::string At(uint32_t segment, uint64_t offset) {
    return fmt::format("segment {}, offset {}", segment, offset);
  }
  // Every variant of damage begins with the same log.
  void Keep() { std::filesystem::copy(path_, directory_.path() / "image"); }
  void PutBack() {
    std::filesystem::remove_all(path_);
    std::filesystem::copy(directory_.path() / "image", path_);
  }
};

}  // namespace tidemark::log
