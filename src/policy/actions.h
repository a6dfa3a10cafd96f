// The actions of this server's data plane: which permission an operation needs, on which resources,
// and which condition keys a request of it has. One line an operation; the server does not start
// with one that is not here.
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
  kBackup,                // BackupArn
  kRestoreFromBackup,     // BackupArn and what is written to TargetTableName
  kRestoreToPointInTime,  // SourceTableName or -Arn and what is written to TargetTableName
  kResourceArn,           // ResourceArn
  kStream,                // StreamArn
  kShardIterator,         // ShardIterator: a stream's ARN and what follows a '|'
  kKey,                   // a key of KMS, by any of its names
  kAlias,                 // an alias of one, and the keys it names and is to name
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
};

struct Action {
  std::string_view operation;  // "PutItem", as the API names it
  std::string_view name;       // "dynamodb:PutItem"
  ResourceForm form;
  uint32_t keys = 0;
  // What it does as well: where a policy denies one of these explicitly, it is denied.
  std::span<const std::string_view> covers = {};
};

// Null: unknown.
const Action* FindAction(std::string_view operation);
std::span<const Action> AllActions();  // by operation
std::span<const Action> AllKmsActions();
std::string_view ToString(ResourceForm form);  // "table"
// The same of KMS, whose operations have names of their own.
const Action* FindKmsAction(std::string_view operation);
// Whether an operation of "dynamodb" or "kms" uses data; all others manage something.
bool UsesData(std::string_view service, std::string_view operation);

}  // namespace tidemark::policy
