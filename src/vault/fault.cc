#include "vault/fault.h"

namespace tidemark::vault {

Error MakeFault(Fault fault, std::string message, std::string code) {
  ErrorKind kind = ErrorKind::kValidation;
  if (fault == Fault::kNotFound) kind = ErrorKind::kResourceNotFound;
  if (fault == Fault::kAlreadyExists) kind = ErrorKind::kAlreadyExists;
  if (fault == Fault::kLimitExceeded) kind = ErrorKind::kLimitExceeded;
  auto detail = std::make_shared<FaultDetail>(fault);
  detail->code = std::move(code);
  return Error{kind, std::move(message), std::move(detail)};
}

const FaultDetail* FaultOf(const Error& error) {
  return dynamic_cast<const FaultDetail*>(error.detail.get());
}

}  // namespace tidemark::vault
