#include "kms/fault.h"

namespace tidemark::kms {

Error MakeFault(Fault fault, std::string message) {
  ErrorKind kind = ErrorKind::kValidation;
  switch (fault) {
    case Fault::kNotFound:
      kind = ErrorKind::kResourceNotFound;
      break;
    case Fault::kDisabled:
    case Fault::kInvalidState:
      kind = ErrorKind::kKeyDisabled;
      break;
    case Fault::kInvalidCiphertext:
      kind = ErrorKind::kCorruption;
      break;
    case Fault::kLimitExceeded:
      kind = ErrorKind::kLimitExceeded;
      break;
    default:
      break;
  }
  return Error{kind, std::move(message), std::make_shared<const FaultDetail>(fault)};
}

const FaultDetail* FaultOf(const Error& error) {
  return dynamic_cast<const FaultDetail*>(error.detail.get());
}

}  // namespace tidemark::kms
