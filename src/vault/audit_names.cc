#include "vault/audit_names.h"

#include "vault/fault.h"

namespace tidemark::vault {

namespace {

constexpr size_t kAuditNameMax = 256;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

}  // namespace

Result<void> CheckAuditName(std::string_view member, std::string_view name) {
  const std::string legal = std::string(kLetters) + "_0123456789";
  if (!name.empty() && name.size() <= kAuditNameMax &&
      kLetters.find(name[0]) != std::string_view::npos &&
      name.find_first_not_of(legal) == std::string_view::npos)
    return {};
  return FailWith(Fault::kInvalidParameter,
                  "{} must have 1 to {} letters, digits and '_', a letter first: {}", member,
                  kAuditNameMax, name);
}

Error AuditNameTaken(std::string_view what, std::string_view name, const std::string& arn) {
  Error error = MakeFault(Fault::kAlreadyExists, fmt::format("{} {} already exists", what, name));
  auto detail = std::make_shared<FaultDetail>(*FaultOf(error));
  detail->arn = arn;
  error.detail = std::move(detail);
  return error;
}

}  // namespace tidemark::vault
