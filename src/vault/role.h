// The roles with which AWS Backup does its work: they must trust it, and have what the work needs.
#pragma once
#include <memory>
#include <string_view>

#include "base/result.h"
#include "iam/directory.h"
#include "vault/records.h"

namespace tidemark::vault {

inline constexpr std::string_view kBackupService = "backup.amazonaws.com";

// The role as a session of AWS Backup, to be judged by. Fault::kInvalidParameter: that is no role
// of the account, or it does not let AWS Backup assume it.
Result<std::shared_ptr<const iam::Identity>> AssumeServiceRole(const iam::Directory& directory,
                                                               const AccountId& account,
                                                               std::string_view arn);
// kAccessDenied, in the words in which requests are refused.
Result<void> CheckRoleAllows(const iam::Identity& role, std::string_view action,
                             std::string_view resource);
// What is to be copied: a point of a vault with that policy (empty: none), of that account.
struct CopySource {
  std::string point_arn, vault_policy;
  AccountId account;
};
// That a point may be copied: out of its vault and into the other. The policy of one that is
// another account's must agree. kAccessDenied.
Result<void> CheckRoleCopies(const iam::Identity& role, const CopySource& source,
                             const VaultRecord& to);
// That neither the role nor the vault's policy (empty: none) denies it to restore a point that a
// restore testing plan chose; nobody need allow it. kAccessDenied.
Result<void> CheckRoleTests(const iam::Identity& role, const std::string& point_arn,
                            const std::string& vault_policy);
// The same of a vault that another server has, whose policy is asked there.
Result<void> CheckRoleSends(const iam::Identity& role, const CopySource& source,
                            const std::string& vault_arn);
// Everything a restore into `target` needs. kAccessDenied.
Result<void> CheckRoleRestores(const iam::Identity& role, const std::string& point_arn,
                               const std::string& source_arn, const std::string& target_arn);

}  // namespace tidemark::vault
