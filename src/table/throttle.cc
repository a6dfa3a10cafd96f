#include "table/throttle.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>

namespace tidemark::table {
namespace {

using catalog::BillingMode;
using catalog::TableRecord;
using Use = Throttle::Use;

constexpr double kProvisionedSeconds = 300;  // of unused units that are kept
constexpr double kOnDemandSeconds = 1;

struct Limit {
  double rate = 0;  // units a second
  double seconds = 0;
};

std::optional<Limit> LimitOf(const TableRecord& table, Use use) {
  const auto pick = [use](int64_t read, int64_t write) {
    return static_cast<double>(use == Use::kRead ? read : write);
  };
  if (table.billing == BillingMode::kProvisioned)
    return Limit{pick(table.throughput.read_units, table.throughput.write_units),
                 kProvisionedSeconds};
  if (!table.on_demand) return std::nullopt;
  const double most = pick(table.on_demand->max_read_units, table.on_demand->max_write_units);
  if (most < 0) return std::nullopt;
  return Limit{most, kOnDemandSeconds};
}

double Least(Use use) { return use == Use::kRead ? 0.5 : 1; }

Unexpected Exceeded(const TableRecord& table, Use use) {
  const bool provisioned = table.billing == BillingMode::kProvisioned;
  std::string reason = use == Use::kRead ? "TableRead" : "TableWrite";
  reason += provisioned ? "ProvisionedThroughputExceeded" : "MaxOnDemandThroughputExceeded";
  constexpr std::string_view kProvisioned =
      "The level of configured provisioned throughput for the table was exceeded. Consider "
      "increasing your provisioning level with the UpdateTable API.";
  constexpr std::string_view kOnDemand =
      "Throughput exceeds the maximum OnDemandThroughput configured on table or index";
  return Fail(Error{provisioned ? ErrorKind::kThroughputExceeded : ErrorKind::kThrottled,
                    std::string(provisioned ? kProvisioned : kOnDemand),
                    std::make_shared<ThrottlingReason>(std::move(reason), table.Arn())});
}

}  // namespace

Throttle::Bucket& Throttle::Filled(const TableRecord& table, Use use, double rate, double seconds) {
  const Timestamp now = clock_.Now();
  Buckets& buckets = buckets_[table.id];
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

Result<void> Throttle::Admit(const TableRecord& table, Use use) {
  const auto limit = LimitOf(table, use);
  if (!limit) return {};
  std::lock_guard lock(mutex_);
  Bucket& bucket = Filled(table, use, limit->rate, limit->seconds);
  if (bucket.units < Least(use)) return Exceeded(table, use);
  bucket.units -= Least(use);
  return {};
}

void Throttle::Charge(const TableRecord& table, Use use, double units, size_t requests) {
  const double more = units - Least(use) * static_cast<double>(requests);
  if (more == 0) return;  // a bucket begins with the first request for it
  const auto limit = LimitOf(table, use);
  if (!limit) return;
  std::lock_guard lock(mutex_);
  Filled(table, use, limit->rate, limit->seconds).units -= more;
}

void Throttle::Forget(TableId table) {
  std::lock_guard lock(mutex_);
  buckets_.erase(table);
}

}  // namespace tidemark::table
