#include "streams/iterator.h"

#include <gtest/gtest.h>

namespace tidemark::streams {
namespace {

TEST(ShardIterator, ReadsBackWhatWasWritten) {
  const ShardIterator iterator{.arn = "arn:aws:dynamodb:us-east-1:1:table/T/stream/L",
                               .shard = 700,
                               .made = FromMicros(1'795'000'000'123'456),
                               .after = {FromMicros(1'795'000'000'000'001), 42},
                               .at = {UINT64_MAX, 7, 8192}};
  const std::string text = iterator.ToText();
  EXPECT_LT(text.size(), 2048u);
  const auto read = ShardIterator::Parse(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->arn, iterator.arn);
  EXPECT_EQ(read->shard, iterator.shard);
  EXPECT_EQ(read->made, iterator.made);
  EXPECT_EQ(read->after, iterator.after);
  EXPECT_EQ(read->at, iterator.at);
}

TEST(ShardIterator, RefusesWhatWasCutOrChanged) {
  const std::string text =
      ShardIterator{.arn = "arn:aws:dynamodb:r:1:table/T/stream/L", .after = {}}.ToText();
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(ShardIterator::Parse(text.substr(0, i))) << i;
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto read = ShardIterator::Parse(changed);
    ASSERT_FALSE(read) << i;
    EXPECT_EQ(read.error().message, "Invalid ShardIterator");
  }
  for (const char* other : {"", "x", "|1|", "a|1|AAAA", "a|1|not base64"})
    EXPECT_FALSE(ShardIterator::Parse(other)) << other;
}

}  // namespace
}  // namespace tidemark::streams
