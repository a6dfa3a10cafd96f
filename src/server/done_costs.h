// What the ledger is told of what is done once.
#pragma once
#include <vector>

#include "catalog/catalog.h"
#include "metering/entry.h"
#include "restore/restore_report.h"
#include "vault/vault_store.h"

namespace tidemark::server {

// Of each restore on record that has completed: the bytes of the restored table, and the same once
// more where they left their Region; they count for the table that they were taken from. Of each
// copy of a recovery point: its bytes, where they left their Region.
std::vector<metering::Entry> CostsOf(const restore::RestoreReports& reports,
                                     const vault::VaultStore& vaults,
                                     const catalog::Catalog& catalog);

}  // namespace tidemark::server
