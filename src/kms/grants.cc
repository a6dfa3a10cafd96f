#include "kms/grants.h"

#include <algorithm>

#include "codec/base64.h"
#include "codec/hex.h"
#include "kms/fault.h"

namespace tidemark::kms {
namespace {

constexpr size_t kGrantsMax = 50'000;  // of a key
constexpr size_t kKeyIdBytes = 16;
constexpr size_t kGrantIdBytes = 32;

bool SameTerms(const GrantRecord& a, const GrantRecord& b) {
  GrantRecord copy = a;
  copy.id = b.id;
  copy.created = b.created;
  return copy == b;
}

// Only such operations have an encryption context.
bool SealsOrOpens(std::string_view operation) {
  return operation != "DescribeKey" && operation != "CreateGrant" && operation != "RetireGrant";
}

// Whether `made` gives nothing that `grant` does not.
bool Covers(const GrantRecord& grant, const GrantRecord& made) {
  const bool fewer = std::ranges::all_of(
      made.operations, [&](const std::string& operation) { return grant.Allows(operation); });
  if (!fewer) return false;
  if (!grant.has_subset && !grant.has_equals) return true;
  // A context that satisfies `made` holds at least these pairs, and no others if it must be equal.
  if (grant.has_equals) return made.has_equals && grant.Fits(made.context_equals);
  return grant.Fits(made.has_equals ? made.context_equals : made.context_subset);
}

}  // namespace

std::string TokenOf(const GrantRecord& grant) {
  Bytes bytes(grant.key.AsBytes());
  if (const auto id = codec::DecodeHex(grant.id)) bytes += *id;
  return codec::EncodeBase64(bytes);
}

Result<NamedGrant> ReadToken(std::string_view token) {
  const auto bytes = codec::DecodeBase64(token);
  if (!bytes || bytes->size() != kKeyIdBytes + kGrantIdBytes)
    return FailWith(Fault::kInvalidGrantToken, "Invalid grant token");
  return NamedGrant{.key = KeyId::FromBytes(BytesView(*bytes).substr(0, kKeyIdBytes)),
                    .grant = codec::EncodeHex(BytesView(*bytes).substr(kKeyIdBytes))};
}

Result<GrantPtr> CreateGrant(const KeyScope& scope, GrantRecord grant) {
  const auto all = scope.store.GrantsOf(grant.key);
  if (!grant.name.empty()) {
    const auto same =
        std::ranges::find_if(all, [&](const GrantPtr& one) { return SameTerms(*one, grant); });
    if (same != all.end()) {
      TM_TRYV(scope.store.Settle());
      return *same;
    }
  }
  if (all.size() >= kGrantsMax) {
    return FailWith(Fault::kLimitExceeded, "The key has {} grants, which is the most", kGrantsMax);
  }
  grant.id = codec::EncodeHex(scope.store.random().String(kGrantIdBytes));
  grant.created = scope.now;
  TM_TRYV(scope.store.PutGrant(grant));
  return std::make_shared<const GrantRecord>(std::move(grant));
}

Result<GrantPtr> FindGrant(const KeyScope& scope, const KeyId& key, std::string_view grant) {
  for (auto& one : scope.store.GrantsOf(key)) {
    if (one->id == grant) return one;
  }
  return FailWith(Fault::kInvalidGrantId, "Grant ID {} does not exist", grant);
}

std::vector<GrantPtr> RetirableGrants(const KeyScope& scope, std::string_view principal) {
  std::vector<GrantPtr> found;
  for (const auto& key : scope.store.Keys(scope.account, scope.region)) {
    for (auto& grant : scope.store.GrantsOf(key->id)) {
      if (grant->retiring == principal) found.push_back(std::move(grant));
    }
  }
  std::ranges::sort(found, {}, [](const GrantPtr& grant) { return grant->id; });
  return found;
}

bool IsGranted(const KeyStore& store, const KeyRecord& key, std::string_view principal,
               const GrantUse& use) {
  const auto all = store.GrantsOf(key.id);
  return std::ranges::any_of(all, [&](const GrantPtr& grant) {
    if (grant->grantee != principal || !grant->Allows(use.operation)) return false;
    if (use.made) return Covers(*grant, *use.made);
    return !SealsOrOpens(use.operation) || grant->Fits(use.context);
  });
}

}  // namespace tidemark::kms
