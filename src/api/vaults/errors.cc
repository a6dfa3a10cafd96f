#include "api/vaults/errors.h"

#include "api/wire/json10.h"
#include "api/wire/shape_reader.h"
#include "base/log.h"
#include "codec/json_writer.h"
#include "kms/fault.h"
#include "vault/fault.h"

namespace tidemark::api::vault_rest {

namespace {

using vault::Fault;

struct BackupForm {
  int status;
  std::string_view name;
};

BackupForm FormOf(Fault fault) {
  switch (fault) {
    case Fault::kAlreadyExists:
      return {400, "AlreadyExistsException"};
    case Fault::kInvalidParameter:
      return {400, "InvalidParameterValueException"};
    case Fault::kMissingParameter:
      return {400, "MissingParameterValueException"};
    case Fault::kInvalidRequest:
      return {400, "InvalidRequestException"};
    case Fault::kInvalidResourceState:
      return {400, "InvalidResourceStateException"};
    case Fault::kNotFound:
      return {400, "ResourceNotFoundException"};
    case Fault::kLimitExceeded:
      return {400, "LimitExceededException"};
  }
  return {500, "ServiceUnavailableException"};
}

bool IsMissingMember(const Error& error) {
  return dynamic_cast<const wire::MissingMember*>(error.detail.get()) != nullptr;
}

BackupForm FormOf(const Error& error) {
  if (const auto* detail = vault::FaultOf(error)) return FormOf(detail->fault);
  if (kms::FaultOf(error)) return FormOf(Fault::kInvalidParameter);
  switch (error.kind) {
    case ErrorKind::kSerialization:
      return {400, "SerializationException"};
    case ErrorKind::kUnknownOperation:
      return {404, "UnknownOperationException"};
    case ErrorKind::kConstraint:
      return FormOf(IsMissingMember(error) ? Fault::kMissingParameter : Fault::kInvalidParameter);
    case ErrorKind::kValidation:
      return FormOf(Fault::kInvalidParameter);
    case ErrorKind::kMissingAuthentication:
      return {403, "MissingAuthenticationTokenException"};
    case ErrorKind::kIncompleteSignature:
      return {403, "IncompleteSignatureException"};
    case ErrorKind::kInvalidSignature:
      return {403, "InvalidSignatureException"};
    case ErrorKind::kUnrecognizedClient:
      return {403, "UnrecognizedClientException"};
    case ErrorKind::kExpiredToken:
      return {403, "ExpiredTokenException"};
    case ErrorKind::kThrottled:
      return {429, "ThrottlingException"};
    case ErrorKind::kAccessDenied:
      return {403, "AccessDeniedException"};
    default:
      return {500, "ServiceUnavailableException"};
  }
}

void WriteDetail(const vault::FaultDetail& detail, codec::JsonWriter* w) {
  if (!detail.code.empty()) w->Field("Code", detail.code);
  if (!detail.arn.empty()) w->Field("Arn", detail.arn);
  if (!detail.creator_request_id.empty()) w->Field("CreatorRequestId", detail.creator_request_id);
}

}  // namespace

http::Response ErrorResponse(const Error& error, std::string_view operation,
                             std::string_view request_id) {
  const BackupForm form = FormOf(error);
  std::string message = error.message;
  if (form.status >= 500) {
    LogError("request {} ({}) failed: {}: {}", request_id, operation, ToString(error.kind),
             error.message);
    message = fmt::format(
        "The request failed inside the server, which has logged the cause. Retrying may help. "
        "Request id: {}",
        request_id);
  }
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject();
  if (const auto* detail = vault::FaultOf(error)) WriteDetail(*detail, &w);
  w.Field("Message", message).Field("Type", form.status < 500 ? "User" : "Service").EndObject();
  auto response = wire::JsonResponse("application/json", form.status, std::move(body), request_id);
  response.headers.emplace_back("x-amzn-ErrorType", form.name);
  return response;
}

}  // namespace tidemark::api::vault_rest
