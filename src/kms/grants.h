// Grants: what a principal may do with a key beside policies. Acts block and are durable on return.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kms/keys.h"

namespace tidemark::kms {

// A grant's token: names it to whoever may retire it.
std::string TokenOf(const GrantRecord& grant);
// kInvalidGrantToken.
struct NamedGrant {
  KeyId key;
  std::string grant;
};
Result<NamedGrant> ReadToken(std::string_view token);

// With the same name, grantee and terms as one there is: that one, as the service does.
// kLimitExceeded, kDisabled, kInvalidState.
Result<GrantPtr> CreateGrant(const KeyScope& scope, GrantRecord grant);
// kInvalidGrantId.
Result<GrantPtr> FindGrant(const KeyScope& scope, const KeyId& key, std::string_view grant);
// Of all keys of the account and Region, in order of ids.
std::vector<GrantPtr> RetirableGrants(const KeyScope& scope, std::string_view principal);

// A use of a key that grants may allow.
struct GrantUse {
  std::string_view operation;  // "Decrypt"
  const EncryptionContext& context;
  const GrantRecord* made = nullptr;  // of CreateGrant: the new one
};
// Whether a grant lets `principal` do that. Who was granted CreateGrant passes on no more than the
// grant itself gives, and under the same constraints at least.
bool IsGranted(const KeyStore& store, const KeyRecord& key, std::string_view principal,
               const GrantUse& use);

}  // namespace tidemark::kms
