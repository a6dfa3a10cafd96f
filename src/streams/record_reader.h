// Reads one shard of a stream from the Region's commit log.
#pragma once
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "shard/shard.h"
#include "streams/frame_cache.h"
#include "streams/record.h"
#include "streams/stream_shards.h"

namespace tidemark::streams {

struct ReadRequest {
  catalog::TablePtr table;  // its stream is read
  Timestamp end;            // of the stream's shard
  Sequence after;           // records behind this ...
  log::Position at;         // ... all stand in this frame or later; zero: unknown
  size_t records_max = 1000;
};

struct ReadLimits {
  uint64_t record_bytes = 1 << 20;  // of records given; one larger record is given alone
  uint64_t log_bytes = 4 << 20;     // of log read from the disk, roughly
  size_t frames = 4000;
};

struct ReadResult {
  std::vector<Record> records;
  Sequence after;      // everything up to here was given, whether or not there was anything
  log::Position at;    // go on with this
  bool ended = false;  // the shard has no more, and will not
};

// May give nothing although there is more: the work is bounded, `after` and `at` have moved on.
// Everything acknowledged before the call is seen. Blocking.
// Errors: kCorruption (a damaged part of the log that nobody has accepted), kIo.
Result<ReadResult> ReadRecords(shard::Shard& shard, FrameCache& cache, const ReadRequest& request,
                               const ReadLimits& limits);

}  // namespace tidemark::streams
