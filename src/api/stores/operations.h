// Our own operations on the backup store (docs/operating/backup_store.md): for the root user of the
// account whose backups they are.
#pragma once
#include <string_view>
#include <vector>

#include "api/operation.h"
#include "backup/store_jobs.h"
#include "runtime/blocking.h"

namespace tidemark::api::stores {

inline constexpr std::string_view kStoresPrefix = "Tidemark_20261101.";

// All of it lives as long as the server.
struct StoreServices {
  backup::StoreJobs* jobs;  // null: the server was started without a store
  runtime::BlockingPool& pool;
};

// `services` must outlive what is returned. No policy grants them.
std::vector<Operation> Operations(const StoreServices& services);

}  // namespace tidemark::api::stores
