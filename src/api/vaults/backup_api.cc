#include "api/vaults/backup_api.h"

#include <algorithm>

#include "api/dynamodb/members.h"
#include "api/vaults/errors.h"
#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "api/wire/json10.h"
#include "api/wire/rest.h"
#include "auth/claimed_service.h"
#include "base/assert.h"
#include "policy/actions.h"
#include "vault/fault.h"
#include "vault/vaults.h"

namespace tidemark::api {

namespace {

using vault_rest::VaultCall;

constexpr std::string_view kBackupPart = "backup:";

struct BackupOperation {
  std::string_view full_name;  // with its service
  Result<std::string> (*run)(const VaultCall& call, codec::JsonValue body);
  int status = 200;  // of its answer

  std::string_view name() const { return full_name.substr(kBackupPart.size()); }
};

// Sorted by name.
constexpr BackupOperation kBackupOperations[] = {
    {"backup:CancelLegalHold", vault_rest::CancelLegalHold, 201},
    {"backup:CreateBackupPlan", vault_rest::CreateBackupPlan},
    {"backup:CreateBackupSelection", vault_rest::CreateBackupSelection},
    {"backup:CreateBackupVault", vault_rest::CreateBackupVault},
    {"backup:CreateFramework", vault_rest::CreateFramework},
    {"backup:CreateLegalHold", vault_rest::CreateLegalHold},
    {"backup:CreateLogicallyAirGappedBackupVault", vault_rest::CreateLogicallyAirGappedBackupVault},
    {"backup:CreateReportPlan", vault_rest::CreateReportPlan},
    {"backup:CreateRestoreTestingPlan", vault_rest::CreateRestoreTestingPlan, 201},
    {"backup:CreateRestoreTestingSelection", vault_rest::CreateRestoreTestingSelection, 201},
    {"backup:DeleteBackupPlan", vault_rest::DeleteBackupPlan},
    {"backup:DeleteBackupSelection", vault_rest::DeleteBackupSelection},
    {"backup:DeleteBackupVault", vault_rest::DeleteBackupVault},
    {"backup:DeleteBackupVaultAccessPolicy", vault_rest::DeleteBackupVaultAccessPolicy},
    {"backup:DeleteBackupVaultLockConfiguration", vault_rest::DeleteBackupVaultLockConfiguration},
    {"backup:DeleteBackupVaultNotifications", vault_rest::DeleteBackupVaultNotifications},
    {"backup:DeleteFramework", vault_rest::DeleteFramework},
    {"backup:DeleteRecoveryPoint", vault_rest::DeleteRecoveryPoint},
    {"backup:DeleteReportPlan", vault_rest::DeleteReportPlan},
    {"backup:DeleteRestoreTestingPlan", vault_rest::DeleteRestoreTestingPlan, 204},
    {"backup:DeleteRestoreTestingSelection", vault_rest::DeleteRestoreTestingSelection, 204},
    {"backup:DescribeBackupJob", vault_rest::DescribeBackupJob},
    {"backup:DescribeBackupVault", vault_rest::DescribeBackupVault},
    {"backup:DescribeCopyJob", vault_rest::DescribeCopyJob},
    {"backup:DescribeFramework", vault_rest::DescribeFramework},
    {"backup:DescribeGlobalSettings", vault_rest::DescribeGlobalSettings},
    {"backup:DescribeProtectedResource", vault_rest::DescribeProtectedResource},
    {"backup:DescribeRecoveryPoint", vault_rest::DescribeRecoveryPoint},
    {"backup:DescribeRegionSettings", vault_rest::DescribeRegionSettings},
    {"backup:DescribeReportJob", vault_rest::DescribeReportJob},
    {"backup:DescribeReportPlan", vault_rest::DescribeReportPlan},
    {"backup:DescribeRestoreJob", vault_rest::DescribeRestoreJob},
    {"backup:DisassociateRecoveryPoint", vault_rest::DisassociateRecoveryPoint},
    {"backup:DisassociateRecoveryPointFromParent", vault_rest::DisassociateRecoveryPointFromParent},
    {"backup:ExportBackupPlanTemplate", vault_rest::ExportBackupPlanTemplate},
    {"backup:GetBackupPlan", vault_rest::GetBackupPlan},
    {"backup:GetBackupPlanFromJSON", vault_rest::GetBackupPlanFromJSON},
    {"backup:GetBackupPlanFromTemplate", vault_rest::GetBackupPlanFromTemplate},
    {"backup:GetBackupSelection", vault_rest::GetBackupSelection},
    {"backup:GetBackupVaultAccessPolicy", vault_rest::GetBackupVaultAccessPolicy},
    {"backup:GetBackupVaultNotifications", vault_rest::GetBackupVaultNotifications},
    {"backup:GetLegalHold", vault_rest::GetLegalHold},
    {"backup:GetRecoveryPointRestoreMetadata", vault_rest::GetRecoveryPointRestoreMetadata},
    {"backup:GetRestoreJobMetadata", vault_rest::GetRestoreJobMetadata},
    {"backup:GetRestoreTestingInferredMetadata", vault_rest::GetRestoreTestingInferredMetadata},
    {"backup:GetRestoreTestingPlan", vault_rest::GetRestoreTestingPlan},
    {"backup:GetRestoreTestingSelection", vault_rest::GetRestoreTestingSelection},
    {"backup:GetSupportedResourceTypes", vault_rest::GetSupportedResourceTypes},
    {"backup:ListBackupJobSummaries", vault_rest::ListBackupJobSummaries},
    {"backup:ListBackupJobs", vault_rest::ListBackupJobs},
    {"backup:ListBackupPlanTemplates", vault_rest::ListBackupPlanTemplates},
    {"backup:ListBackupPlanVersions", vault_rest::ListBackupPlanVersions},
    {"backup:ListBackupPlans", vault_rest::ListBackupPlans},
    {"backup:ListBackupSelections", vault_rest::ListBackupSelections},
    {"backup:ListBackupVaults", vault_rest::ListBackupVaults},
    {"backup:ListCopyJobSummaries", vault_rest::ListCopyJobSummaries},
    {"backup:ListCopyJobs", vault_rest::ListCopyJobs},
    {"backup:ListFrameworks", vault_rest::ListFrameworks},
    {"backup:ListLegalHolds", vault_rest::ListLegalHolds},
    {"backup:ListProtectedResources", vault_rest::ListProtectedResources},
    {"backup:ListProtectedResourcesByBackupVault", vault_rest::ListProtectedResourcesByBackupVault},
    {"backup:ListRecoveryPointsByBackupVault", vault_rest::ListRecoveryPointsByBackupVault},
    {"backup:ListRecoveryPointsByLegalHold", vault_rest::ListRecoveryPointsByLegalHold},
    {"backup:ListRecoveryPointsByResource", vault_rest::ListRecoveryPointsByResource},
    {"backup:ListReportJobs", vault_rest::ListReportJobs},
    {"backup:ListReportPlans", vault_rest::ListReportPlans},
    {"backup:ListRestoreJobSummaries", vault_rest::ListRestoreJobSummaries},
    {"backup:ListRestoreJobs", vault_rest::ListRestoreJobs},
    {"backup:ListRestoreJobsByProtectedResource", vault_rest::ListRestoreJobsByProtectedResource},
    {"backup:ListRestoreTestingPlans", vault_rest::ListRestoreTestingPlans},
    {"backup:ListRestoreTestingSelections", vault_rest::ListRestoreTestingSelections},
    {"backup:ListTags", vault_rest::ListTags},
    {"backup:PutBackupVaultAccessPolicy", vault_rest::PutBackupVaultAccessPolicy},
    {"backup:PutBackupVaultLockConfiguration", vault_rest::PutBackupVaultLockConfiguration},
    {"backup:PutBackupVaultNotifications", vault_rest::PutBackupVaultNotifications},
    {"backup:PutRestoreValidationResult", vault_rest::PutRestoreValidationResult, 204},
    {"backup:StartBackupJob", vault_rest::StartBackupJob},
    {"backup:StartCopyJob", vault_rest::StartCopyJob},
    {"backup:StartReportJob", vault_rest::StartReportJob},
    {"backup:StartRestoreJob", vault_rest::StartRestoreJob},
    {"backup:StopBackupJob", vault_rest::StopBackupJob},
    {"backup:TagResource", vault_rest::TagResource},
    {"backup:UntagResource", vault_rest::UntagResource},
    {"backup:UpdateBackupPlan", vault_rest::UpdateBackupPlan},
    {"backup:UpdateFramework", vault_rest::UpdateFramework},
    {"backup:UpdateGlobalSettings", vault_rest::UpdateGlobalSettings},
    {"backup:UpdateRecoveryPointLifecycle", vault_rest::UpdateRecoveryPointLifecycle},
    {"backup:UpdateRegionSettings", vault_rest::UpdateRegionSettings},
    {"backup:UpdateReportPlan", vault_rest::UpdateReportPlan},
    {"backup:UpdateRestoreTestingPlan", vault_rest::UpdateRestoreTestingPlan},
    {"backup:UpdateRestoreTestingSelection", vault_rest::UpdateRestoreTestingSelection},
};
static_assert(std::ranges::is_sorted(kBackupOperations, {}, &BackupOperation::full_name));

std::optional<wire::RestMatch> RouteOf(const http::Request& request) {
  return wire::MatchRoute(vault_rest::kRoutes, request.method, request.path);
}

// Null: it is not available.
const BackupOperation* FindBackupOperation(std::string_view name) {
  const auto* at = std::ranges::lower_bound(kBackupOperations, name, {}, &BackupOperation::name);
  return at != std::end(kBackupOperations) && at->name() == name ? at : nullptr;
}

Error NoSuchOperation(const std::optional<wire::RestMatch>& match) {
  if (!match) return Error{ErrorKind::kUnknownOperation, "", nullptr};
  return MakeError(ErrorKind::kUnknownOperation, "{} is not available in this version of Tidemark",
                   match->route->operation);
}

// Of a request that may do what it asks for: the owner of a recovery point that another account
// takes from is told.
void TellOwner(const VaultCall& call, std::string_view operation, codec::JsonValue body,
               audit::Event* event) {
  if (operation != "StartCopyJob" && operation != "StartRestoreJob") return;
  const std::string_view arn = dynamodb::TextMember(body, "RecoveryPointArn");
  const auto place = vault::PlaceOfPoint(arn);
  if (!place || place->account == call.scope.place.account) return;
  event->resource = arn;
  event->owner = place->account;
}

// Tells `event`, which may be null, what the request is about.
Result<std::string> RunBackup(const BackupOperation& operation, const wire::RestMatch& match,
                              const VaultCall& call, audit::Event* event) {
  thread_local codec::JsonParser parser;
  TM_TRY(const std::string document,
         wire::RequestDocument(match, call.request.query, call.request.body));
  auto json = parser.Parse(document);
  if (!json) return Fail(Error{ErrorKind::kSerialization, "", nullptr});
  if (event) event->resource = Auditor::ResourceOf(*json);
  TM_TRYV(AuthorizeCall(call, *policy::FindBackupAction(operation.name()), *json));
  if (event) TellOwner(call, operation.name(), *json, event);
  return operation.run(call, *json);
}

}  // namespace

BackupApi::BackupApi(VaultServices services) : services_(std::move(services)) {
  TM_ASSERT(std::ranges::all_of(kBackupOperations, [](const BackupOperation& operation) {
    const policy::Action* action = policy::FindBackupAction(operation.name());
    return action && (action->keys & policy::kToCome) == 0;
  }));
}

bool BackupApi::Claims(const http::Request& request) {
  return request.path.size() > 1 && auth::ClaimedService(request) == "backup";
}

std::vector<std::string_view> BackupApi::OperationNames() {
  std::vector<std::string_view> names;
  for (const auto& operation : kBackupOperations) names.push_back(operation.full_name);
  return names;
}

std::optional<size_t> BackupApi::OperationOf(const http::Request& request) {
  const auto match = RouteOf(request);
  const auto* found = match ? FindBackupOperation(match->route->operation) : nullptr;
  if (!found) return std::nullopt;
  return static_cast<size_t>(found - kBackupOperations);
}

Result<void> BackupApi::CheckRead(const auth::Principal& principal, const http::Request& request,
                                  std::string_view arn, codec::JsonValue body,
                                  const AccountId& owner) const {
  const VaultCall call{
      .services = services_,
      .principal = principal,
      .request = request,
      .scope = {services_.store, {owner, principal.region}, services_.now(principal.region)}};
  return vault_rest::AuthorizeRead(call, arn, body);
}

asio::awaitable<http::Response> BackupApi::Handle(const http::Request& request,
                                                  const std::string& request_id) const {
  std::optional<audit::Event> event;
  auto response = co_await Answer(request, request_id, &event);
  if (event) co_await services_.auditor->Finish(*std::move(event), response);
  co_return response;
}

asio::awaitable<http::Response> BackupApi::Answer(const http::Request& request,
                                                  const std::string& request_id,
                                                  std::optional<audit::Event>* event) const {
  const auto match = RouteOf(request);
  const std::string_view name = match ? match->route->operation : request.path;
  const auto refuse = [&](const Error& error) {
    return vault_rest::ErrorResponse(error, name, request_id);
  };
  auto principal = services_.authenticator.Authenticate(request, "backup");
  if (services_.auditor) {
    *event = services_.auditor->Begin(principal ? &*principal : nullptr, request, "backup", name,
                                      request_id);
  }
  if (!principal) co_return refuse(principal.error());
  if (services_.copy_jobs.IsOfPeer(principal->region)) {
    co_return refuse(vault::MakeFault(
        vault::Fault::kInvalidRequest,
        fmt::format("Region {} is on another server, as --peer says: send the request there",
                    principal->region.value)));
  }
  const auto* operation = match ? FindBackupOperation(match->route->operation) : nullptr;
  if (!operation) co_return refuse(NoSuchOperation(match));
  const VaultCall call{.services = services_,
                       .principal = *principal,
                       .request = request,
                       .scope = {services_.store,
                                 {principal->account, principal->region},
                                 services_.now(principal->region)}};
  auto run = [&] { return RunBackup(*operation, *match, call, *event ? &**event : nullptr); };
  auto answer = co_await runtime::Blocking(services_.pool, run);
  if (!answer) co_return refuse(answer.error());
  co_return wire::JsonResponse("application/json", operation->status, *std::move(answer),
                               request_id);
}

}  // namespace tidemark::api
