#include "streams/stream_shards.h"

#include <gtest/gtest.h>

namespace tidemark::streams {
namespace {

using std::chrono::hours;

const Timestamp kStart = FromMicros(1'795'000'000'123'456);

catalog::TableRecord Table(std::optional<Timestamp> disabled = std::nullopt) {
  catalog::TableRecord table;
  table.account = AccountId("123456789012");
  table.region = Region("us-east-1");
  table.name = "Things";
  table.stream = catalog::StreamSettings{.enabled = !disabled,
                                         .label = "2026-11-17T00:00:00.123",
                                         .enabled_at = kStart - Micros(1),
                                         .disabled_at = disabled.value_or(Timestamp{})};
  return table;
}

TEST(StreamShards, OneIsOpenAtATimeAndEachKnowsTheOneBefore) {
  const auto shards = ShardsOf(Table(), kStart + hours(9));
  ASSERT_EQ(shards.size(), 3u);
  for (size_t i = 0; i < shards.size(); ++i) {
    const int64_t number = static_cast<int64_t>(i);
    EXPECT_EQ(shards[i].number, i);
    EXPECT_EQ(shards[i].begin, kStart + kShardSpan * number);
    EXPECT_EQ(shards[i].end, kStart + kShardSpan * (number + 1));
    EXPECT_EQ(shards[i].closed, i < 2);
    EXPECT_EQ(shards[i].parent, i == 0 ? "" : shards[i - 1].id);
    EXPECT_EQ(shards[i].id.size(), 37u);
    if (i > 0) {
      EXPECT_GT(shards[i].id, shards[i - 1].id);
      EXPECT_GT(shards[i].first(), shards[i - 1].last());
    }
  }
  EXPECT_EQ(ShardsOf(Table(), kStart).size(), 1u);
  EXPECT_EQ(ShardsOf(Table(), kStart + kShardSpan - Micros(1)).size(), 1u);
  EXPECT_EQ(ShardsOf(Table(), kStart + kShardSpan).size(), 2u);
  EXPECT_EQ(ShardsOf(Table(), kStart - hours(1)).size(), 1u) << "whatever the clock says";
}

TEST(StreamShards, ThoseOlderThanTheRetentionGo) {
  const auto shards = ShardsOf(Table(), kStart + hours(100));
  ASSERT_FALSE(shards.empty());
  EXPECT_GT(shards.front().end, kStart + hours(100) - kRetention);
  EXPECT_LE(shards.front().begin, kStart + hours(100) - kRetention);
  EXPECT_EQ(shards.front().number, 19u);
  EXPECT_EQ(shards.back().number, 25u);
  EXPECT_FALSE(shards.front().parent.empty());
}

TEST(StreamShards, ADisabledStreamEndsAndIsGoneADayLater) {
  const Timestamp off = kStart + hours(6);
  auto shards = ShardsOf(Table(off), off + hours(1));
  ASSERT_EQ(shards.size(), 2u);
  EXPECT_EQ(shards[1].end, off);
  EXPECT_TRUE(shards[1].closed);
  EXPECT_EQ(ShardsOf(Table(off), off + hours(23)).size(), 1u);
  EXPECT_TRUE(ShardsOf(Table(off), off + hours(24)).empty());
  EXPECT_FALSE(IsReadable(*Table(off).stream, off + hours(24)));
  EXPECT_EQ(ShardsOf(Table(kStart + kShardSpan), kStart + hours(5)).size(), 1u);
}

TEST(StreamArn, IsTakenApartOrRefused) {
  const auto name =
      ParseStreamArn("arn:aws:dynamodb:us-east-1:123456789012:table/Things/stream/L:1");
  ASSERT_TRUE(name) << name.error().message;
  EXPECT_EQ(name->region, "us-east-1");
  EXPECT_EQ(name->account, "123456789012");
  EXPECT_EQ(name->table, "Things");
  EXPECT_EQ(name->label, "L:1");
  for (const char* arn :
       {"", "fake-stream", "arn:aws:dynamodb:r:1:table/T", "arn:aws:s3:r:1:table/T/stream/L",
        "arn:aws:dynamodb:r:1:table/T/stream/", "arn:aws:dynamodb:r:1:table//stream/L"}) {
    const auto refused = ParseStreamArn(arn);
    ASSERT_FALSE(refused) << arn;
    EXPECT_EQ(refused.error().message, "Invalid StreamArn");
  }
}

}  // namespace
}  // namespace tidemark::streams
