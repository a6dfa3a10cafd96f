#include "policy/actions.h"

#include <algorithm>
#include <span>

namespace tidemark::policy {

namespace {

constexpr uint32_t kItemKeys = kOnItems | kLeadingKeys | kAttributes | kReturnConsumedCapacity;
constexpr uint32_t kWriteKeys = kItemKeys | kReturnValues;
constexpr uint32_t kInTransaction = kOnItems | kLeadingKeys | kAttributes | kEnclosingOperation;

// Reads and writes of items by our own operations. Their facts are those of whole items.
constexpr uint32_t kPastKeys = kLeadingKeys | kAttributes;
constexpr std::string_view kReadsItem[] = {"dynamodb:GetItem"};
constexpr std::string_view kReadsTable[] = {"dynamodb:Scan"};
constexpr std::string_view kWritesItems[] = {"dynamodb:BatchWriteItem", "dynamodb:DeleteItem",
                                             "dynamodb:PutItem"};

constexpr uint32_t kOnKey = kOnMessages | kAcrossAccounts;

// Sorted by operation.
constexpr Action kActions[] = {
    {"BatchGetItem", "dynamodb:BatchGetItem", ResourceForm::kBatch, kItemKeys | kSelect},
    {"BatchWriteItem", "dynamodb:BatchWriteItem", ResourceForm::kBatch, kItemKeys},
    {"ConditionCheckItem", "dynamodb:ConditionCheckItem", ResourceForm::kTable, kInTransaction},
    {"CopyBackup", "", ResourceForm::kRoot},
    {"CreateAccount", "", ResourceForm::kRoot},
    {"CreateAccountKey", "", ResourceForm::kRoot},
    {"CreateBackup", "dynamodb:CreateBackup", ResourceForm::kTable},
    {"CreateTable", "dynamodb:CreateTable", ResourceForm::kTable, kRequestTags},
    {"DeleteAccountKey", "", ResourceForm::kRoot},
    {"DeleteBackup", "dynamodb:DeleteBackup", ResourceForm::kBackup},
    {"DeleteItem", "dynamodb:DeleteItem", ResourceForm::kTable, kWriteKeys | kEnclosingOperation},
    {"DeleteResourcePolicy", "dynamodb:DeleteResourcePolicy", ResourceForm::kResourceArn},
    {"DeleteTable", "dynamodb:DeleteTable", ResourceForm::kTable},
    {"DescribeBackup", "dynamodb:DescribeBackup", ResourceForm::kBackup},
    {"DescribeContinuousBackups", "dynamodb:DescribeContinuousBackups", ResourceForm::kTable},
    {"DescribeEndpoints", "dynamodb:DescribeEndpoints", ResourceForm::kEverything},
    {"DescribeItemRestore", "tidemark:DescribeItemRestore", ResourceForm::kEverything},
    {"DescribeLimits", "dynamodb:DescribeLimits", ResourceForm::kEverything},
    {"DescribeStoreJob", "", ResourceForm::kRoot},
    {"DescribeStream", "dynamodb:DescribeStream", ResourceForm::kStream},
    {"DescribeTable", "dynamodb:DescribeTable", ResourceForm::kTable},
    {"DescribeTimeToLive", "dynamodb:DescribeTimeToLive", ResourceForm::kTable},
    {"DiffTable", "tidemark:DiffTable", ResourceForm::kTable, kPastKeys, kReadsTable},
    {"FetchStoredBackup", "", ResourceForm::kRoot},
    {"GetItem", "dynamodb:GetItem", ResourceForm::kTable,
     kItemKeys | kSelect | kEnclosingOperation},
    {"GetItemHistory", "tidemark:GetItemHistory", ResourceForm::kTable, kPastKeys, kReadsItem},
    {"GetRecords", "dynamodb:GetRecords", ResourceForm::kShardIterator, kOnItems},
    {"GetResourcePolicy", "dynamodb:GetResourcePolicy", ResourceForm::kResourceArn},
    {"GetSettingsHistory", "tidemark:GetSettingsHistory", ResourceForm::kTable},
    {"GetShardIterator", "dynamodb:GetShardIterator", ResourceForm::kStream, kOnItems},
    {"GetTableActivity", "tidemark:GetTableActivity", ResourceForm::kTable},
    {"ListAccounts", "", ResourceForm::kRoot},
    {"ListBackups", "dynamodb:ListBackups", ResourceForm::kEverything},
    {"ListItemRestores", "tidemark:ListItemRestores", ResourceForm::kEverything},
    {"ListMoments", "tidemark:ListMoments", ResourceForm::kTable},
    {"ListStoredBackups", "", ResourceForm::kRoot},
    {"ListStreams", "dynamodb:ListStreams", ResourceForm::kEverything},
    {"ListTables", "dynamodb:ListTables", ResourceForm::kEverything},
    {"ListTagsOfResource", "dynamodb:ListTagsOfResource", ResourceForm::kResourceArn},
    {"LookupEvents", "tidemark:LookupEvents", ResourceForm::kEverything},
    {"PutItem", "dynamodb:PutItem", ResourceForm::kTable, kWriteKeys | kEnclosingOperation},
    {"PutResourcePolicy", "dynamodb:PutResourcePolicy", ResourceForm::kResourceArn},
    {"Query", "dynamodb:Query", ResourceForm::kTableOrIndex, kItemKeys | kSelect},
    {"RestoreItems", "tidemark:RestoreItems", ResourceForm::kTable, kPastKeys, kWritesItems},
    {"RestoreTableFromBackup", "dynamodb:RestoreTableFromBackup", ResourceForm::kRestoreFromBackup},
    {"RestoreTableToPointInTime", "dynamodb:RestoreTableToPointInTime",
     ResourceForm::kRestoreToPointInTime},
    // A scan has no leading keys: granting it grants all items.
    {"Scan", "dynamodb:Scan", ResourceForm::kTableOrIndex,
     kOnItems | kAttributes | kSelect | kReturnConsumedCapacity},
    {"TagResource", "dynamodb:TagResource", ResourceForm::kResourceArn, kRequestTags},
    {"TransactGetItems", "dynamodb:TransactGetItems", ResourceForm::kTransaction, kInTransaction},
    {"TransactWriteItems", "dynamodb:TransactWriteItems", ResourceForm::kTransaction,
     kInTransaction},
    {"UntagResource", "dynamodb:UntagResource", ResourceForm::kResourceArn, kRequestTags},
    {"UpdateContinuousBackups", "dynamodb:UpdateContinuousBackups", ResourceForm::kTable},
    {"UpdateItem", "dynamodb:UpdateItem", ResourceForm::kTable, kWriteKeys | kEnclosingOperation},
    {"UpdateTable", "dynamodb:UpdateTable", ResourceForm::kTable},
    {"UpdateTimeToLive", "dynamodb:UpdateTimeToLive", ResourceForm::kTable},
    {"VerifyStoredBackup", "", ResourceForm::kRoot},
};
static_assert(std::ranges::is_sorted(kActions, {}, &Action::operation));

// KMS's, sorted likewise. ReEncrypt needs two.
constexpr Action kKmsActions[] = {
    {"CancelKeyDeletion", "kms:CancelKeyDeletion", ResourceForm::kKey},
    {"CreateAlias", "kms:CreateAlias", ResourceForm::kAlias},
    {"CreateGrant", "kms:CreateGrant", ResourceForm::kKey, kAcrossAccounts},
    {"CreateKey", "kms:CreateKey", ResourceForm::kEverything},
    {"Decrypt", "kms:Decrypt", ResourceForm::kKey, kOnKey},
    {"DeleteAlias", "kms:DeleteAlias", ResourceForm::kAlias},
    {"DescribeKey", "kms:DescribeKey", ResourceForm::kKey, kAcrossAccounts},
    {"DisableKey", "kms:DisableKey", ResourceForm::kKey},
    {"DisableKeyRotation", "kms:DisableKeyRotation", ResourceForm::kKey},
    {"EnableKey", "kms:EnableKey", ResourceForm::kKey},
    {"EnableKeyRotation", "kms:EnableKeyRotation", ResourceForm::kKey},
    {"Encrypt", "kms:Encrypt", ResourceForm::kKey, kOnKey},
    {"GenerateDataKey", "kms:GenerateDataKey", ResourceForm::kKey, kOnKey},
    {"GenerateDataKeyWithoutPlaintext", "kms:GenerateDataKeyWithoutPlaintext", ResourceForm::kKey,
     kOnKey},
    {"GenerateRandom", "kms:GenerateRandom", ResourceForm::kEverything, kOnMessages},
    {"GetKeyPolicy", "kms:GetKeyPolicy", ResourceForm::kKey},
    {"GetKeyRotationStatus", "kms:GetKeyRotationStatus", ResourceForm::kKey, kAcrossAccounts},
    {"ListAliases", "kms:ListAliases", ResourceForm::kEverything},
    {"ListGrants", "kms:ListGrants", ResourceForm::kKey, kAcrossAccounts},
    {"ListKeyPolicies", "kms:ListKeyPolicies", ResourceForm::kKey},
    {"ListKeyRotations", "kms:ListKeyRotations", ResourceForm::kKey},
    {"ListKeys", "kms:ListKeys", ResourceForm::kEverything},
    {"ListResourceTags", "kms:ListResourceTags", ResourceForm::kKey},
    {"ListRetirableGrants", "kms:ListRetirableGrants", ResourceForm::kEverything},
    {"PutKeyPolicy", "kms:PutKeyPolicy", ResourceForm::kKey},
    {"ReEncryptFrom", "kms:ReEncryptFrom", ResourceForm::kKey, kOnKey},
    {"ReEncryptTo", "kms:ReEncryptTo", ResourceForm::kKey, kOnKey},
    {"RetireGrant", "kms:RetireGrant", ResourceForm::kKey, kAcrossAccounts},
    {"RevokeGrant", "kms:RevokeGrant", ResourceForm::kKey, kAcrossAccounts},
    {"RotateKeyOnDemand", "kms:RotateKeyOnDemand", ResourceForm::kKey},
    {"ScheduleKeyDeletion", "kms:ScheduleKeyDeletion", ResourceForm::kKey},
    {"TagResource", "kms:TagResource", ResourceForm::kKey},
    {"UntagResource", "kms:UntagResource", ResourceForm::kKey},
    {"UpdateAlias", "kms:UpdateAlias", ResourceForm::kAlias},
    {"UpdateKeyDescription", "kms:UpdateKeyDescription", ResourceForm::kKey},
};
static_assert(std::ranges::is_sorted(kKmsActions, {}, &Action::operation));

const Action* FindIn(std::span<const Action> actions, std::string_view operation) {
  const auto at = std::ranges::lower_bound(actions, operation, {}, &Action::operation);
  return at != actions.end() && at->operation == operation ? &*at : nullptr;
}

}  // namespace

const Action* FindAction(std::string_view operation) { return FindIn(kActions, operation); }

const Action* FindKmsAction(std::string_view operation) { return FindIn(kKmsActions, operation); }

bool UsesData(std::string_view service, std::string_view operation) {
  if (operation == "ReEncrypt") operation = "ReEncryptFrom";
  const Action* action = service == "kms" ? FindKmsAction(operation) : FindAction(operation);
  return action && (action->keys & (kOnItems | kOnMessages)) != 0;
}

std::span<const Action> AllActions() { return kActions; }

std::span<const Action> AllKmsActions() { return kKmsActions; }

std::string_view ToString(ResourceForm form) {
  switch (form) {
    case ResourceForm::kEverything:
      return "everything";
    case ResourceForm::kTable:
      return "table";
    case ResourceForm::kTableOrIndex:
      return "table-or-index";
    case ResourceForm::kBatch:
      return "batch";
    case ResourceForm::kTransaction:
      return "transaction";
    case ResourceForm::kBackup:
      return "backup";
    case ResourceForm::kRestoreFromBackup:
      return "restore-from-backup";
    case ResourceForm::kRestoreToPointInTime:
      return "restore-to-point-in-time";
    case ResourceForm::kResourceArn:
      return "resource-arn";
    case ResourceForm::kStream:
      return "stream";
    case ResourceForm::kShardIterator:
      return "shard-iterator";
    case ResourceForm::kKey:
      return "key";
    case ResourceForm::kAlias:
      return "alias";
    case ResourceForm::kRoot:
      return "root";
  }
  return "everything";
}

}  // namespace tidemark::policy
