// Damage that an operator accepts, and truncation that passes damage.
#include "log/local/repair.h"

#include <filesystem>
#include <vector>

#include "log/local/accepted_file.h"
#include "log/local/damage_fixture.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;

class LocalLogRepair : public DamageFixture {};

TEST_F(LocalLogRepair, WhatAnOperatorAcceptsStaysAcceptedUntilTruncated) {
  Append(*Open(), 16);
  FlipBit(Segment(1), positions_[2].offset + 99);
  fs::remove(Segment(3));
  EXPECT_EQ(*AcceptDamage(path_, keys_), 2u);
  EXPECT_EQ(*AcceptDamage(path_, keys_), 0u);
  std::vector<DamagedRange> damage = DamageNow();
  ASSERT_EQ(damage.size(), 2u);
  EXPECT_TRUE(damage[0].accepted && damage[1].accepted);
  // More damage is not covered by the word given for other damage.
  FlipBit(Segment(1), positions_[3].offset + 99);
  damage = DamageNow();
  ASSERT_EQ(damage.size(), 2u);
  EXPECT_FALSE(damage[0].accepted);
  EXPECT_TRUE(damage[1].accepted);
  EXPECT_EQ(*AcceptDamage(path_, keys_), 1u);
  {
    auto log = Open();
    EXPECT_EQ(log->Stats().damage_accepted, 2u);
    ASSERT_TRUE(log->Truncate(positions_[5]));
    ASSERT_EQ(log->Damage().size(), 1u);
    EXPECT_EQ(log->begin(), positions_[5]);
  }
  damage = DamageNow();
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_TRUE(damage[0].accepted);
  EXPECT_EQ(ReadAccepted(path_, damage[0].from.log_id).size(), 1u);
  FlipBit(path_ / "ACCEPTED", 30);
  EXPECT_FALSE(DamageNow()[0].accepted);
}

TEST_F(LocalLogRepair, TruncationPassesIntoARange) {
  Append(*Open(), 21);
  fs::remove(Segment(2));
  fs::remove(Segment(3));
  auto log = Open();
  ASSERT_EQ(log->Damage().size(), 1u);
  ASSERT_TRUE(log->Truncate({log->log_id(), 3, kFront}));
  ASSERT_EQ(log->Damage().size(), 1u);
  EXPECT_EQ(log->Damage()[0].from, (Position{log->log_id(), 3, kFront}));
  EXPECT_EQ(log->begin(), log->Damage()[0].from);
  log = nullptr;
  EXPECT_EQ(DamageNow()[0].from.segment, 3u);
  log = Open();
  ASSERT_TRUE(log->Truncate({log->log_id(), 4, kFront}));
  EXPECT_TRUE(log->Damage().empty());
  log = nullptr;
  EXPECT_TRUE(DamageNow().empty());
}

}  // namespace
}  // namespace tidemark::log
