// What is wrong with a request to AWS Backup, more finely than an ErrorKind tells: the detail of
// such errors. api/vaults/errors.cc turns it into a name on the wire.
#pragma once
#include <string>

#include "base/result.h"

namespace tidemark::vault {

enum class Fault {
  kAlreadyExists,
  kInvalidParameter,
  kMissingParameter,
  kInvalidRequest,        // right parameters, wrong state
  kInvalidResourceState,  // of a recovery point
  kNotFound,
  kLimitExceeded,
};

struct FaultDetail : ErrorDetail {
  explicit FaultDetail(Fault what) : fault(what) {}
  Fault fault;
  std::string code;                     // "ERROR_9101", where the service's is known
  std::string arn, creator_request_id;  // of kAlreadyExists: what exists
};

Error MakeFault(Fault fault, std::string message, std::string code = {});

template <class... Args>
Unexpected FailWith(Fault fault, fmt::format_string<Args...> format, Args&&... args) {
  return Unexpected(MakeFault(fault, fmt::format(format, std::forward<Args>(args)...)));
}

// Null: the error is of another kind.
const FaultDetail* FaultOf(const Error& error);

}  // namespace tidemark::vault
