// Acts on frameworks, with the service's rules. All that change something block and are durable on
// return. Errors: faults (fault.h), beside those of storing.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "vault/framework_records.h"
#include "vault/vaults.h"

namespace tidemark::vault {

Result<Ptr<FrameworkRecord>> FindFramework(const VaultScope& scope, std::string_view name);
// Null: there is no such framework.
Ptr<FrameworkRecord> FindFrameworkByArn(const VaultScope& scope, std::string_view arn);
// The same request with the same token is answered with the framework it made. kAlreadyExists,
// kInvalidParameter, kLimitExceeded.
Result<Ptr<FrameworkRecord>> CreateFramework(const VaultScope& scope, FrameworkRecord framework,
                                             Random& random);
// What is not given stays.
struct FrameworkChange {
  std::optional<std::string> description;
  std::optional<std::vector<Control>> controls;
};
Result<Ptr<FrameworkRecord>> UpdateFramework(const VaultScope& scope, std::string_view name,
                                             const FrameworkChange& change);
Result<void> DeleteFramework(const VaultScope& scope, std::string_view name);

}  // namespace tidemark::vault
