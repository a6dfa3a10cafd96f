// What is wrong with a request about keys, more finely than an ErrorKind tells: the detail of such
// errors. api/kms/errors.cc turns it into a name on the wire.
#pragma once
#include "base/result.h"

namespace tidemark::kms {

enum class Fault {
  kNotFound,
  kDisabled,
  kInvalidState,  // pending deletion, or not what the act needs
  kInvalidCiphertext,
  kIncorrectKey,
  kAlreadyExists,
  kInvalidAliasName,
  kReservedAlias,
  kInvalidArn,
  kInvalidMarker,
  kInvalidGrantId,
  kInvalidGrantToken,
  kInvalidKeyUsage,
  kLimitExceeded,
  kMalformedPolicy,
  kTag,
  kUnsupported,
  kDryRun,
};

struct FaultDetail : ErrorDetail {
  explicit FaultDetail(Fault what) : fault(what) {}
  Fault fault;
};

// The kind is what callers outside this service make of it: a disabled key is kKeyDisabled.
Error MakeFault(Fault fault, std::string message);

template <class... Args>
Unexpected FailWith(Fault fault, fmt::format_string<Args...> format, Args&&... args) {
  return Unexpected(MakeFault(fault, fmt::format(format, std::forward<Args>(args)...)));
}

// Null: the error is of another kind.
const FaultDetail* FaultOf(const Error& error);

}  // namespace tidemark::kms
