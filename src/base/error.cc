#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace tidemark {

std::string_view ToString(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kSerialization:
      return "serialization";
    case ErrorKind::kUnknownOperation:
      return "unknown operation";
    case ErrorKind::kConstraint:
      return "constraint";
    case ErrorKind::kValidation:
      return "validation";
    case ErrorKind::kRequestTooLarge:
      return "request too large";
    case ErrorKind::kMissingAuthentication:
      return "missing authentication";
    case ErrorKind::kIncompleteSignature:
      return "incomplete signature";
    case ErrorKind::kInvalidSignature:
      return "invalid signature";
    case ErrorKind::kUnrecognizedClient:
      return "unrecognized client";
    case ErrorKind::kExpiredToken:
      return "expired token";
    case ErrorKind::kAccessDenied:
      return "access denied";
    case ErrorKind::kResourceNotFound:
      return "resource not found";
    case ErrorKind::kResourceInUse:
      return "resource in use";
    case ErrorKind::kTableNotFound:
      return "table not found";
    case ErrorKind::kTableAlreadyExists:
      return "table already exists";
    case ErrorKind::kTableInUse:
      return "table in use";
    case ErrorKind::kBackupNotFound:
      return "backup not found";
    case ErrorKind::kBackupInUse:
      return "backup in use";
    case ErrorKind::kContinuousBackupsUnavailable:
      return "continuous backups unavailable";
    case ErrorKind::kPitrUnavailable:
      return "point-in-time recovery unavailable";
    case ErrorKind::kInvalidRestoreTime:
      return "invalid restore time";
    case ErrorKind::kLimitExceeded:
      return "limit exceeded";
    case ErrorKind::kConditionFailed:
      return "condition failed";
    case ErrorKind::kTransactionCanceled:
      return "transaction canceled";
    case ErrorKind::kTransactionConflict:
      return "transaction conflict";
    case ErrorKind::kIdempotentMismatch:
      return "idempotent parameter mismatch";
    case ErrorKind::kThrottled:
      return "throttled";
    case ErrorKind::kThroughputExceeded:
      return "throughput exceeded";
    case ErrorKind::kItemCollectionTooLarge:
      return "item collection too large";
    case ErrorKind::kExpiredIterator:
      return "expired iterator";
    case ErrorKind::kTrimmed:
      return "trimmed";
    case ErrorKind::kNotFound:
      return "not found";
    case ErrorKind::kAlreadyExists:
      return "already exists";
    case ErrorKind::kCorruption:
      return "corruption";
    case ErrorKind::kIo:
      return "I/O error";
    case ErrorKind::kNoSpace:
      return "no space";
    case ErrorKind::kKeyDisabled:
      return "key disabled";
    case ErrorKind::kBusy:
      return "busy";
    case ErrorKind::kUnavailable:
      return "unavailable";
    case ErrorKind::kCancelled:
      return "cancelled";
    case ErrorKind::kInternal:
      return "internal error";
  }
  return "unknown";
}

Error FromErrno(int error_number, std::string_view what) {
  ErrorKind kind = ErrorKind::kIo;
  if (error_number == ENOSPC || error_number == EDQUOT) kind = ErrorKind::kNoSpace;
  if (error_number == ENOENT) kind = ErrorKind::kNotFound;
  if (error_number == EEXIST) kind = ErrorKind::kAlreadyExists;
  return MakeError(kind, "{}: {}", what, std::generic_category().message(error_number));
}

}  // namespace tidemark
