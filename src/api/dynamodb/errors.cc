#include "api/dynamodb/errors.h"

#include "api/wire/json10.h"
#include "base/log.h"
#include "codec/crc32.h"
#include "codec/json_writer.h"
#include "table/requests.h"
#include "table/resource_policies.h"
#include "table/throttle.h"
#include "table/transact_request.h"

namespace tidemark::api::dynamodb {

namespace {

constexpr std::string_view kOfService = "com.amazonaws.dynamodb.v20120810#";
constexpr std::string_view kOfProtocol = "com.amazon.coral.service#";
constexpr std::string_view kOfValidation = "com.amazon.coral.validate#";
constexpr std::string_view kOfAvailability = "com.amazon.coral.availability#";

// How a kind of error looks on the wire.
struct WireForm {
  int status;
  std::string_view prefix;
  std::string_view name;
  std::string_view message_key = "message";
  // Replaces the error's own text, which is for the log only: set for faults of the machine.
  std::string_view advice = {};
};

constexpr WireForm Fault(std::string_view advice) {
  return {500, kOfService, "InternalServerError", "message", advice};
}

constexpr WireForm Unavailable(std::string_view advice) {
  return {503, kOfAvailability, "ServiceUnavailableException", "message", advice};
}

WireForm FormOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kSerialization:
      return {400, kOfProtocol, "SerializationException", "Message"};
    case ErrorKind::kUnknownOperation:
      return {400, kOfProtocol, "UnknownOperationException"};
    case ErrorKind::kConstraint:
    case ErrorKind::kValidation:
      return {400, kOfValidation, "ValidationException"};
    case ErrorKind::kRequestTooLarge:
      return {413, kOfProtocol, "RequestEntityTooLargeException"};

    case ErrorKind::kMissingAuthentication:
      return {400, kOfProtocol, "MissingAuthenticationTokenException"};
    case ErrorKind::kIncompleteSignature:
      return {400, kOfProtocol, "IncompleteSignatureException"};
    case ErrorKind::kInvalidSignature:
      return {400, kOfProtocol, "InvalidSignatureException"};
    case ErrorKind::kUnrecognizedClient:
      return {400, kOfProtocol, "UnrecognizedClientException"};
    case ErrorKind::kExpiredToken:
      return {400, kOfProtocol, "ExpiredTokenException"};
    case ErrorKind::kAccessDenied:
    case ErrorKind::kKeyDisabled:
      return {400, kOfProtocol, "AccessDeniedException", "Message"};

    case ErrorKind::kResourceNotFound:
      return {400, kOfService, "ResourceNotFoundException"};
    case ErrorKind::kResourceInUse:
      return {400, kOfService, "ResourceInUseException"};
    case ErrorKind::kTableNotFound:
      return {400, kOfService, "TableNotFoundException"};
    case ErrorKind::kTableAlreadyExists:
      return {400, kOfService, "TableAlreadyExistsException"};
    case ErrorKind::kTableInUse:
      return {400, kOfService, "TableInUseException"};
    case ErrorKind::kBackupNotFound:
      return {400, kOfService, "BackupNotFoundException"};
    case ErrorKind::kBackupInUse:
      return {400, kOfService, "BackupInUseException"};
    case ErrorKind::kContinuousBackupsUnavailable:
      return {400, kOfService, "ContinuousBackupsUnavailableException"};
    case ErrorKind::kPitrUnavailable:
      return {400, kOfService, "PointInTimeRecoveryUnavailableException"};
    case ErrorKind::kInvalidRestoreTime:
      return {400, kOfService, "InvalidRestoreTimeException"};
    case ErrorKind::kLimitExceeded:
      return {400, kOfService, "LimitExceededException"};
    case ErrorKind::kConditionFailed:
      return {400, kOfService, "ConditionalCheckFailedException"};
    case ErrorKind::kTransactionCanceled:
      return {400, kOfService, "TransactionCanceledException", "Message"};
    case ErrorKind::kTransactionConflict:
      return {400, kOfService, "TransactionConflictException"};
    case ErrorKind::kIdempotentMismatch:
      return {400, kOfService, "IdempotentParameterMismatchException", "Message"};
    case ErrorKind::kThrottled:
      return {400, kOfAvailability, "ThrottlingException"};
    case ErrorKind::kThroughputExceeded:
      return {400, kOfService, "ProvisionedThroughputExceededException"};
    case ErrorKind::kItemCollectionTooLarge:
      return {400, kOfService, "ItemCollectionSizeLimitExceededException"};
    case ErrorKind::kExpiredIterator:
      return {400, kOfService, "ExpiredIteratorException"};
    case ErrorKind::kTrimmed:
      return {400, kOfService, "TrimmedDataAccessException"};

    case ErrorKind::kCorruption:
      return Fault(
          "Stored data failed its integrity check and was not returned. Restore the table to a new "
          "one, from a backup or to an earlier instant; the server's log names the damaged file.");
    case ErrorKind::kNoSpace:
      return Fault(
          "Nothing was written: the server's disk is full, or nearly. Delete tables or backups "
          "that are not needed, or add space; writes work again by themselves. Reads go on.");
    case ErrorKind::kIo:
      return Fault(
          "The server could not read or write its disk. Whether a write took effect is unknown: "
          "read the item before writing again. The server's log names the file and the cause.");
    case ErrorKind::kNotFound:
    case ErrorKind::kAlreadyExists:
    case ErrorKind::kInternal:
      break;
    case ErrorKind::kBusy:
    case ErrorKind::kUnavailable:
      return Unavailable("The server is busy. Retry after a short while.");
    case ErrorKind::kCancelled:
      return Unavailable(
          "The server is stopping. Whether a write took effect is unknown: read the item before "
          "writing again.");
  }
  return Fault(
      "The request failed inside the server, which has logged the cause. Retrying may help.");
}

// The two exceptions spell the member differently.
void WriteReasons(const table::ThrottlingReason& throttled, ErrorKind kind, codec::JsonWriter* w) {
  w->Key(kind == ErrorKind::kThrottled ? "throttlingReasons" : "ThrottlingReasons").BeginArray();
  w->BeginObject().Field("reason", throttled.reason).Field("resource", throttled.resource);
  w->EndObject().EndArray();
}

// The item of a failed condition, where it was asked for.
void WriteFailedItem(const Error& error, codec::JsonWriter* w) {
  auto* failure = dynamic_cast<const table::ConditionFailure*>(error.detail.get());
  if (!failure) return;
  std::string item;
  if (auto done = failure->item.AppendJson(&item); !done) {
    LogError("the item of a failed condition cannot be decoded: {}", done.error().message);
    return;
  }
  w->Key("Item").Raw(item);
}

std::string_view CancellationCode(const std::optional<Error>& reason) {
  if (!reason) return "None";
  switch (reason->kind) {
    case ErrorKind::kConditionFailed:
      return "ConditionalCheckFailed";
    case ErrorKind::kItemCollectionTooLarge:
      return "ItemCollectionSizeLimitExceeded";
    case ErrorKind::kThroughputExceeded:
      return "ProvisionedThroughputExceeded";
    case ErrorKind::kThrottled:
      return "ThrottlingError";
    default:
      return "ValidationError";
  }
}

std::string CancellationText(const table::TransactionCancelled& cancelled) {
  std::string text =
      "Transaction cancelled, please refer cancellation reasons for specific reasons [";
  for (const auto& reason : cancelled.reasons) {
    if (text.back() != '[') text += ", ";
    text += CancellationCode(reason);
  }
  return text + "]";
}

void WriteCancellationReasons(const table::TransactionCancelled& cancelled, codec::JsonWriter* w) {
  w->Key("CancellationReasons").BeginArray();
  for (const auto& reason : cancelled.reasons) {
    w->BeginObject();
    w->Field("Code", CancellationCode(reason));
    if (reason) {
      w->Field("Message", reason->message);
      WriteFailedItem(*reason, w);
    }
    w->EndObject();
  }
  w->EndArray();
}

}  // namespace

http::Response ErrorResponse(const Error& error, std::string_view operation,
                             std::string_view request_id) {
  const WireForm form = FormOf(error.kind);
  if (form.status >= 500) {
    LogError("request {} ({}) failed: {}: {}", request_id, operation, ToString(error.kind),
             error.message);
  }
  const bool no_policy = dynamic_cast<const table::PolicyNotFound*>(error.detail.get());
  const auto* cancelled = dynamic_cast<const table::TransactionCancelled*>(error.detail.get());
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject();
  w.Key("__type");
  w.BeforeValue();
  body.append("\"").append(form.prefix);
  body.append(no_policy ? "PolicyNotFoundException" : form.name).append("\"");
  if (!form.advice.empty()) {
    w.Field(form.message_key, fmt::format("{} Request id: {}", form.advice, request_id));
  } else if (cancelled) {
    w.Field(form.message_key, CancellationText(*cancelled));
    WriteCancellationReasons(*cancelled, &w);
  } else if (!error.message.empty()) {
    w.Field(form.message_key, error.message);
  }
  if (const auto* why = dynamic_cast<const table::ThrottlingReason*>(error.detail.get()))
    WriteReasons(*why, error.kind, &w);
  WriteFailedItem(error, &w);
  w.EndObject();
  return wire::Json10Response(form.status, std::move(body), request_id);
}

http::Response NotARequest(std::string_view request_id) {
  auto response = wire::Json10Response(404, "<UnknownOperationException/>\n", request_id);
  response.content_type.clear();
  return response;
}

}  // namespace tidemark::api::dynamodb
