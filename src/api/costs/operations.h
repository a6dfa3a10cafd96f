// Our own operations on what backup and recovery would cost, and what is to be mended
// (docs/costs.md).
#pragma once
#include <functional>
#include <string_view>
#include <vector>

#include "advice/advice.h"
#include "api/operation.h"
#include "catalog/catalog.h"
#include "metering/meter.h"
#include "metering/price_edits.h"
#include "runtime/blocking.h"

namespace tidemark::api::costs {

inline constexpr std::string_view kCostsPrefix = "Tidemark_20261101.";

// All of it lives as long as the server.
struct CostServices {
  const catalog::Catalog& catalog;
  const catalog::Shards& shards;
  metering::Meter& meter;
  const metering::Ledger& ledger;
  metering::PriceEdits& prices;
  AccountId first;  // of the server's operator, who may ask for the costs of all
  advice::Sources advice;
  runtime::BlockingPool& pool;
  std::function<Timestamp()> now;
};

// `services` must outlive what is returned.
std::vector<Operation> Operations(const CostServices& services);

}  // namespace tidemark::api::costs
