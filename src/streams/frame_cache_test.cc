#include "streams/frame_cache.h"

#include <gtest/gtest.h>

#include "item/row_key.h"
#include "shard/change.h"

namespace tidemark::streams {
namespace {

shard::TableChange Put(TableId table, const Bytes& key, bool streamed) {
  shard::TableChange change;
  change.table = table;
  change.rows.push_back({key, Bytes("new")});
  change.rows.push_back({Bytes("\0\2index", 7), Bytes("row")});
  if (streamed) change.stream.emplace();
  return change;
}

log::Frame FrameOf(const shard::Change& change) {
  log::Frame frame;
  shard::EncodeChange(change, &frame.payload);
  frame.header.position = {1, 2, 4096};
  frame.header.last_commit = change.commit_time;
  frame.next = {1, 2, 8192};
  return frame;
}

TEST(DecodeFrame, NumbersTheChangesOfOneCommitAndLeavesOutWhatNoStreamShows) {
  const TableId one = TableId::Make(TheSystemRandom()), other = TableId::Make(TheSystemRandom());
  const Bytes key("\0\1key", 5);
  shard::Change change;
  change.commit_time = FromMicros(77);
  change.origin.access_key = "AKID";
  change.tables = {Put(one, key, true), Put(other, key, false), Put(one, key, true)};
  change.tables[2].rows[0].value.reset();
  change.tables[2].replaced_bytes = 5;
  change.tables[2].stream = shard::StreamNote{.old_kept = true, .old = Bytes("was")};
  change.tables.push_back(Put(one, Bytes("\0\2index", 7), true));  // no primary row

  const auto frame = DecodeFrame(FrameOf(change));
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ((*frame)->next, (log::Position{1, 2, 8192}));
  ASSERT_EQ((*frame)->changes.size(), 2u);
  const Change& first = (*frame)->changes[0];
  const Change& second = (*frame)->changes[1];
  EXPECT_EQ(first.event, Event::kInsert);
  EXPECT_EQ(first.now, Bytes("new"));
  EXPECT_EQ(first.key, key);
  EXPECT_FALSE(first.old_kept || first.by_service);
  EXPECT_EQ(first.sequence, (Sequence{FromMicros(77), 0}));
  EXPECT_EQ(second.event, Event::kRemove);
  EXPECT_EQ(second.old, Bytes("was"));
  EXPECT_EQ(second.sequence, (Sequence{FromMicros(77), 1}));
}

TEST(DecodeFrame, TellsWhatTheServiceDid) {
  shard::Change change;
  change.origin.access_key = shard::kServiceAccessKey;
  change.tables = {Put(TableId::Make(TheSystemRandom()), Bytes("\0\1key", 5), true)};
  const auto frame = DecodeFrame(FrameOf(change));
  ASSERT_TRUE(frame);
  EXPECT_TRUE((*frame)->changes[0].by_service);
}

StreamFramePtr Sized(uint64_t bytes) {
  auto frame = std::make_shared<StreamFrame>();
  frame->bytes = bytes;
  return frame;
}

TEST(FrameCache, KeepsWhatWasUsedLastWithinItsBound) {
  FrameCache cache(100);
  const auto at = [](uint32_t offset) { return log::Position{1, 1, offset}; };
  const auto first = Sized(40);
  cache.Put(at(1), first);
  cache.Put(at(2), Sized(40));
  EXPECT_EQ(cache.Find(at(1)), first);
  cache.Put(at(3), Sized(40));  // 2 goes: 1 was used since
  EXPECT_EQ(cache.Find(at(2)), nullptr);
  EXPECT_EQ(cache.Find(at(1)), first);
  EXPECT_EQ(cache.bytes(), 80u);
  cache.Put(at(1), Sized(40));
  EXPECT_EQ(cache.Find(at(1)), first);
  cache.Put(at(4), Sized(1000));
  EXPECT_EQ(cache.bytes(), 1000u);
}

}  // namespace
}  // namespace tidemark::streams
