// Token buckets: what a table's provisioned or maximum on-demand throughput admits. An option, off
// by default; without it nobody asks.
//
// A request is admitted while its bucket holds the least it can cost, and takes what it did cost
// once that is known, so a large one may leave a debt that later ones wait for. What provisioned
// throughput does not use is kept for five minutes, as in the service; a maximum on demand is one
// of every second. Buckets are kept in memory: a start begins with what one second gives.
//
// One object serves all requests. Threads: any; quick.
#pragma once
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "catalog/table_record.h"

namespace tidemark::table {

// The detail of errors of Throttle: what was exceeded, in the service's words.
struct ThrottlingReason : ErrorDetail {
  ThrottlingReason(std::string reason, std::string resource)
      : reason(std::move(reason)), resource(std::move(resource)) {}
  std::string reason;    // "TableReadProvisionedThroughputExceeded"
  std::string resource;  // the table's ARN
};

class Throttle {
 public:
  enum class Use { kRead, kWrite };

  explicit Throttle(const Clock& clock) : clock_(clock) {}

  // Takes the least that a request can cost. Errors, with a ThrottlingReason: kThroughputExceeded
  // (provisioned), kThrottled (on demand).
  Result<void> Admit(const catalog::TableRecord& table, Use use);
  // Takes what admitted requests cost beyond that.
  void Charge(const catalog::TableRecord& table, Use use, double units, size_t requests = 1);
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
  Bucket& Filled(const catalog::TableRecord& table, Use use, double rate, double seconds);

  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<TableId, Buckets> buckets_;
};

// Where there may be no throttle.
inline Result<void> Admit(Throttle* throttle, const catalog::TableRecord& table,
                          Throttle::Use use) {
  return throttle ? throttle->Admit(table, use) : Result<void>();
}
inline void Charge(Throttle* throttle, const catalog::TableRecord& table, Throttle::Use use,
                   double units, size_t requests = 1) {
  if (throttle) throttle->Charge(table, use, units, requests);
}

}  // namespace tidemark::table
