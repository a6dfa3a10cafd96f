// Errors are causes, not wire names: api/<service>/errors.cc alone turns a kind into an AWS name,
// an HTTP status and a `__type` prefix.
#pragma once
#include <fmt/core.h>

#include <memory>
#include <string>
#include <string_view>

namespace tidemark {

enum class ErrorKind {
  // The request itself.
  kSerialization,     // not JSON, or a member of the wrong JSON type
  kUnknownOperation,  // X-Amz-Target names nothing we have
  kConstraint,        // violates the service model ("N validation errors detected: ...")
  kValidation,        // violates a rule of DynamoDB beyond the model
  kRequestTooLarge,   // body above the limit
  // Who asks.
  kMissingAuthentication,
  kIncompleteSignature,
  kInvalidSignature,
  kUnrecognizedClient,
  kExpiredToken,
  kAccessDenied,
  // What it is about.
  kResourceNotFound,  // table (data plane and table control plane)
  kResourceInUse,
  kTableNotFound,  // the backup family's own name for it
  kTableAlreadyExists,
  kTableInUse,
  kBackupNotFound,
  kBackupInUse,
  kContinuousBackupsUnavailable,
  kPitrUnavailable,
  kInvalidRestoreTime,
  kLimitExceeded,
  kConditionFailed,  // detail: table/ gives the old item where asked for
  kTransactionCanceled,
  kTransactionConflict,
  kIdempotentMismatch,
  kThrottled,
  kThroughputExceeded,  // of what a table has provisioned
  kItemCollectionTooLarge,
  kExpiredIterator,  // of a stream's shard
  kTrimmed,          // older than what streams keep
  // The machine.
  kNotFound,  // an internal thing (file, row) is not there
  kAlreadyExists,
  kCorruption,  // bytes fail their check; names what and where
  kIo,
  kNoSpace,
  kKeyDisabled,
  kUnavailable,  // a retry may help
  kBusy,         // would have to wait (a store about to stall): nothing was done, ask again soon
  kCancelled,
  kInternal,
};

// What some kinds carry besides text; found by dynamic_cast where the kind promises it.
struct ErrorDetail {
  virtual ~ErrorDetail() = default;
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;
  std::shared_ptr<const ErrorDetail> detail;  // shared: errors are copied between tasks
};

std::string_view ToString(ErrorKind kind);  // "corruption", for logs

template <class... Args>
Error MakeError(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return Error{kind, fmt::format(format, std::forward<Args>(args)...), nullptr};
}

// Puts context, known only here, before the text: "restoring run 7: <message>".
template <class... Args>
Error WithContext(Error error, fmt::format_string<Args...> format, Args&&... args) {
  error.message = fmt::format(format, std::forward<Args>(args)...) + ": " + error.message;
  return error;
}

// An errno of a failed system call: ENOSPC/EDQUOT -> kNoSpace, ENOENT -> kNotFound,
// EEXIST -> kAlreadyExists, else kIo. `what` names the call and the file.
Error FromErrno(int error_number, std::string_view what);

}  // namespace tidemark
