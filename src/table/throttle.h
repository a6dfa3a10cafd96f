// Token buckets: what the provisioned or maximum on-demand throughput of a table, and of each of
// its global indexes, admits. An option, off by default; without it nobody asks.
//
// Local indexes use the table's throughput. A write is admitted to a global index when it is
// evaluated: only then it is known which it changes.
//
// A request is admitted while its bucket holds the least it can cost, and takes what it did cost
// once that is known, so a large one may leave a debt that later ones wait for. What provisioned
// throughput does not use is kept for five minutes, as in the service; a maximum on demand is one
// of every second. Buckets are kept in memory: a start begins with what one second gives.
//
// One object serves all requests. Threads: any; quick.
#pragma once
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "catalog/table_record.h"
#include "shard/shard.h"
#include "table/requests.h"

namespace tidemark::table {

// The detail of errors of Throttle: what was exceeded, in the service's words.
struct ThrottlingReason : ErrorDetail {
  ThrottlingReason(std::string reason, std::string resource)
      : reason(std::move(reason)), resource(std::move(resource)) {}
  std::string reason;    // "TableReadProvisionedThroughputExceeded"
  std::string resource;  // ARN of the table or of the index
};

class Throttle {
 public:
  enum class Use { kRead, kWrite };

  explicit Throttle(const Clock& clock) : clock_(clock) {}

  // What has a throughput of its own: a table, or a global index of it. For the call only.
  struct Resource {
    Resource(const catalog::TableRecord& table, const catalog::IndexRecord* index = nullptr)
        : table(table), index(index) {}
    const catalog::TableRecord& table;
    const catalog::IndexRecord* index;  // null: the table
  };

  // Takes the least that a request can cost. Errors, with a ThrottlingReason: kThroughputExceeded
  // (provisioned), kThrottled (on demand).
  Result<void> Admit(const Resource& resource, Use use);
  // Takes what admitted requests cost beyond that.
  void Charge(const Resource& resource, Use use, double units, size_t requests = 1);
  // The table is gone.
  void Forget(TableId table);

 private:
  struct Bucket {
    double units = 0;
    Timestamp filled{};
  };
  struct Buckets {
    Bucket read;
    Bucket write;
  };
  // With what it gained since the last look.
  Bucket& Filled(const Resource& resource, Use use, double rate, double seconds);

  const Clock& clock_;
  std::mutex mutex_;
  // By the number of the index, or kPrimaryIndex.
  std::unordered_map<TableId, std::map<uint16_t, Buckets>> buckets_;
};

// Where there may be no throttle.
inline Result<void> Admit(Throttle* throttle, const Throttle::Resource& resource,
                          Throttle::Use use) {
  return throttle ? throttle->Admit(resource, use) : Result<void>();
}
inline void Charge(Throttle* throttle, const Throttle::Resource& resource, Throttle::Use use,
                   double units, size_t requests = 1) {
  if (throttle) throttle->Charge(resource, use, units, requests);
}

// Passes on what a write came to, if the global indexes it changes (`indexes`) admit it. Errors:
// Admit's, the evaluation's own.
Result<shard::Mutation> AdmitToIndexes(Throttle* throttle, const catalog::TableRecord& table,
                                       const std::vector<IndexCapacity>& indexes,
                                       Result<shard::Mutation> evaluated);
// Of a write so admitted that is done: what its indexes cost, local ones the table.
void ChargeIndexes(Throttle* throttle, const catalog::TableRecord& table,
                   const std::vector<IndexCapacity>& indexes);

}  // namespace tidemark::table
