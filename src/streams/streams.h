// Reading streams: ListStreams, DescribeStream, GetShardIterator, GetRecords; and what of the log
// they need. Which tables have a stream is the catalog's to say; switching them is
// table::StreamSwitch.
//
// One object serves all requests. Threads: any. What is the time is said by the Region's shard, as
// for its commit times.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "streams/frame_cache.h"
#include "streams/record.h"
#include "streams/stream_shards.h"

namespace tidemark::streams {

// Who asks, and where.
struct Reader {
  AccountId account;
  Region region;
};

struct ListRequest {
  std::optional<std::string> table;        // a name
  std::optional<std::string> start_after;  // a stream's ARN
  size_t limit = 100;
};
struct StreamPage {
  std::vector<catalog::TablePtr> streams;  // the table of each, as it is or was with that stream
  bool more = false;
};

struct DescribeRequest {
  std::string arn;
  std::optional<std::string> start_after;  // a shard's id
  std::optional<std::string> children_of;  // a shard's id; only these
  size_t limit = 100;
};
struct StreamDescription {
  catalog::TablePtr table;
  std::vector<StreamShard> shards;
  bool more = false;
};

enum class IteratorType { kTrimHorizon, kLatest, kAtSequenceNumber, kAfterSequenceNumber };
struct IteratorRequest {
  std::string arn;
  std::string shard;
  IteratorType type = IteratorType::kLatest;
  std::optional<std::string> sequence_number;
};

struct RecordPage {
  catalog::TablePtr table;
  std::vector<Record> records;
  std::optional<std::string> next;  // an iterator; none: the shard is at its end
};

class Streams {
 public:
  static constexpr std::chrono::minutes kIteratorValid{15};

  Streams(catalog::Catalog& catalog, catalog::Shards& shards, runtime::BlockingPool& pool);

  // In ARN order. Errors of all: kValidation, kResourceNotFound. Does not block.
  Result<StreamPage> List(const Reader& reader, const ListRequest& request) const;
  Result<StreamDescription> Describe(const Reader& reader, const DescribeRequest& request) const;
  // Also kTrimmed: the sequence number is older than kRetention.
  Result<std::string> MakeIterator(const Reader& reader, const IteratorRequest& request);

  // At most `limit` records and about 1 MB; possibly none although there are more: then `next`
  // has moved on. Whatever was acknowledged before the call is seen. Also kExpiredIterator.
  Task<RecordPage> Read(Reader reader, std::string iterator, size_t limit);

  // The oldest log position that streams of `region` need; nullopt: none. Quick.
  std::optional<log::Position> Floor(const Region& region) const;
  // Forgets former streams that nothing can be read of any more. Blocking; now and then.
  void Maintain();

 private:
  struct Found {
    catalog::TablePtr table;
    shard::Shard* shard = nullptr;
    std::vector<StreamShard> shards;
  };
  Result<Found> Find(const Reader& reader, std::string_view arn) const;

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  runtime::BlockingPool& pool_;
  FrameCache cache_;
};

}  // namespace tidemark::streams
