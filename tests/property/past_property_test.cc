// Reads of the past, and what was done.
#include "property/restore_property.h"

namespace tidemark {
namespace {

TEST_F(RestoreProperty, ThePastReadsTheSameHoweverItIsStored) {
  std::mt19937_64 random(seed_);
  WriteConcurrently(random, 50);
  ASSERT_TRUE(
      storage_->recovery->Update(kAccount, kRegion, "Source", true, std::nullopt).has_value());
  const Timestamp earliest = storage_->catalog->FindTable(id_)->pitr.enabled_at;
  for (int round = 0; round < 24; ++round) {
    WriteConcurrently(random, 25);
    for (int i = 0; i < 6; ++i) {
      const Timestamp time = commits_[random() % commits_.size()].time - Micros(random() % 2);
      ASSERT_NO_FATAL_FAILURE(CompareWithoutRestoring(random, std::max(time, earliest)));
    }
    ASSERT_NO_FATAL_FAILURE(CompareWithoutRestoring(random, commits_.back().time));
    // Sorting, images, restarts and forgetting in any order between two looks.
    if (random() % 3 == 0) {
      ASSERT_TRUE((*storage_->recovery->ArchiveOf(kRegion))->Drain().has_value());
    }
    if (random() % 3 == 0) storage_->recovery->Maintain();
    if (random() % 6 == 0) Open();
    if (random() % 8 == 0) clock_.Advance(std::chrono::hours(25));
    storage_->past->Tend();
  }
}

TEST_F(RestoreProperty, WhatWasDoneIsToldAsItWas) {
  std::mt19937_64 random(seed_);
  WriteConcurrently(random, 50);
  ASSERT_TRUE(
      storage_->recovery->Update(kAccount, kRegion, "Source", true, std::nullopt).has_value());
  const Timestamp earliest = storage_->catalog->FindTable(id_)->pitr.enabled_at;
  for (int round = 0; round < 6; ++round) {
    WriteConcurrently(random, 60);
    if (round == 1 || round == 3) {
      ASSERT_TRUE((*storage_->recovery->ArchiveOf(kRegion))->Drain().has_value());
      storage_->recovery->Maintain();
    }
    if (round == 2) {
      Open();
      clock_.Advance(std::chrono::hours(25));
      WriteConcurrently(random, 10);
      storage_->recovery->Maintain();
    }
  }
  const auto record = storage_->catalog->FindTable(id_);
  for (int i = 0; i < 60; ++i) {
    Timestamp from = std::max(earliest, commits_[random() % commits_.size()].time);
    Timestamp until = std::max(earliest, commits_[random() % commits_.size()].time);
    if (from > until) std::swap(from, until);
    ASSERT_NO_FATAL_FAILURE(CompareDiff(*record, from, until, 1 + random() % 50));
    ASSERT_NO_FATAL_FAILURE(CompareCounts(*record, from, until));
    const Bytes key = commits_[random() % commits_.size()].key;
    ASSERT_NO_FATAL_FAILURE(CompareVersions(*record, key, from, until));
  }
}

TEST_F(RestoreProperty, AnInstantReadWhileItIsWrittenStaysAsItWas) {
  std::mt19937_64 random(seed_);
  ASSERT_TRUE(
      storage_->recovery->Update(kAccount, kRegion, "Source", true, std::nullopt).has_value());
  const auto record = storage_->catalog->FindTable(id_);
  const auto read = [&](Timestamp time) {
    auto rows = storage_->past->At(*record, time);
    EXPECT_TRUE(rows.has_value()) << rows.error().message;
    return *ReadAll(**rows);
  };
  std::thread writing([&] { WriteConcurrently(random, 400); });
  std::map<Timestamp, State> seen;
  for (int i = 0; i < 100; ++i) {
    const Timestamp now = Shard().Now();
    seen[now] = read(now);
  }
  writing.join();
  for (const auto& [time, state] : seen) {
    ASSERT_EQ(state, StateAt(commits_, time)) << "at " << ToMicros(time);
    ASSERT_EQ(read(time), state);
  }
}

}  // namespace
}  // namespace tidemark
