#include "table/throttle.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>

namespace tidemark::table {
namespace {

using catalog::BillingMode;
using catalog::TableRecord;
using Resource = Throttle::Resource;
using Use = Throttle::Use;

constexpr double kProvisionedSeconds = 300;  // of unused units that are kept
constexpr double kOnDemandSeconds = 1;

struct Limit {
  double rate = 0;  // units a second
  double seconds = 0;
};

std::optional<Limit> LimitOf(const Resource& resource, Use use) {
  const auto& throughput = resource.index ? resource.index->throughput : resource.table.throughput;
  const auto& on_demand = resource.index ? resource.index->on_demand : resource.table.on_demand;
  const auto pick = [use](int64_t read, int64_t write) {
    return static_cast<double>(use == Use::kRead ? read : write);
  };
  if (resource.table.billing == BillingMode::kProvisioned)
    return Limit{pick(throughput.read_units, throughput.write_units), kProvisionedSeconds};
  if (!on_demand) return std::nullopt;
  const double most = pick(on_demand->max_read_units, on_demand->max_write_units);
  if (most < 0) return std::nullopt;
  return Limit{most, kOnDemandSeconds};
}

double Least(Use use) { return use == Use::kRead ? 0.5 : 1; }

Unexpected Exceeded(const Resource& resource, Use use) {
  const bool provisioned = resource.table.billing == BillingMode::kProvisioned;
  std::string arn = resource.table.Arn();
  if (resource.index) arn += "/index/" + resource.index->name;
  std::string reason = resource.index ? "Index" : "Table";
  reason += use == Use::kRead ? "Read" : "Write";
  reason += provisioned ? "ProvisionedThroughputExceeded" : "MaxOnDemandThroughputExceeded";
  constexpr std::string_view kProvisioned =
      "The level of configured provisioned throughput for the table was exceeded. Consider "
      "increasing your provisioning level with the UpdateTable API.";
  constexpr std::string_view kProvisionedIndex =
      "The level of configured provisioned throughput for one or more global secondary indexes of "
      "the table was exceeded. Consider increasing your provisioning level for the "
      "under-provisioned global secondary indexes with the UpdateTable API.";
  constexpr std::string_view kOnDemand =
      "Throughput exceeds the maximum OnDemandThroughput configured on table or index";
  return Fail(Error{provisioned ? ErrorKind::kThroughputExceeded : ErrorKind::kThrottled,
                    std::string(!provisioned     ? kOnDemand
                                : resource.index ? kProvisionedIndex
                                                 : kProvisioned),
                    std::make_shared<ThrottlingReason>(std::move(reason), std::move(arn))});
}

}  // namespace

Throttle::Bucket& Throttle::Filled(const Resource& resource, Use use, double rate, double seconds) {
  const Timestamp now = clock_.Now();
  const uint16_t number = resource.index ? resource.index->definition.number : item::kPrimaryIndex;
  Buckets& buckets = buckets_[resource.table.id][number];
  Bucket& bucket = use == Use::kRead ? buckets.read : buckets.write;
  if (bucket.filled == Timestamp{}) {
    bucket = {.units = rate, .filled = now};
    return bucket;
  }
  const Micros passed = std::max(Micros(0), now - bucket.filled);
  bucket.units =
      std::min(rate * seconds, bucket.units + rate * static_cast<double>(passed.count()) / 1e6);
  bucket.filled = now;
  return bucket;
}

Result<void> Throttle::Admit(const Resource& resource, Use use) {
  const auto limit = LimitOf(resource, use);
  if (!limit) return {};
  std::lock_guard lock(mutex_);
  Bucket& bucket = Filled(resource, use, limit->rate, limit->seconds);
  if (bucket.units < Least(use)) return Exceeded(resource, use);
  bucket.units -= Least(use);
  return {};
}

void Throttle::Charge(const Resource& resource, Use use, double units, size_t requests) {
  const double more = units - Least(use) * static_cast<double>(requests);
  if (more == 0) return;  // a bucket begins with the first request for it
  const auto limit = LimitOf(resource, use);
  if (!limit) return;
  std::lock_guard lock(mutex_);
  Filled(resource, use, limit->rate, limit->seconds).units -= more;
}

void Throttle::Forget(TableId table) {
  std::lock_guard lock(mutex_);
  buckets_.erase(table);
}

Result<shard::Mutation> AdmitToIndexes(Throttle* throttle, const TableRecord& table,
                                       const std::vector<IndexCapacity>& indexes,
                                       Result<shard::Mutation> evaluated) {
  if (!throttle || !evaluated) return evaluated;
  for (const auto& index : indexes) {
    if (index.local) continue;
    TM_TRYV(throttle->Admit({table, table.FindIndex(index.name)}, Use::kWrite));
  }
  return evaluated;
}

void ChargeIndexes(Throttle* throttle, const TableRecord& table,
                   const std::vector<IndexCapacity>& indexes) {
  if (!throttle) return;
  for (const auto& index : indexes) {
    if (index.local) {
      throttle->Charge(table, Use::kWrite, index.units, /*requests=*/0);
    } else {
      throttle->Charge({table, table.FindIndex(index.name)}, Use::kWrite, index.units);
    }
  }
}

}  // namespace tidemark::table
