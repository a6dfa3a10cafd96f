// The actions of this server's services: which permission an operation needs, on which resources,
// and which condition keys a request of it has. One line an operation; the server does not start
// with one that is not here, or that is told to be one to come.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace tidemark::policy {

// Where a request names what it is about.
enum class ResourceForm {
  kEverything,            // nothing: "*", so it cannot be granted for one table
  kTable,                 // TableName
  kTableOrIndex,          // TableName and, if there is one, IndexName
  kBatch,                 // RequestItems: one check a table
  kTransaction,           // TransactItems: one check an item, for the action of its kind
  kStatements,            // of PartiQL: one check a statement, for the action of its kind
  kNewTable,              // TableCreationParameters.TableName
  kBackup,                // BackupArn
  kExport,                // ExportArn
  kImport,                // ImportArn
  kGlobalTable,           // GlobalTableName
  kRestoreFromBackup,     // BackupArn and what is written to TargetTableName
  kRestoreToPointInTime,  // SourceTableName or -Arn and what is written to TargetTableName
  kRestoreTables,         // Tables: each likewise
  kResourceArn,           // ResourceArn
  kStream,                // StreamArn
  kShardIterator,         // ShardIterator: a stream's ARN and what follows a '|'
  kKey,                   // a key of KMS, by any of its names
  kAlias,                 // an alias of one, and the keys it names and is to name
  kVault,                 // of AWS Backup: backupVaultName, and so on
  kRecoveryPoint,         // recoveryPointArn
  kPlan,                  // backupPlanId; of a new one "backup-plan:*", and the following likewise
  kLegalHold,             // legalHoldId
  kFramework,             // frameworkName
  kReportPlan,            // reportPlanName
  kRestoreTestingPlan,    // RestoreTestingPlanName
  kRoot,                  // no policy grants it: an account's root user alone may
};

// Condition keys beside the global ones and aws:ResourceTag.
enum ActionKeys : uint32_t {
  kLeadingKeys = 1 << 0,             // dynamodb:LeadingKeys
  kAttributes = 1 << 1,              // dynamodb:Attributes
  kSelect = 1 << 2,                  // dynamodb:Select, given or not
  kReturnValues = 1 << 3,            // dynamodb:ReturnValues
  kReturnConsumedCapacity = 1 << 4,  // dynamodb:ReturnConsumedCapacity
  kEnclosingOperation = 1 << 5,      // dynamodb:EnclosingOperation
  kRequestTags = 1 << 6,             // aws:RequestTag/..., aws:TagKeys
  kOnItems = 1 << 7,                 // no key: it reads or writes items, it manages nothing
  kOnMessages = 1 << 8,              // no key: it seals or opens data, likewise
  kAcrossAccounts = 1 << 9,          // no key: of KMS, also with keys of other accounts
  kFullTableScan = 1 << 10,          // dynamodb:FullTableScan
  kLockDays = 1 << 11,               // backup:ChangeableForDays, Min- and MaxRetentionDays
  kCopyTargets = 1 << 12,            // backup:CopyTargets
  kIndexSetting = 1 << 13,           // backup:Index
  kPassesRole = 1 << 14,             // no key: iam:PassRole on the role it names is needed too
  kWholeRows = 1 << 16,              // no key: it writes rows that the request does not spell out
  kFrameworkArns = 1 << 17,          // backup:FrameworkArns
  kToCome = 1 << 15,                 // no key: this server does not have the operation yet
};

struct Action {
  std::string_view operation;  // "PutItem", as the API names it
  std::string_view name;       // "dynamodb:PutItem"
  ResourceForm form;
  uint32_t keys = 0;
  // What it does as well: where a policy denies one of these explicitly, it is denied.
  std::span<const std::string_view> covers = {};
};

// Of DynamoDB, its streams and our own operations. Null: unknown.
const Action* FindAction(std::string_view operation);
bool IsBuilt(std::string_view operation);  // known, and not one to come
// The same of services whose operations have names of their own.
const Action* FindKmsAction(std::string_view operation);
const Action* FindBackupAction(std::string_view operation);
// Of "backup", "dynamodb" or "kms", by operation; none of other services.
std::span<const Action> ActionsOf(std::string_view service);
std::string_view ToString(ResourceForm form);  // "table"
// Whether an operation of "dynamodb" or "kms" uses data; all others manage something.
bool UsesData(std::string_view service, std::string_view operation);

}  // namespace tidemark::policy
