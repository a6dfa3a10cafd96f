// DynamoDB's operations, bound to the services that do the work.
#pragma once
#include <vector>

#include "api/operation.h"
#include "backup/backup.h"
#include "catalog/catalog.h"
#include "pitr/past.h"
#include "pitr/window.h"
#include "restore/item_restore.h"
#include "restore/restore.h"
#include "runtime/blocking.h"
#include "streams/streams.h"
#include "table/batch.h"
#include "table/control.h"
#include "table/item_collections.h"
#include "table/item_ops.h"
#include "table/query.h"
#include "table/resource_policies.h"
#include "table/time_to_live.h"
#include "table/transact.h"

namespace tidemark::api::dynamodb {

// What operations need; all of it lives as long as the server.
struct Services {
  catalog::Catalog& catalog;
  table::Control& tables;
  table::ItemOps& items;
  table::Queries& queries;
  table::Batches& batches;
  table::ResourcePolicies& policies;
  table::TimeToLive& time_to_live;
  table::Transactions& transactions;
  table::ItemCollections& collections;
  pitr::Recovery& recovery;
  pitr::Past& past;
  backup::Backups& backups;
  restore::Restores& restores;
  restore::RestoreReports& restore_reports;
  restore::ItemRestores& item_restores;
  streams::Streams& streams;
  runtime::BlockingPool& pool;  // for what blocks: backups, restores, recovery settings
};

// `services` must outlive what is returned.
std::vector<Operation> Operations(const Services& services);

}  // namespace tidemark::api::dynamodb
