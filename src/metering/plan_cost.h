// What a rule of backups costs a month once it has run for as long as it keeps them. Pure.
#pragma once
#include <cstdint>
#include <optional>

#include "metering/prices.h"

namespace tidemark::metering {

// All in days, at least 1.
struct BackupRule {
  int64_t every = 1;
  int64_t keep = 1;
  std::optional<int64_t> cold_after;  // nothing moves to cold storage
};

struct PlanCost {
  int64_t warm = 0, cold = 0;  // backups there are at a time
  Dollars month;
  Dollars month_all_warm;  // without cold storage
};
// Of backups of `bytes` each.
PlanCost CostOf(const BackupRule& rule, uint64_t bytes, const Price& warm, const Price& cold);

}  // namespace tidemark::metering
