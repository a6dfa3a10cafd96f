#include "restore/plan.h"

namespace tidemark::restore {
namespace {

Error Invalid(std::string_view text) {
  return MakeError(ErrorKind::kValidation, "One or more parameter values were invalid: {}", text);
}

}  // namespace

Result<catalog::TableRecord> PlanTarget(const catalog::TableRecord& source,
                                        const AccountId& account, const Region& region,
                                        std::string_view name, const Overrides& overrides) {
  using catalog::BillingMode;
  catalog::TableRecord target;
  target.account = account;
  target.region = region;
  target.name = name;
  target.keys = source.keys;
  target.attributes = source.attributes;
  target.billing = overrides.billing.value_or(source.billing);
  if (overrides.throughput) {
    if (target.billing != BillingMode::kProvisioned) {
      return Fail(
          Invalid("ProvisionedThroughputOverride can only be specified with BillingModeOverride "
                  "PROVISIONED"));
    }
    target.throughput = *overrides.throughput;
  } else if (target.billing == BillingMode::kProvisioned) {
    if (source.billing != BillingMode::kProvisioned) {
      return Fail(
          Invalid("ProvisionedThroughputOverride must be specified when BillingModeOverride is "
                  "PROVISIONED"));
    }
    target.throughput = source.throughput;
  }
  if (target.billing == BillingMode::kPayPerRequest) {
    target.on_demand = overrides.on_demand ? overrides.on_demand : source.on_demand;
  } else if (overrides.on_demand) {
    return Fail(
        Invalid("OnDemandThroughputOverride can only be specified with BillingModeOverride "
                "PAY_PER_REQUEST"));
  }
  target.sse = overrides.sse.value_or(source.sse);
  return target;
}

}  // namespace tidemark::restore
