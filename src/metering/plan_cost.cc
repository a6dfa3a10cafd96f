#include "metering/plan_cost.h"

#include <algorithm>

namespace tidemark::metering {

PlanCost CostOf(const BackupRule& rule, uint64_t bytes, const Price& warm, const Price& cold) {
  const auto made_in = [&](int64_t days) { return (days + rule.every - 1) / rule.every; };
  const int64_t all = made_in(rule.keep);
  PlanCost cost;
  cost.warm = rule.cold_after ? std::min(made_in(*rule.cold_after), all) : all;
  cost.cold = all - cost.warm;
  const Dollars one_warm = OnceCost(warm.rate, bytes);
  cost.month = one_warm * cost.warm + OnceCost(cold.rate, bytes) * cost.cold;
  cost.month_all_warm = one_warm * all;
  return cost;
}

}  // namespace tidemark::metering
