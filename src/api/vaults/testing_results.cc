// What tests of restores restore with, and what they came to.
#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "base/random.h"
#include "vault/fault.h"
#include "vault/points.h"
#include "vault/testing_runs.h"

namespace tidemark::api::vault_rest {

Result<std::string> GetRestoreTestingInferredMetadata(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetRestoreTestingInferredMetadata(body));
  const std::string& account = call.scope.place.account.value;
  if (input.backup_vault_account_id.value_or(account) != account) {
    return vault::FailWith(vault::Fault::kInvalidParameter,
                           "BackupVaultAccountId must be that of the request, {}", account);
  }
  TM_TRYV(vault::FindPoint(call.scope, *input.backup_vault_name, *input.recovery_point_arn));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WriteTextMap("InferredMetadata", vault::TestMetadata({}, TheSystemRandom()), &w);
  w.EndObject();
  return answer;
}

Result<std::string> PutRestoreValidationResult(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParsePutRestoreValidationResult(body));
  vault::Validation validation = vault::Validation::kValidating;
  switch (*input.validation_status) {
    case RestoreValidationStatus::kFailed:
      validation = vault::Validation::kFailed;
      break;
    case RestoreValidationStatus::kSuccessful:
      validation = vault::Validation::kSuccessful;
      break;
    case RestoreValidationStatus::kTimedOut:
      validation = vault::Validation::kTimedOut;
      break;
    case RestoreValidationStatus::kValidating:
      break;
  }
  TM_TRYV(vault::PutValidation(call.scope, *input.restore_job_id, validation,
                               input.validation_status_message.value_or("")));
  call.services.worker.Wake();
  return std::string();
}

}  // namespace tidemark::api::vault_rest
