// Who may do what with keys. Only a key's own policy opens it: that of the account's root user too.
// A policy that names the account hands the decision to the policies of the account's users; grants
// come on top.
#include "api/kms/call.h"
#include "api/request_context.h"
#include "base/assert.h"
#include "iam/authorize.h"
#include "kms/grants.h"
#include "policy/actions.h"

namespace tidemark::api::kms_json {

namespace {

using policy::Decision;
using policy::Outcome;

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

  // Names of condition keys ignore case, so do those of context pairs in here.
  std::optional<policy::Values> ContextValue(std::string_view folded) const {
    for (const auto& [name, value] : ask_.context) {
      if (policy::Lower(name) == folded) return policy::Values{value};
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

// What a key's policy says of the caller itself, and of its account as a whole.
struct KeyPolicyWord {
  bool denied = false;
  bool names_caller = false;
  bool names_role = false;  // the caller is a session of
  bool names_account = false;
};

KeyPolicyWord AskKeyPolicy(const KmsCall& call, std::string_view permission,
                           const kms::KeyRecord& key, const policy::Context& context) {
  KeyPolicyWord word;
  const auto document = policy::ParseDocument(key.policy, policy::DocumentKind::kResource);
  if (!document) return word;
  const std::string arn = key.Arn();
  const policy::NamedDocument named[] = {{&*document, "default"}};
  const auto& identity = call.principal.identity;
  const auto ask = [&](std::string_view account, std::string_view entity, bool own_allows) {
    return policy::Evaluate(
        {.action = permission,
         .resource = arn,
         .context = context,
         .principal_arn = call.principal.arn,
         .principal_account = account,
         .entity_arn = entity},
        {.resource = named, .resource_must_allow = true, .is_root = own_allows});
  };
  // Of nobody's account: then only statements that name the caller itself, or everybody, count.
  const Decision caller = ask("-", "", false);
  // A role's session is named with its role here, so that what limits the session counts.
  const std::string_view entity = identity ? identity->facts().entity_arn : std::string_view();
  const Decision account = ask(call.principal.account.value, entity, true);
  word.names_role = ask("-", entity, true).allowed();
  word.denied = account.outcome == Outcome::kExplicitDeny;
  word.names_caller = caller.allowed();
  word.names_account = account.allowed();
  return word;
}

}  // namespace

Result<void> AuthorizeKey(const KmsCall& call, std::string_view operation,
                          const kms::KeyRecord& key, const Ask& ask) {
  const std::string_view permission = PermissionOf(operation);
  const std::string arn = key.Arn();
  const KeyContext context(call, &key, ask);
  const auth::Principal& who = call.principal;
  const KeyPolicyWord word = AskKeyPolicy(call, permission, key, context);
  if (word.denied)
    return Refused(who, permission, arn, "with an explicit deny in a resource-based policy");

  Decision own{.outcome = Outcome::kAllowed};  // root's
  if (!who.is_root) own = iam::Decide(iam::AskerOf(*who.identity), permission, arn, context);
  const auto denial = [&] {
    return Fail(iam::Denial(iam::AskerOf(*who.identity), permission, arn, own));
  };
  if (own.outcome == Outcome::kExplicitDeny) return denial();
  const bool foreign = key.account != who.account;
  if (!foreign && word.names_caller) return {};
  // The role needs no Allow of its own then; what limits the session still counts.
  if (!foreign && word.names_role && (own.allowed() || own.layer == policy::Layer::kIdentity))
    return {};
  if (kms::IsGranted(call.scope.store, key, who.arn, operation, ask.context)) return {};
  if (!word.names_account && !word.names_caller) {
    return Refused(
        who, permission, arn,
        fmt::format("because no resource-based policy allows the {} action", permission));
  }
  return own.allowed() ? Result<void>() : denial();
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

Result<kms::KeyPtr> FindKey(const KmsCall& call, std::string_view operation,
                            const std::string& name, Ask ask) {
  auto key = kms::ResolveKey(call.scope, name);
  if (!key) {
    const std::string_view form = name.starts_with("alias/") ? "" : "key/";
    const std::string arn = name.starts_with("arn:")
                                ? name
                                : fmt::format("arn:aws:kms:{}:{}:{}{}", call.scope.region.value,
                                              call.scope.account.value, form, name);
    TM_TRYV(AuthorizeResource(call, operation, arn, ask));
    return key;
  }
  const size_t alias = name.starts_with("alias/") ? 0 : name.find(":alias/");
  if (alias != std::string::npos) ask.alias = name.substr(alias == 0 ? 0 : alias + 1);
  TM_TRYV(AuthorizeKey(call, operation, **key, ask));
  return key;
}

}  // namespace tidemark::api::kms_json
