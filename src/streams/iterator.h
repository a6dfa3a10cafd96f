// A shard iterator: where somebody reads on. It holds all there is to know, nothing of it is kept
// by the server. As text: the stream's ARN, "|1|", then base64 of
//
//   token := shard:varint  made:u64le  log_id:u64le  segment:u32le  offset:u32le
//            commit:u64le  index:u32le  check:8 bytes
//   check := of SHA-256 over the ARN and what is before
//
// The check tells tokens that were cut or changed. It is no secret: a token gives nobody more than
// its stream, which whoever uses it must be allowed to read.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "log/position.h"
#include "streams/sequence.h"

namespace tidemark::streams {

struct ShardIterator {
  std::string arn;
  uint32_t shard = 0;  // StreamShard::number
  Timestamp made{};
  Sequence after;    // everything up to this was given
  log::Position at;  // what comes then is in this frame or behind; zero: to be found by its time

  std::string ToText() const;
  static Result<ShardIterator> Parse(std::string_view text);  // kValidation
};

}  // namespace tidemark::streams
