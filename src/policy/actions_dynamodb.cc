#include <algorithm>

#include "policy/action_tables.h"

namespace tidemark::policy {

namespace {

constexpr uint32_t kItemKeys = kOnItems | kLeadingKeys | kAttributes | kReturnConsumedCapacity;
constexpr uint32_t kWriteKeys = kItemKeys | kReturnValues;
constexpr uint32_t kStatementKeys =
    kOnItems | kLeadingKeys | kAttributes | kEnclosingOperation | kToCome;
constexpr uint32_t kInTransaction = kOnItems | kLeadingKeys | kAttributes | kEnclosingOperation;

// Reads and writes of items by our own operations. Their facts are those of whole items.
constexpr uint32_t kPastKeys = kLeadingKeys | kAttributes;
constexpr std::string_view kReadsItem[] = {"dynamodb:GetItem"};
constexpr std::string_view kReadsTable[] = {"dynamodb:Scan"};
constexpr std::string_view kRestoresTable[] = {"dynamodb:RestoreTableToPointInTime"};
// A policy that keeps a backup from being restored keeps it from being read.
constexpr std::string_view kReadsBackup[] = {"backup:StartRestoreJob",
                                             "dynamodb:RestoreTableFromBackup"};
// They tell the keys of the items that they leave alone, too.
constexpr std::string_view kWritesItems[] = {"dynamodb:BatchWriteItem", "dynamodb:DeleteItem",
                                             "dynamodb:PutItem", "dynamodb:Scan"};

// Sorted by operation.
constexpr Action kActions[] = {
    {"BatchExecuteStatement", "dynamodb:BatchExecuteStatement", ResourceForm::kStatements,
     kOnItems | kToCome},
    {"BatchGetItem", "dynamodb:BatchGetItem", ResourceForm::kBatch, kItemKeys | kSelect},
    {"BatchWriteItem", "dynamodb:BatchWriteItem", ResourceForm::kBatch, kItemKeys},
    {"CancelTableRestore", "tidemark:CancelTableRestore", ResourceForm::kTable},
    {"CollectBackupStore", "tidemark:CollectBackupStore", ResourceForm::kEverything},
    {"ConditionCheckItem", "dynamodb:ConditionCheckItem", ResourceForm::kTable, kInTransaction},
    {"CopyBackup", "", ResourceForm::kRoot},
    {"CreateAccount", "", ResourceForm::kRoot},
    {"CreateAccountKey", "", ResourceForm::kRoot},
    {"CreateBackup", "dynamodb:CreateBackup", ResourceForm::kTable},
    {"CreateGlobalTable", "dynamodb:CreateGlobalTable", ResourceForm::kGlobalTable, kToCome},
    {"CreateTable", "dynamodb:CreateTable", ResourceForm::kTable, kRequestTags},
    {"DeleteAccountKey", "", ResourceForm::kRoot},
    {"DeleteBackup", "dynamodb:DeleteBackup", ResourceForm::kBackup},
    {"DeleteItem", "dynamodb:DeleteItem", ResourceForm::kTable, kWriteKeys | kEnclosingOperation},
    {"DeleteResourcePolicy", "dynamodb:DeleteResourcePolicy", ResourceForm::kResourceArn},
    {"DeleteStoredBackup", "tidemark:DeleteStoredBackup", ResourceForm::kEverything},
    {"DeleteTable", "dynamodb:DeleteTable", ResourceForm::kTable},
    {"DescribeBackup", "dynamodb:DescribeBackup", ResourceForm::kBackup},
    {"DescribeContinuousBackups", "dynamodb:DescribeContinuousBackups", ResourceForm::kTable},
    {"DescribeContributorInsights", "dynamodb:DescribeContributorInsights",
     ResourceForm::kTableOrIndex, kToCome},
    {"DescribeEndpoints", "dynamodb:DescribeEndpoints", ResourceForm::kEverything},
    {"DescribeExport", "dynamodb:DescribeExport", ResourceForm::kExport, kToCome},
    {"DescribeGlobalTable", "dynamodb:DescribeGlobalTable", ResourceForm::kGlobalTable, kToCome},
    {"DescribeGlobalTableSettings", "dynamodb:DescribeGlobalTableSettings",
     ResourceForm::kGlobalTable, kToCome},
    {"DescribeImport", "dynamodb:DescribeImport", ResourceForm::kImport, kToCome},
    {"DescribeItemRestore", "tidemark:DescribeItemRestore", ResourceForm::kEverything},
    {"DescribeKinesisStreamingDestination", "dynamodb:DescribeKinesisStreamingDestination",
     ResourceForm::kTable, kToCome},
    {"DescribeLimits", "dynamodb:DescribeLimits", ResourceForm::kEverything},
    {"DescribeStoreJob", "tidemark:DescribeStoreJob", ResourceForm::kEverything},
    {"DescribeStream", "dynamodb:DescribeStream", ResourceForm::kStream},
    {"DescribeTable", "dynamodb:DescribeTable", ResourceForm::kTable},
    {"DescribeTableReplicaAutoScaling", "dynamodb:DescribeTableReplicaAutoScaling",
     ResourceForm::kTable, kToCome},
    {"DescribeTableRestore", "tidemark:DescribeTableRestore", ResourceForm::kTable},
    {"DescribeTimeToLive", "dynamodb:DescribeTimeToLive", ResourceForm::kTable},
    {"DiffTable", "tidemark:DiffTable", ResourceForm::kTable, kPastKeys, kReadsTable},
    {"DisableKinesisStreamingDestination", "dynamodb:DisableKinesisStreamingDestination",
     ResourceForm::kTable, kToCome},
    {"EnableKinesisStreamingDestination", "dynamodb:EnableKinesisStreamingDestination",
     ResourceForm::kTable, kToCome},
    {"EstimateCost", "tidemark:EstimateCost", ResourceForm::kTable},
    {"ExecuteStatement", "dynamodb:ExecuteStatement", ResourceForm::kStatements,
     kOnItems | kToCome},
    {"ExecuteTransaction", "dynamodb:ExecuteTransaction", ResourceForm::kStatements,
     kOnItems | kToCome},
    {"ExportTableToPointInTime", "dynamodb:ExportTableToPointInTime", ResourceForm::kTable,
     kToCome},
    {"FetchStoredBackup", "", ResourceForm::kRoot},
    {"GetAdvice", "tidemark:GetAdvice", ResourceForm::kEverything},
    {"GetCosts", "tidemark:GetCosts", ResourceForm::kEverything},
    {"GetItem", "dynamodb:GetItem", ResourceForm::kTable,
     kItemKeys | kSelect | kEnclosingOperation},
    {"GetItemHistory", "tidemark:GetItemHistory", ResourceForm::kTable, kPastKeys, kReadsItem},
    {"GetPriceBook", "tidemark:GetPriceBook", ResourceForm::kEverything},
    {"GetRecords", "dynamodb:GetRecords", ResourceForm::kShardIterator, kOnItems},
    {"GetResourcePolicy", "dynamodb:GetResourcePolicy", ResourceForm::kResourceArn},
    {"GetServerCosts", "", ResourceForm::kRoot},
    {"GetSettingsHistory", "tidemark:GetSettingsHistory", ResourceForm::kTable},
    {"GetShardIterator", "dynamodb:GetShardIterator", ResourceForm::kStream, kOnItems},
    {"GetTableActivity", "tidemark:GetTableActivity", ResourceForm::kTable},
    {"ImportTable", "dynamodb:ImportTable", ResourceForm::kNewTable, kToCome},
    {"ListAccounts", "", ResourceForm::kRoot},
    {"ListBackups", "dynamodb:ListBackups", ResourceForm::kEverything},
    {"ListContributorInsights", "dynamodb:ListContributorInsights", ResourceForm::kEverything,
     kToCome},
    {"ListDeletedTables", "tidemark:ListDeletedTables", ResourceForm::kEverything},
    {"ListExports", "dynamodb:ListExports", ResourceForm::kEverything, kToCome},
    {"ListGlobalTables", "dynamodb:ListGlobalTables", ResourceForm::kEverything, kToCome},
    {"ListImports", "dynamodb:ListImports", ResourceForm::kEverything, kToCome},
    {"ListItemRestores", "tidemark:ListItemRestores", ResourceForm::kEverything},
    {"ListMoments", "tidemark:ListMoments", ResourceForm::kTable},
    {"ListStoredBackups", "", ResourceForm::kRoot},
    {"ListStreams", "dynamodb:ListStreams", ResourceForm::kEverything},
    {"ListTableRestores", "tidemark:ListTableRestores", ResourceForm::kEverything},
    {"ListTables", "dynamodb:ListTables", ResourceForm::kEverything},
    {"ListTagsOfResource", "dynamodb:ListTagsOfResource", ResourceForm::kResourceArn},
    {"LookupEvents", "tidemark:LookupEvents", ResourceForm::kEverything},
    {"PartiQLDelete", "dynamodb:PartiQLDelete", ResourceForm::kTable,
     kStatementKeys | kReturnValues},
    {"PartiQLInsert", "dynamodb:PartiQLInsert", ResourceForm::kTable, kStatementKeys},
    {"PartiQLSelect", "dynamodb:PartiQLSelect", ResourceForm::kTableOrIndex,
     kStatementKeys | kSelect | kFullTableScan},
    {"PartiQLUpdate", "dynamodb:PartiQLUpdate", ResourceForm::kTable,
     kStatementKeys | kReturnValues},
    {"PutItem", "dynamodb:PutItem", ResourceForm::kTable, kWriteKeys | kEnclosingOperation},
    {"PutResourcePolicy", "dynamodb:PutResourcePolicy", ResourceForm::kResourceArn},
    {"Query", "dynamodb:Query", ResourceForm::kTableOrIndex, kItemKeys | kSelect},
    {"ReadBackup", "tidemark:ReadBackup", ResourceForm::kBackup, 0, kReadsBackup},
    {"ResetPrices", "tidemark:ResetPrices", ResourceForm::kEverything},
    {"RestoreItems", "tidemark:RestoreItems", ResourceForm::kTable, kPastKeys | kWholeRows,
     kWritesItems},
    {"RestoreTableFromBackup", "dynamodb:RestoreTableFromBackup", ResourceForm::kRestoreFromBackup},
    {"RestoreTableToPointInTime", "dynamodb:RestoreTableToPointInTime",
     ResourceForm::kRestoreToPointInTime},
    {"RestoreTablesToPointInTime", "dynamodb:RestoreTableToPointInTime",
     ResourceForm::kRestoreTables},
    {"RewindTable", "tidemark:RewindTable", ResourceForm::kTable, kPastKeys | kWholeRows,
     kWritesItems},
    // A scan has no leading keys: granting it grants all items.
    {"Scan", "dynamodb:Scan", ResourceForm::kTableOrIndex,
     kOnItems | kAttributes | kSelect | kReturnConsumedCapacity},
    {"SetPrice", "tidemark:SetPrice", ResourceForm::kEverything},
    {"TagResource", "dynamodb:TagResource", ResourceForm::kResourceArn, kRequestTags},
    {"TransactGetItems", "dynamodb:TransactGetItems", ResourceForm::kTransaction, kInTransaction},
    {"TransactWriteItems", "dynamodb:TransactWriteItems", ResourceForm::kTransaction,
     kInTransaction},
    {"UndeleteTable", "tidemark:UndeleteTable", ResourceForm::kRestoreToPointInTime, 0,
     kRestoresTable},
    {"UntagResource", "dynamodb:UntagResource", ResourceForm::kResourceArn, kRequestTags},
    {"UpdateContinuousBackups", "dynamodb:UpdateContinuousBackups", ResourceForm::kTable},
    {"UpdateContributorInsights", "dynamodb:UpdateContributorInsights", ResourceForm::kTableOrIndex,
     kToCome},
    {"UpdateGlobalTable", "dynamodb:UpdateGlobalTable", ResourceForm::kGlobalTable, kToCome},
    {"UpdateGlobalTableSettings", "dynamodb:UpdateGlobalTableSettings", ResourceForm::kGlobalTable,
     kToCome},
    {"UpdateItem", "dynamodb:UpdateItem", ResourceForm::kTable, kWriteKeys | kEnclosingOperation},
    {"UpdateKinesisStreamingDestination", "dynamodb:UpdateKinesisStreamingDestination",
     ResourceForm::kTable, kToCome},
    {"UpdateTable", "dynamodb:UpdateTable", ResourceForm::kTable},
    {"UpdateTableReplicaAutoScaling", "dynamodb:UpdateTableReplicaAutoScaling",
     ResourceForm::kTable, kToCome},
    {"UpdateTimeToLive", "dynamodb:UpdateTimeToLive", ResourceForm::kTable},
    {"VerifyStoredBackup", "", ResourceForm::kRoot},
};
static_assert(std::ranges::is_sorted(kActions, {}, &Action::operation));

}  // namespace

std::span<const Action> DynamoDbActions() { return kActions; }

}  // namespace tidemark::policy
