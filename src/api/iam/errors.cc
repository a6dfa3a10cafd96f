#include "api/iam/errors.h"

#include "base/log.h"
#include "codec/xml_writer.h"

namespace tidemark::api::iam_query {

namespace {

struct WireForm {
  int status;
  std::string_view code;
};

WireForm FormOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kMissingAuthentication:
      return {403, "MissingAuthenticationToken"};
    case ErrorKind::kIncompleteSignature:
      return {400, "IncompleteSignature"};
    case ErrorKind::kInvalidSignature:
      return {403, "SignatureDoesNotMatch"};
    case ErrorKind::kUnrecognizedClient:
      return {403, "InvalidClientTokenId"};
    case ErrorKind::kExpiredToken:
      return {403, "ExpiredToken"};
    case ErrorKind::kAccessDenied:
      return {403, "AccessDenied"};
    case ErrorKind::kUnknownOperation:
      return {400, "InvalidAction"};
    case ErrorKind::kConstraint:
      return {400, "ValidationError"};
    case ErrorKind::kValidation:
      return {400, "InvalidInput"};
    case ErrorKind::kSerialization:
      return {400, "MalformedPolicyDocument"};
    case ErrorKind::kThrottled:
      return {400, "Throttling"};
    case ErrorKind::kRequestTooLarge:
      return {400, "PackedPolicyTooLarge"};
    case ErrorKind::kResourceNotFound:
      return {404, "NoSuchEntity"};
    case ErrorKind::kAlreadyExists:
      return {409, "EntityAlreadyExists"};
    case ErrorKind::kResourceInUse:
      return {409, "DeleteConflict"};
    case ErrorKind::kLimitExceeded:
      return {409, "LimitExceeded"};
    case ErrorKind::kBusy:
    case ErrorKind::kUnavailable:
      return {503, "ServiceUnavailable"};
    default:
      return {500, "ServiceFailure"};
  }
}

}  // namespace

http::Response ErrorResponse(const Error& error, std::string_view xmlns, std::string_view operation,
                             std::string_view request_id) {
  const WireForm form = FormOf(error.kind);
  std::string message = error.message;
  if (form.status >= 500) {
    LogError("request {} ({}) failed: {}: {}", request_id, operation, ToString(error.kind),
             error.message);
    message = fmt::format(
        "The request failed inside the server, which has logged the cause. "
        "Retrying may help. Request id: {}",
        request_id);
  }
  http::Response response;
  response.status = form.status;
  response.content_type = "text/xml";
  response.headers.emplace_back("x-amzn-RequestId", request_id);
  codec::XmlWriter w(&response.body);
  response.body = fmt::format("<ErrorResponse xmlns=\"{}\">", xmlns);
  w.Open("Error").Text("Type", form.status >= 500 ? "Receiver" : "Sender");
  w.Text("Code", form.code).Text("Message", message).Close("Error");
  w.Text("RequestId", request_id).Close("ErrorResponse");
  return response;
}

}  // namespace tidemark::api::iam_query
