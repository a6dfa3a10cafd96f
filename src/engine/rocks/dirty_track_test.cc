#include "engine/rocks/dirty_track.h"

#include <gtest/gtest.h>

#include "engine/test_rows.h"

namespace tidemark::engine {
namespace {

TEST(DirtyTrack, IsCleanUntilSomethingIsApplied) {
  DirtyTrack track;
  EXPECT_EQ(track.oldest(), std::nullopt);
  EXPECT_EQ(track.bytes(), 0u);
}

TEST(DirtyTrack, DropsStretchesUpToTheRowFound) {
  DirtyTrack track;
  track.Add(At(1), 10, false);
  track.Add(At(2), 10, true);
  track.Add(At(3), 10, true);
  track.Add(At(4), 10, false);
  EXPECT_EQ(track.bytes(), 40u);
  EXPECT_EQ(track.bytes_since_row(), 10u);
  track.Flushed(At(2));
  EXPECT_EQ(track.oldest(), At(3));
  EXPECT_EQ(track.bytes(), 20u);
  track.Flushed(At(3));
  EXPECT_EQ(track.oldest(), At(4));
  track.AddRow(At(4));
  EXPECT_EQ(track.oldest(), At(4));
  track.Flushed(At(4));
  EXPECT_EQ(track.oldest(), std::nullopt);
  EXPECT_EQ(track.bytes(), 0u);
}

TEST(DirtyTrack, KeepsEverythingForARowItDoesNotKnow) {
  DirtyTrack track;
  track.Add(At(5), 10, true);
  track.Flushed(At(4));
  EXPECT_EQ(track.oldest(), At(5));
  track.Flushed(At(6));
  EXPECT_EQ(track.oldest(), At(5));
}

TEST(DirtyTrack, RowWithoutWritesIsNothing) {
  DirtyTrack track;
  track.AddRow(At(1));
  EXPECT_EQ(track.oldest(), std::nullopt);
}

TEST(DirtyTrack, WhatWasTakenBackLeavesNoTrace) {
  DirtyTrack track;
  track.Add(At(1), 10, false);
  track.TakeBack(10);
  EXPECT_EQ(track.oldest(), std::nullopt);
  EXPECT_EQ(track.bytes(), 0u);
  track.Add(At(2), 10, true);
  track.Add(At(3), 20, false);
  track.Add(At(4), 40, false);
  track.TakeBack(40);
  EXPECT_EQ(track.bytes_since_row(), 20u);
  track.Flushed(At(2));
  EXPECT_EQ(track.oldest(), At(3));
  EXPECT_EQ(track.bytes(), 20u);
}

}  // namespace
}  // namespace tidemark::engine
