// The shards of a stream: consecutive stretches of commit time, one open at a time. They follow
// from when the stream was switched on and off and from the time, so nothing of them is stored.
// Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "catalog/table_record.h"
#include "streams/sequence.h"

namespace tidemark::streams {

constexpr std::chrono::hours kShardSpan{4};
constexpr std::chrono::hours kRetention{24};  // a change is readable for so long

struct StreamShard {
  uint32_t number = 0;  // from the stream's beginning, 0..
  std::string id;       // in order of time: "shardId-<20 digits>-<8 hex digits>"
  std::string parent;   // the one before, even if it is not readable any more; empty: none
  Timestamp begin;      // commit times in [begin, end)
  Timestamp end;
  bool closed = false;  // by time: `end` is passed

  Sequence first() const { return {begin, 0}; }
  Sequence last() const { return Sequence::Before(end); }
};

// Whether there is anything to be read of the stream (of a table that has or had one) at `now`.
bool IsReadable(const catalog::StreamSettings& stream, Timestamp now);
// In order, those with changes that are not older than kRetention, or may have.
std::vector<StreamShard> ShardsOf(const catalog::TableRecord& table, Timestamp now);

// Parts of "arn:aws:dynamodb:REGION:ACCOUNT:table/TABLE/stream/LABEL"; views into `arn`. Errors:
// kValidation, with the service's text.
struct StreamName {
  std::string_view region, account, table, label;
};
Result<StreamName> ParseStreamArn(std::string_view arn);

}  // namespace tidemark::streams
