#include "api/kms/errors.h"

#include "api/wire/json10.h"
#include "base/log.h"
#include "codec/json_writer.h"
#include "kms/fault.h"

namespace tidemark::api::kms_json {

namespace {

using kms::Fault;

struct KmsForm {
  int status;
  std::string_view name;
};

std::string_view NameOf(Fault fault) {
  switch (fault) {
    case Fault::kNotFound:
      return "NotFoundException";
    case Fault::kDisabled:
      return "DisabledException";
    case Fault::kInvalidState:
      return "KMSInvalidStateException";
    case Fault::kInvalidCiphertext:
      return "InvalidCiphertextException";
    case Fault::kIncorrectKey:
      return "IncorrectKeyException";
    case Fault::kAlreadyExists:
      return "AlreadyExistsException";
    case Fault::kInvalidAliasName:
      return "InvalidAliasNameException";
    case Fault::kReservedAlias:
      return "NotAuthorizedException";
    case Fault::kInvalidArn:
      return "InvalidArnException";
    case Fault::kInvalidMarker:
      return "InvalidMarkerException";
    case Fault::kInvalidGrantId:
      return "InvalidGrantIdException";
    case Fault::kInvalidGrantToken:
      return "InvalidGrantTokenException";
    case Fault::kInvalidKeyUsage:
      return "InvalidKeyUsageException";
    case Fault::kLimitExceeded:
      return "LimitExceededException";
    case Fault::kMalformedPolicy:
      return "MalformedPolicyDocumentException";
    case Fault::kTag:
      return "TagException";
    case Fault::kUnsupported:
      return "UnsupportedOperationException";
    case Fault::kDryRun:
      return "DryRunOperationException";
  }
  return "KMSInternalException";
}

KmsForm FormOf(const Error& error) {
  if (const auto* detail = kms::FaultOf(error)) return {400, NameOf(detail->fault)};
  switch (error.kind) {
    case ErrorKind::kSerialization:
      return {400, "SerializationException"};
    case ErrorKind::kUnknownOperation:
      return {400, "UnknownOperationException"};
    case ErrorKind::kConstraint:
    case ErrorKind::kValidation:
      return {400, "ValidationException"};
    case ErrorKind::kMissingAuthentication:
      return {400, "MissingAuthenticationTokenException"};
    case ErrorKind::kIncompleteSignature:
      return {400, "IncompleteSignatureException"};
    case ErrorKind::kInvalidSignature:
      return {400, "InvalidSignatureException"};
    case ErrorKind::kUnrecognizedClient:
      return {400, "UnrecognizedClientException"};
    case ErrorKind::kExpiredToken:
      return {400, "ExpiredTokenException"};
    case ErrorKind::kAccessDenied:
      return {400, "AccessDeniedException"};
    case ErrorKind::kBusy:
    case ErrorKind::kUnavailable:
      return {503, "DependencyTimeoutException"};
    default:
      return {500, "KMSInternalException"};
  }
}

}  // namespace

http::Response ErrorResponse(const Error& error, std::string_view operation,
                             std::string_view request_id) {
  const KmsForm form = FormOf(error);
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
  w.BeginObject().Field("__type", form.name);
  if (!message.empty()) w.Field("message", message);
  w.EndObject();
  return wire::JsonResponse(wire::kJson11, form.status, std::move(body), request_id);
}

}  // namespace tidemark::api::kms_json
