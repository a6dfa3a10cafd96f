// Figures of how well tables are protected, and what that would cost: part of the page of metrics.
#pragma once
#include "catalog/catalog.h"
#include "metering/month_bill.h"
#include "metrics/text_writer.h"
#include "vault/vault_store.h"

namespace tidemark::server {

struct ProtectionSources {
  const catalog::Catalog& catalog;
  const vault::VaultStore& vaults;
  const metering::MonthBill& bill;
  Timestamp now;
};

// Reads records in memory only.
void AddProtection(const ProtectionSources& sources, metrics::TextWriter* page);

}  // namespace tidemark::server
