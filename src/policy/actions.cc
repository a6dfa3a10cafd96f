#include "policy/actions.h"

#include <algorithm>

#include "policy/action_tables.h"

namespace tidemark::policy {

namespace {

const Action* FindIn(std::span<const Action> actions, std::string_view operation) {
  const auto at = std::ranges::lower_bound(actions, operation, {}, &Action::operation);
  return at != actions.end() && at->operation == operation ? &*at : nullptr;
}

}  // namespace

const Action* FindAction(std::string_view operation) {
  return FindIn(DynamoDbActions(), operation);
}

bool IsBuilt(std::string_view operation) {
  const Action* action = FindAction(operation);
  return action && (action->keys & kToCome) == 0;
}

const Action* FindKmsAction(std::string_view operation) { return FindIn(KmsActions(), operation); }

const Action* FindBackupAction(std::string_view operation) {
  return FindIn(BackupActions(), operation);
}

std::span<const Action> ActionsOf(std::string_view service) {
  if (service == "backup") return BackupActions();
  if (service == "kms") return KmsActions();
  return service == "dynamodb" ? DynamoDbActions() : std::span<const Action>();
}

bool UsesData(std::string_view service, std::string_view operation) {
  if (operation == "ReEncrypt") operation = "ReEncryptFrom";
  const Action* action = service == "kms" ? FindKmsAction(operation) : FindAction(operation);
  return action && (action->keys & (kOnItems | kOnMessages)) != 0;
}

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
    case ResourceForm::kRestoreTables:
      return "restore-tables";
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
    case ResourceForm::kStatements:
      return "statements";
    case ResourceForm::kNewTable:
      return "new-table";
    case ResourceForm::kExport:
      return "export";
    case ResourceForm::kImport:
      return "import";
    case ResourceForm::kGlobalTable:
      return "global-table";
    case ResourceForm::kVault:
      return "vault";
    case ResourceForm::kRecoveryPoint:
      return "recovery-point";
    case ResourceForm::kPlan:
      return "plan";
    case ResourceForm::kLegalHold:
      return "legal-hold";
    case ResourceForm::kFramework:
      return "framework";
    case ResourceForm::kReportPlan:
      return "report-plan";
    case ResourceForm::kRestoreTestingPlan:
      return "restore-testing-plan";
    case ResourceForm::kRoot:
      return "root";
  }
  return "everything";
}

}  // namespace tidemark::policy
