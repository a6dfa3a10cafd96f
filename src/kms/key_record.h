// What is stored of a customer's key, of its aliases and of its grants: one record each, replaced
// whole. Values. Bytes: docs/formats/keys.md.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace tidemark::kms {

using KeyId = Uuid<struct KeyIdTag>;
using EncryptionContext = std::map<std::string, std::string>;

// kDeleted: nobody sees it any more; the record only remembers that there was such a key, and has
// no material.
enum class KeyState { kEnabled, kDisabled, kPendingDeletion, kDeleted };
enum class RotationType { kNone, kAutomatic, kOnDemand };

std::string_view ToString(KeyState state);     // "Enabled", "PendingDeletion", ...
std::string_view ToString(RotationType type);  // "AUTOMATIC", "ON_DEMAND"

// 256 bits under which messages are sealed. Replaced by rotation; older ones stay, to open what
// they sealed.
struct KeyMaterial {
  std::string id;                               // 64 hex digits
  Bytes wrapped;                                // under the root key, for MaterialContext
  Timestamp created;                            // when it became the current one
  RotationType rotation = RotationType::kNone;  // how; the first one: kNone
  bool operator==(const KeyMaterial&) const = default;
};

struct KeyRotation {
  bool enabled = false;
  int period_days = 365;
  Timestamp from{};  // a period after this, or after the last automatic rotation, is the next
  bool operator==(const KeyRotation&) const = default;
};

struct KeyRecord {
  AccountId account;
  Region region;
  KeyId id;
  KeyState state = KeyState::kEnabled;
  bool of_service = false;  // KeyManager AWS: made and used by DynamoDB alone
  std::string description;
  Timestamp created{};
  std::optional<Timestamp> deletion;  // of kPendingDeletion
  std::string policy;                 // as it was given
  std::map<std::string, std::string> tags;
  KeyRotation rotation;
  std::vector<KeyMaterial> materials;  // the last one is current; by number, from 0
  bool operator==(const KeyRecord&) const = default;

  std::string Arn() const;  // arn:aws:kms:REGION:ACCOUNT:key/ID
  const KeyMaterial& current() const { return materials.back(); }
  // When it is next rotated by itself; nothing: rotation is off.
  std::optional<Timestamp> NextRotation() const;
};

struct AliasRecord {
  AccountId account;
  Region region;
  std::string name;  // "alias/..."
  KeyId key;
  Timestamp created{};
  Timestamp updated{};
  bool operator==(const AliasRecord&) const = default;

  std::string Arn() const;
};

// What a principal may do with a key beside policies.
struct GrantRecord {
  std::string id;  // 64 hex digits
  KeyId key;
  std::string name;  // empty: none
  Timestamp created{};
  std::string grantee;   // ARN
  std::string retiring;  // ARN, empty: nobody but the grantee
  std::string issuer;    // ARN of the account's root
  std::vector<std::string> operations;
  // At most one of the two: what an encryption context must hold, or be.
  EncryptionContext context_subset;
  EncryptionContext context_equals;
  bool has_subset = false;
  bool has_equals = false;
  bool operator==(const GrantRecord&) const = default;

  bool Allows(std::string_view operation) const;
  bool Fits(const EncryptionContext& context) const;
};

// A key with all that belongs to it, to be kept elsewhere.
struct WholeKey {
  KeyRecord key;
  std::vector<AliasRecord> aliases;
  std::vector<GrantRecord> grants;
  bool operator==(const WholeKey&) const = default;
};

std::string MaterialContext(const KeyId& key, size_t number);  // of DataKeyProvider

std::string EncodeKey(const KeyRecord& key);  // JSON with a "version"
std::string EncodeAlias(const AliasRecord& alias);
std::string EncodeGrant(const GrantRecord& grant);
std::string EncodeWholeKey(const WholeKey& whole);
// kCorruption.
Result<WholeKey> DecodeWholeKey(std::string_view json);
Result<KeyRecord> DecodeKey(std::string_view json);
Result<AliasRecord> DecodeAlias(std::string_view json);
Result<GrantRecord> DecodeGrant(std::string_view json);

}  // namespace tidemark::kms
