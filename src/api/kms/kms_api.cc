#include "api/kms/kms_api.h"

#include <algorithm>

#include "api/kms/errors.h"
#include "api/kms/handlers.h"
#include "api/kms/shapes_gen.h"
#include "api/wire/json10.h"
#include "base/assert.h"
#include "kms/fault.h"
#include "policy/actions.h"

namespace tidemark::api {

namespace {

using kms_json::KmsCall;

constexpr std::string_view kServicePart = "kms:";

struct KmsOperation {
  std::string_view full_name;  // with its service
  Result<std::string> (*run)(const KmsCall& call, codec::JsonValue body);

  std::string_view name() const { return full_name.substr(kServicePart.size()); }
};

// Sorted by name.
constexpr KmsOperation kKmsOperations[] = {
    {"kms:CancelKeyDeletion", kms_json::CancelKeyDeletion},
    {"kms:CreateAlias", kms_json::CreateAlias},
    {"kms:CreateGrant", kms_json::CreateGrant},
    {"kms:CreateKey", kms_json::CreateKey},
    {"kms:Decrypt", kms_json::Decrypt},
    {"kms:DeleteAlias", kms_json::DeleteAlias},
    {"kms:DescribeKey", kms_json::DescribeKey},
    {"kms:DisableKey", kms_json::DisableKey},
    {"kms:DisableKeyRotation", kms_json::DisableKeyRotation},
    {"kms:EnableKey", kms_json::EnableKey},
    {"kms:EnableKeyRotation", kms_json::EnableKeyRotation},
    {"kms:Encrypt", kms_json::Encrypt},
    {"kms:GenerateDataKey", kms_json::GenerateDataKey},
    {"kms:GenerateDataKeyWithoutPlaintext", kms_json::GenerateDataKeyWithoutPlaintext},
    {"kms:GenerateRandom", kms_json::GenerateRandom},
    {"kms:GetKeyPolicy", kms_json::GetKeyPolicy},
    {"kms:GetKeyRotationStatus", kms_json::GetKeyRotationStatus},
    {"kms:ListAliases", kms_json::ListAliases},
    {"kms:ListGrants", kms_json::ListGrants},
    {"kms:ListKeyPolicies", kms_json::ListKeyPolicies},
    {"kms:ListKeyRotations", kms_json::ListKeyRotations},
    {"kms:ListKeys", kms_json::ListKeys},
    {"kms:ListResourceTags", kms_json::ListResourceTags},
    {"kms:ListRetirableGrants", kms_json::ListRetirableGrants},
    {"kms:PutKeyPolicy", kms_json::PutKeyPolicy},
    {"kms:ReEncrypt", kms_json::ReEncrypt},
    {"kms:RetireGrant", kms_json::RetireGrant},
    {"kms:RevokeGrant", kms_json::RevokeGrant},
    {"kms:RotateKeyOnDemand", kms_json::RotateKeyOnDemand},
    {"kms:ScheduleKeyDeletion", kms_json::ScheduleKeyDeletion},
    {"kms:TagResource", kms_json::TagResource},
    {"kms:UntagResource", kms_json::UntagResource},
    {"kms:UpdateAlias", kms_json::UpdateAlias},
    {"kms:UpdateKeyDescription", kms_json::UpdateKeyDescription},
};
static_assert(std::ranges::is_sorted(kKmsOperations, {}, &KmsOperation::full_name));

std::string_view KmsTarget(const http::Request& request) {
  return request.Find("x-amz-target").value_or("");
}

// Of its target.
std::string_view TargetName(const http::Request& request) {
  return KmsTarget(request).substr(kms_json::kTargetPrefix.size());
}

Result<const KmsOperation*> FindKmsOperation(std::string_view name) {
  const auto* at = std::ranges::lower_bound(kKmsOperations, name, {}, &KmsOperation::name);
  if (at != std::end(kKmsOperations) && at->name() == name) return at;
  if (std::ranges::binary_search(kms_json::kUnavailableOperations, name)) {
    return kms::FailWith(kms::Fault::kUnsupported,
                         "{} is not supported: this server has symmetric encryption keys of one "
                         "Region, with material of its own",
                         name);
  }
  return Fail(Error{ErrorKind::kUnknownOperation, "", nullptr});
}

// Tells `event`, which may be null, what the request is about.
Result<std::string> RunKms(const KmsOperation& operation, const KmsCall& call,
                           audit::Event* event) {
  thread_local codec::JsonParser parser;
  auto json = parser.Parse(call.request.body);
  if (!json) return Fail(Error{ErrorKind::kSerialization, "", nullptr});
  if (event) event->resource = Auditor::ResourceOf(*json);
  return operation.run(call, *json);
}

// By what ReEncrypt is granted it is two.
bool HasPermission(const KmsOperation& operation) {
  return policy::FindKmsAction(operation.name()) || operation.name() == "ReEncrypt";
}

}  // namespace

KmsApi::KmsApi(KmsServices services) : services_(services) {
  TM_ASSERT(std::ranges::all_of(kKmsOperations, HasPermission));
}

bool KmsApi::Claims(const http::Request& request) {
  return KmsTarget(request).starts_with(kms_json::kTargetPrefix);
}

std::vector<std::string_view> KmsApi::OperationNames() {
  std::vector<std::string_view> names;
  for (const auto& operation : kKmsOperations) names.push_back(operation.full_name);
  return names;
}

std::optional<size_t> KmsApi::OperationOf(const http::Request& request) {
  const auto found = FindKmsOperation(TargetName(request));
  if (!found) return std::nullopt;
  return static_cast<size_t>(*found - kKmsOperations);
}

asio::awaitable<http::Response> KmsApi::Handle(const http::Request& request,
                                               const std::string& request_id) const {
  std::optional<audit::Event> event;
  auto response = co_await Answer(request, request_id, &event);
  const bool tells =
      event && (response.status >= 400 || services_.auditor->Wants("kms", TargetName(request)));
  if (tells) co_await services_.auditor->Finish(*std::move(event), response);
  co_return response;
}

asio::awaitable<http::Response> KmsApi::Answer(const http::Request& request,
                                               const std::string& request_id,
                                               std::optional<audit::Event>* event) const {
  const std::string_view name = TargetName(request);
  const auto refuse = [&](const Error& error) {
    return kms_json::ErrorResponse(error, name, request_id);
  };
  auto principal = services_.authenticator.Authenticate(request, "kms");
  if (services_.auditor) {
    *event = services_.auditor->Begin(principal ? &*principal : nullptr, request, "kms", name,
                                      request_id);
  }
  if (!principal) co_return refuse(principal.error());
  if (const auto here = services_.check_region(principal->region); !here)
    co_return refuse(here.error());
  const auto operation = FindKmsOperation(name);
  if (!operation) co_return refuse(operation.error());
  const KmsCall call{
      .services = services_,
      .principal = *principal,
      .request = request,
      .scope = {services_.store, principal->account, principal->region, services_.clock.Now()}};
  auto run = [&] { return RunKms(**operation, call, *event ? &**event : nullptr); };
  auto answer = co_await runtime::Blocking(services_.pool, run);
  if (!answer) co_return refuse(answer.error());
  co_return wire::JsonResponse(wire::kJson11, 200, *std::move(answer), request_id);
}

}  // namespace tidemark::api
