// Who may do what with keys. Only a key's own policy opens it: that of the account's root user too.
// A policy that names the account hands the decision to the policies of the account's users; grants
// come on top.
#include <algorithm>

#include "api/kms/call.h"
#include "api/request_context.h"
#include "base/assert.h"
#include "iam/authorize.h"
#include "kms/grants.h"
#include "policy/actions.h"

namespace tidemark::api::kms_json {

namespace {

// KMS's own condition keys.
class KeyContext : public RequestContext {
 public:
  KeyContext(const KmsCall& call, const kms::KeyRecord* key, const Ask& ask)
      : RequestContext(call.principal, call.request, call.services.real_clock.Now()),
        call_(call),
        key_(key),
        ask_(ask) {}

 protected:
  std::optional<policy::Values> Compute(std::string_view name) const override {
    if (const auto* values = ask_.facts.Find(name)) return *values;
    constexpr std::string_view kResourceTag = "aws:resourcetag/";
    if (name.starts_with(kResourceTag)) return TagOf(name.substr(kResourceTag.size()));
    if (key_ && name == "aws:resourceaccount") return policy::Values{key_->account.value};
    if (!name.starts_with("kms:")) return RequestContext::Compute(name);
    if (name == "kms:calleraccount") return policy::Values{principal().account.value};
    if (name == "kms:requestalias" && !ask_.alias.empty()) return policy::Values{ask_.alias};
    constexpr std::string_view kContext = "kms:encryptioncontext:";
    if (name.starts_with(kContext)) return ContextValue(name.substr(kContext.size()));
    if (name == "kms:encryptioncontextkeys") return ContextKeys();
    return key_ ? OfKey(name) : std::nullopt;
  }

 private:
  std::optional<policy::Values> TagOf(std::string_view tag) const {
    if (!key_) return std::nullopt;
    const auto at = key_->tags.find(std::string(tag));
    if (at == key_->tags.end()) return std::nullopt;
    return policy::Values{at->second};
  }

  // Names of condition keys ignore case up to a '/', so do those of context pairs in here.
  std::optional<policy::Values> ContextValue(std::string_view folded) const {
    for (const auto& [name, value] : ask_.context) {
      if (policy::FoldKey(name) == folded) return policy::Values{value};
    }
    return std::nullopt;
  }

  std::optional<policy::Values> ContextKeys() const {
    policy::Values keys;
    for (const auto& [name, value] : ask_.context) keys.push_back(name);
    if (keys.empty()) return std::nullopt;
    return keys;
  }

  std::optional<policy::Values> OfKey(std::string_view name) const {
    if (name == "kms:keyspec") return policy::Values{"SYMMETRIC_DEFAULT"};
    if (name == "kms:keyusage") return policy::Values{"ENCRYPT_DECRYPT"};
    if (name == "kms:keyorigin") return policy::Values{"AWS_KMS"};
    if (name == "kms:multiregion") return policy::Values{"false"};
    if (name != "kms:resourcealiases") return std::nullopt;
    policy::Values aliases;
    for (const auto& alias : call_.scope.store.AliasesOf(*key_)) aliases.push_back(alias->name);
    if (aliases.empty()) return std::nullopt;
    return aliases;
  }

  const KmsCall& call_;
  const kms::KeyRecord* const key_;
  const Ask& ask_;
};

std::string_view PermissionOf(std::string_view operation) {
  const policy::Action* action = policy::FindKmsAction(operation);
  TM_ASSERT(action != nullptr);
  return action->name;
}

Unexpected Refused(const auth::Principal& who, std::string_view permission,
                   std::string_view resource, std::string_view why) {
  return Fail(ErrorKind::kAccessDenied,
              "User: {} is not authorized to perform: {} on resource: {} {}", who.arn, permission,
              resource, why);
}

// The keys of other accounts are refused alike, whether they are there or not.
constexpr std::string_view kForeignRefused =
    "because the resource does not exist in this Region, no resource-based policies allow access, "
    "or a resource-based policy explicitly denies access";

iam::Asker AskerOf(const auth::Principal& who) {
  if (who.identity) return iam::AskerOf(*who.identity);
  return {who.arn, who.account.value, nullptr};
}

// What grants give the caller, in the form of a key's policy.
policy::Document GrantsOf(const KmsCall& call, std::string_view operation,
                          const kms::KeyRecord& key, const Ask& ask) {
  const auth::Principal& who = call.principal;
  policy::Statement granted{.allow = true, .has_principal = true, .not_action = true};
  const auto add = [&](std::string_view principal) {
    if (kms::IsGranted(call.scope.store, key, principal,
                       {.operation = operation, .context = ask.context, .made = ask.made}))
      granted.principals.aws.emplace_back(principal);
  };
  add(who.arn);
  if (who.identity) add(who.identity->facts().entity_arn);
  policy::Document document;
  if (!granted.principals.aws.empty()) document.statements.push_back(std::move(granted));
  return document;
}

// Of a key or an alias, by whatever name.
std::string ArnOfName(const KmsCall& call, const std::string& name) {
  if (name.starts_with("arn:")) return name;
  return fmt::format("arn:aws:kms:{}:{}:{}{}", call.scope.region.value, call.scope.account.value,
                     name.starts_with("alias/") ? "" : "key/", name);
}

bool IsForeign(const KmsCall& call, std::string_view arn) {
  for (int i = 0; i < 4; ++i) arn.remove_prefix(std::min(arn.find(':'), arn.size() - 1) + 1);
  const std::string_view account = arn.substr(0, arn.find(':'));
  return !account.empty() && account != call.principal.account.value;
}

}  // namespace

Result<void> AuthorizeKey(const KmsCall& call, std::string_view operation,
                          const kms::KeyRecord& key, const Ask& ask) {
  const std::string_view permission = PermissionOf(operation);
  const std::string arn = key.Arn();
  const KeyContext context(call, &key, ask);
  const auto own = policy::ParseDocument(key.policy, policy::DocumentKind::kResource);
  const policy::Document nothing;
  const policy::Document granted = GrantsOf(call, operation, key, ask);
  const policy::NamedDocument documents[] = {{own ? &*own : &nothing, "default"},
                                             {&granted, "grants"}};
  return iam::Authorize(AskerOf(call.principal), permission, arn, context,
                        {.policies = documents, .account = key.account.value, .must_allow = true});
}

Result<void> AuthorizeResource(const KmsCall& call, std::string_view operation,
                               const std::string& resource, const Ask& ask) {
  if (call.principal.is_root) return {};
  return iam::Authorize(*call.principal.identity, PermissionOf(operation), resource,
                        KeyContext(call, nullptr, ask));
}

bool MayPutPolicy(const KmsCall& call, const kms::KeyRecord& key) {
  return AuthorizeKey(call, "PutKeyPolicy", key).has_value();
}

Result<void> RefuseForeign(const KmsCall& call, std::string_view operation,
                           const std::string& name) {
  const std::string arn = ArnOfName(call, name);
  if (!IsForeign(call, arn)) return {};
  return Refused(call.principal, PermissionOf(operation), arn, kForeignRefused);
}

Result<kms::KeyPtr> FindKey(const KmsCall& call, std::string_view operation,
                            const std::string& name, Ask ask) {
  const std::string arn = ArnOfName(call, name);
  auto key = kms::ResolveKey(call.scope, name);
  if (IsForeign(call, arn)) {
    const bool across = (policy::FindKmsAction(operation)->keys & policy::kAcrossAccounts) != 0;
    if (!key || !across) TM_TRYV(RefuseForeign(call, operation, name));
  }
  if (!key) {
    TM_TRYV(AuthorizeResource(call, operation, arn, ask));
    return key;
  }
  const size_t alias = name.starts_with("alias/") ? 0 : name.find(":alias/");
  if (alias != std::string::npos) ask.alias = name.substr(alias == 0 ? 0 : alias + 1);
  const auto allowed = AuthorizeKey(call, operation, **key, ask);
  if (allowed) return key;
  TM_TRYV(RefuseForeign(call, operation, name));
  return Fail(allowed.error());
}

}  // namespace tidemark::api::kms_json
