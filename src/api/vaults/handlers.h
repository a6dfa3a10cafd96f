// AWS Backup's operations: each checks its request's form, then acts; that the caller may has been
// checked. On the blocking pool. The answer's body; empty where the operation has none.
#pragma once
#include <string>

#include "api/vaults/call.h"

namespace tidemark::api::vault_rest {

Result<std::string> CancelLegalHold(const VaultCall& call, JsonValue body);
Result<std::string> CreateBackupPlan(const VaultCall& call, JsonValue body);
Result<std::string> CreateBackupSelection(const VaultCall& call, JsonValue body);
Result<std::string> CreateBackupVault(const VaultCall& call, JsonValue body);
Result<std::string> CreateFramework(const VaultCall& call, JsonValue body);
Result<std::string> CreateLegalHold(const VaultCall& call, JsonValue body);
Result<std::string> CreateLogicallyAirGappedBackupVault(const VaultCall& call, JsonValue body);
Result<std::string> CreateReportPlan(const VaultCall& call, JsonValue body);
Result<std::string> CreateRestoreTestingPlan(const VaultCall& call, JsonValue body);
Result<std::string> CreateRestoreTestingSelection(const VaultCall& call, JsonValue body);
Result<std::string> DeleteBackupPlan(const VaultCall& call, JsonValue body);
Result<std::string> DeleteBackupSelection(const VaultCall& call, JsonValue body);
Result<std::string> DeleteBackupVault(const VaultCall& call, JsonValue body);
Result<std::string> DeleteBackupVaultAccessPolicy(const VaultCall& call, JsonValue body);
Result<std::string> DeleteBackupVaultLockConfiguration(const VaultCall& call, JsonValue body);
Result<std::string> DeleteBackupVaultNotifications(const VaultCall& call, JsonValue body);
Result<std::string> DeleteFramework(const VaultCall& call, JsonValue body);
Result<std::string> DeleteRecoveryPoint(const VaultCall& call, JsonValue body);
Result<std::string> DeleteReportPlan(const VaultCall& call, JsonValue body);
Result<std::string> DeleteRestoreTestingPlan(const VaultCall& call, JsonValue body);
Result<std::string> DeleteRestoreTestingSelection(const VaultCall& call, JsonValue body);
Result<std::string> DescribeBackupJob(const VaultCall& call, JsonValue body);
Result<std::string> DescribeBackupVault(const VaultCall& call, JsonValue body);
Result<std::string> DescribeCopyJob(const VaultCall& call, JsonValue body);
Result<std::string> DescribeFramework(const VaultCall& call, JsonValue body);
Result<std::string> DescribeGlobalSettings(const VaultCall& call, JsonValue body);
Result<std::string> DescribeProtectedResource(const VaultCall& call, JsonValue body);
Result<std::string> DescribeRecoveryPoint(const VaultCall& call, JsonValue body);
Result<std::string> DescribeRegionSettings(const VaultCall& call, JsonValue body);
Result<std::string> DescribeReportJob(const VaultCall& call, JsonValue body);
Result<std::string> DescribeReportPlan(const VaultCall& call, JsonValue body);
Result<std::string> DescribeRestoreJob(const VaultCall& call, JsonValue body);
Result<std::string> DisassociateRecoveryPoint(const VaultCall& call, JsonValue body);
Result<std::string> DisassociateRecoveryPointFromParent(const VaultCall& call, JsonValue body);
Result<std::string> ExportBackupPlanTemplate(const VaultCall& call, JsonValue body);
Result<std::string> GetBackupPlan(const VaultCall& call, JsonValue body);
Result<std::string> GetBackupPlanFromJSON(const VaultCall& call, JsonValue body);
Result<std::string> GetBackupPlanFromTemplate(const VaultCall& call, JsonValue body);
Result<std::string> GetBackupSelection(const VaultCall& call, JsonValue body);
Result<std::string> GetBackupVaultAccessPolicy(const VaultCall& call, JsonValue body);
Result<std::string> GetBackupVaultNotifications(const VaultCall& call, JsonValue body);
Result<std::string> GetLegalHold(const VaultCall& call, JsonValue body);
Result<std::string> GetRecoveryPointRestoreMetadata(const VaultCall& call, JsonValue body);
Result<std::string> GetRestoreJobMetadata(const VaultCall& call, JsonValue body);
Result<std::string> GetRestoreTestingInferredMetadata(const VaultCall& call, JsonValue body);
Result<std::string> GetRestoreTestingPlan(const VaultCall& call, JsonValue body);
Result<std::string> GetRestoreTestingSelection(const VaultCall& call, JsonValue body);
Result<std::string> GetSupportedResourceTypes(const VaultCall& call, JsonValue body);
Result<std::string> ListBackupJobSummaries(const VaultCall& call, JsonValue body);
Result<std::string> ListBackupJobs(const VaultCall& call, JsonValue body);
Result<std::string> ListBackupPlanTemplates(const VaultCall& call, JsonValue body);
Result<std::string> ListBackupPlanVersions(const VaultCall& call, JsonValue body);
Result<std::string> ListBackupPlans(const VaultCall& call, JsonValue body);
Result<std::string> ListBackupSelections(const VaultCall& call, JsonValue body);
Result<std::string> ListBackupVaults(const VaultCall& call, JsonValue body);
Result<std::string> ListCopyJobSummaries(const VaultCall& call, JsonValue body);
Result<std::string> ListCopyJobs(const VaultCall& call, JsonValue body);
Result<std::string> ListFrameworks(const VaultCall& call, JsonValue body);
Result<std::string> ListLegalHolds(const VaultCall& call, JsonValue body);
Result<std::string> ListProtectedResources(const VaultCall& call, JsonValue body);
Result<std::string> ListProtectedResourcesByBackupVault(const VaultCall& call, JsonValue body);
Result<std::string> ListRecoveryPointsByBackupVault(const VaultCall& call, JsonValue body);
Result<std::string> ListRecoveryPointsByLegalHold(const VaultCall& call, JsonValue body);
Result<std::string> ListRecoveryPointsByResource(const VaultCall& call, JsonValue body);
Result<std::string> ListReportJobs(const VaultCall& call, JsonValue body);
Result<std::string> ListReportPlans(const VaultCall& call, JsonValue body);
Result<std::string> ListRestoreJobSummaries(const VaultCall& call, JsonValue body);
Result<std::string> ListRestoreJobs(const VaultCall& call, JsonValue body);
Result<std::string> ListRestoreJobsByProtectedResource(const VaultCall& call, JsonValue body);
Result<std::string> ListRestoreTestingPlans(const VaultCall& call, JsonValue body);
Result<std::string> ListRestoreTestingSelections(const VaultCall& call, JsonValue body);
Result<std::string> ListTags(const VaultCall& call, JsonValue body);
Result<std::string> PutBackupVaultAccessPolicy(const VaultCall& call, JsonValue body);
Result<std::string> PutBackupVaultLockConfiguration(const VaultCall& call, JsonValue body);
Result<std::string> PutBackupVaultNotifications(const VaultCall& call, JsonValue body);
Result<std::string> PutRestoreValidationResult(const VaultCall& call, JsonValue body);
Result<std::string> StartBackupJob(const VaultCall& call, JsonValue body);
Result<std::string> StartCopyJob(const VaultCall& call, JsonValue body);
Result<std::string> StartReportJob(const VaultCall& call, JsonValue body);
Result<std::string> StartRestoreJob(const VaultCall& call, JsonValue body);
Result<std::string> StopBackupJob(const VaultCall& call, JsonValue body);
Result<std::string> TagResource(const VaultCall& call, JsonValue body);
Result<std::string> UntagResource(const VaultCall& call, JsonValue body);
Result<std::string> UpdateBackupPlan(const VaultCall& call, JsonValue body);
Result<std::string> UpdateFramework(const VaultCall& call, JsonValue body);
Result<std::string> UpdateGlobalSettings(const VaultCall& call, JsonValue body);
Result<std::string> UpdateRecoveryPointLifecycle(const VaultCall& call, JsonValue body);
Result<std::string> UpdateRegionSettings(const VaultCall& call, JsonValue body);
Result<std::string> UpdateReportPlan(const VaultCall& call, JsonValue body);
Result<std::string> UpdateRestoreTestingPlan(const VaultCall& call, JsonValue body);
Result<std::string> UpdateRestoreTestingSelection(const VaultCall& call, JsonValue body);

}  // namespace tidemark::api::vault_rest
