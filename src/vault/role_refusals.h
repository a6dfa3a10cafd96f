// What jobs' roles were refused, for the audit log: found in the changes that end the jobs.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "vault/vault_store.h"

namespace tidemark::vault {

struct RoleRefusal {
  AccountId account;
  Region region;
  std::string role_arn;
  std::string_view operation;  // that asked for the work: "StartBackupJob"
  std::string resource;        // ARN of what it was about
  std::string job;             // id; empty: it is the end of a recovery point's life
};

// `store` as it is before the changes. Pure.
std::vector<RoleRefusal> RefusalsIn(const VaultStore& store, const Changes& changes);

}  // namespace tidemark::vault
