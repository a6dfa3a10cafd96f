// Acts on accounts, as users.h. All are for the server's operator.
#pragma once
#include "iam/users.h"

namespace tidemark::iam {

// A new account under `id`, or under a random one. kResourceInUse: it is there; `first` is the
// account that the server began with, which has no record. kValidation: `id` is no account's.
Result<std::shared_ptr<const AccountRecord>> CreateAccount(Directory& directory, Random& random,
                                                           Timestamp now, const AccountId& first,
                                                           std::optional<AccountId> id,
                                                           std::string name);
// A further key of an account's root user: kLimitExceeded. The only time the secret is told.
Result<AccessKey> CreateRootKey(const Scope& scope);
Result<void> DeleteRootKey(const Scope& scope, std::string_view key);

}  // namespace tidemark::iam
