#include "api/kms/kms_api.h"

#include <algorithm>

#include "api/kms/errors.h"
#include "api/kms/handlers.h"
#include "api/kms/shapes_gen.h"
#include "api/wire/json10.h"
#include "kms/fault.h"

namespace tidemark::api {

namespace {

using kms_json::KmsCall;

struct KmsOperation {
  std::string_view name;
  Result<std::string> (*run)(const KmsCall& call, codec::JsonValue body);
};

// Sorted by name.
constexpr KmsOperation kKmsOperations[] = {
    {"CancelKeyDeletion", kms_json::CancelKeyDeletion},
    {"CreateAlias", kms_json::CreateAlias},
    {"CreateGrant", kms_json::CreateGrant},
    {"CreateKey", kms_json::CreateKey},
    {"Decrypt", kms_json::Decrypt},
    {"DeleteAlias", kms_json::DeleteAlias},
    {"DescribeKey", kms_json::DescribeKey},
    {"DisableKey", kms_json::DisableKey},
    {"DisableKeyRotation", kms_json::DisableKeyRotation},
    {"EnableKey", kms_json::EnableKey},
    {"EnableKeyRotation", kms_json::EnableKeyRotation},
    {"Encrypt", kms_json::Encrypt},
    {"GenerateDataKey", kms_json::GenerateDataKey},
    {"GenerateDataKeyWithoutPlaintext", kms_json::GenerateDataKeyWithoutPlaintext},
    {"GenerateRandom", kms_json::GenerateRandom},
    {"GetKeyPolicy", kms_json::GetKeyPolicy},
    {"GetKeyRotationStatus", kms_json::GetKeyRotationStatus},
    {"ListAliases", kms_json::ListAliases},
    {"ListGrants", kms_json::ListGrants},
    {"ListKeyPolicies", kms_json::ListKeyPolicies},
    {"ListKeyRotations", kms_json::ListKeyRotations},
    {"ListKeys", kms_json::ListKeys},
    {"ListResourceTags", kms_json::ListResourceTags},
    {"ListRetirableGrants", kms_json::ListRetirableGrants},
    {"PutKeyPolicy", kms_json::PutKeyPolicy},
    {"ReEncrypt", kms_json::ReEncrypt},
    {"RetireGrant", kms_json::RetireGrant},
    {"RevokeGrant", kms_json::RevokeGrant},
    {"RotateKeyOnDemand", kms_json::RotateKeyOnDemand},
    {"ScheduleKeyDeletion", kms_json::ScheduleKeyDeletion},
    {"TagResource", kms_json::TagResource},
    {"UntagResource", kms_json::UntagResource},
    {"UpdateAlias", kms_json::UpdateAlias},
    {"UpdateKeyDescription", kms_json::UpdateKeyDescription},
};
static_assert(std::ranges::is_sorted(kKmsOperations, {}, &KmsOperation::name));

std::string_view KmsTarget(const http::Request& request) {
  return request.Find("x-amz-target").value_or("");
}

Result<const KmsOperation*> FindKmsOperation(std::string_view name) {
  const auto* at = std::ranges::lower_bound(kKmsOperations, name, {}, &KmsOperation::name);
  if (at != std::end(kKmsOperations) && at->name == name) return at;
  if (std::ranges::binary_search(kms_json::kUnavailableOperations, name)) {
    return kms::FailWith(kms::Fault::kUnsupported,
                         "{} is not supported: this server has symmetric encryption keys of one "
                         "Region, with material of its own",
                         name);
  }
  return Fail(Error{ErrorKind::kUnknownOperation, "", nullptr});
}

Result<std::string> RunKms(const KmsOperation& operation, const KmsCall& call) {
  thread_local codec::JsonParser parser;
  auto json = parser.Parse(call.request.body);
  if (!json) return Fail(Error{ErrorKind::kSerialization, "", nullptr});
  return operation.run(call, *json);
}

}  // namespace

bool KmsApi::Claims(const http::Request& request) {
  return KmsTarget(request).starts_with(kms_json::kTargetPrefix);
}

asio::awaitable<http::Response> KmsApi::Handle(const http::Request& request,
                                               const std::string& request_id) const {
  const std::string_view name = KmsTarget(request).substr(kms_json::kTargetPrefix.size());
  const auto refuse = [&](const Error& error) {
    return kms_json::ErrorResponse(error, name, request_id);
  };
  auto principal = services_.authenticator.Authenticate(request, "kms");
  if (!principal) co_return refuse(principal.error());
  const auto operation = FindKmsOperation(name);
  if (!operation) co_return refuse(operation.error());
  const KmsCall call{
      .services = services_,
      .principal = *principal,
      .request = request,
      .scope = {services_.store, principal->account, principal->region, services_.clock.Now()}};
  auto run = [&] { return RunKms(**operation, call); };
  auto answer = co_await runtime::Blocking(services_.pool, run);
  if (!answer) co_return refuse(answer.error());
  co_return wire::JsonResponse(wire::kJson11, 200, *std::move(answer), request_id);
}

}  // namespace tidemark::api
