// Grants: made, listed, retired by whom they concern, revoked by who rules the key.
#include "kms/grants.h"

#include "api/kms/handlers.h"
#include "api/kms/shapes_gen.h"
#include "kms/fault.h"

namespace tidemark::api::kms_json {

namespace {

// Of symmetric keys, in the order of the model.
constexpr std::pair<GrantOperation, std::string_view> kGrantable[] = {
    {GrantOperation::kDecrypt, "Decrypt"},
    {GrantOperation::kEncrypt, "Encrypt"},
    {GrantOperation::kGenerateDataKey, "GenerateDataKey"},
    {GrantOperation::kGenerateDataKeyWithoutPlaintext, "GenerateDataKeyWithoutPlaintext"},
    {GrantOperation::kReEncryptFrom, "ReEncryptFrom"},
    {GrantOperation::kReEncryptTo, "ReEncryptTo"},
    {GrantOperation::kCreateGrant, "CreateGrant"},
    {GrantOperation::kRetireGrant, "RetireGrant"},
    {GrantOperation::kDescribeKey, "DescribeKey"}};

Result<kms::GrantRecord> ToGrant(const CreateGrantInput& input) {
  kms::GrantRecord grant;
  grant.name = input.name.value_or("");
  grant.grantee = *input.grantee_principal;
  grant.retiring = input.retiring_principal.value_or("");
  for (const std::string& principal : {grant.grantee, grant.retiring}) {
    if (!principal.empty() && !principal.starts_with("arn:"))
      return kms::FailWith(kms::Fault::kInvalidArn, "Invalid principal: {}", principal);
  }
  for (const GrantOperation operation : *input.operations) {
    const auto* at = std::ranges::find(kGrantable, operation,
                                       &std::pair<GrantOperation, std::string_view>::first);
    if (at == std::end(kGrantable)) {
      return Fail(ErrorKind::kValidation,
                  "Grant operations of asymmetric and HMAC keys are not for a symmetric key");
    }
    grant.operations.emplace_back(at->second);
  }
  if (input.constraints) {
    grant.has_subset = input.constraints->encryption_context_subset.has_value();
    grant.has_equals = input.constraints->encryption_context_equals.has_value();
    grant.context_subset = ToContext(input.constraints->encryption_context_subset);
    grant.context_equals = ToContext(input.constraints->encryption_context_equals);
  }
  if (grant.has_subset && grant.has_equals) {
    return Fail(ErrorKind::kValidation,
                "A grant has EncryptionContextSubset or EncryptionContextEquals, not both");
  }
  return grant;
}

void WriteContext(std::string_view name, const kms::EncryptionContext& context, JsonWriter* w) {
  w->Key(name).BeginObject();
  for (const auto& [key, value] : context) w->Field(key, value);
  w->EndObject();
}

void WriteGrant(const KmsCall& call, const kms::GrantRecord& grant, JsonWriter* w) {
  const auto key = call.scope.store.Find(grant.key);
  w->BeginObject().Field("KeyId", key ? key->Arn() : grant.key.ToString());
  w->Field("GrantId", grant.id);
  if (!grant.name.empty()) w->Field("Name", grant.name);
  w->Key("CreationDate").EpochMillis(grant.created);
  w->Field("GranteePrincipal", grant.grantee);
  if (!grant.retiring.empty()) w->Field("RetiringPrincipal", grant.retiring);
  w->Field("IssuingAccount", grant.issuer);
  w->Key("Operations").BeginArray();
  for (const auto& operation : grant.operations) w->String(operation);
  w->EndArray();
  if (grant.has_subset || grant.has_equals) {
    w->Key("Constraints").BeginObject();
    if (grant.has_subset) WriteContext("EncryptionContextSubset", grant.context_subset, w);
    if (grant.has_equals) WriteContext("EncryptionContextEquals", grant.context_equals, w);
    w->EndObject();
  }
  w->EndObject();
}

std::string RootArn(const AccountId& account) {
  return fmt::format("arn:aws:iam::{}:root", account.value);
}

Result<std::string> GrantPage(const KmsCall& call, const std::vector<kms::GrantPtr>& grants,
                              const PageRequest& page) {
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  TM_TRYV(WritePage(
      "Grants", grants, page, &w, [](const kms::GrantPtr& grant) { return grant->id; },
      [&](const kms::GrantPtr& grant) { WriteGrant(call, *grant, &w); }));
  w.EndObject();
  return answer;
}

struct ToRetire {
  kms::KeyPtr key;
  kms::GrantPtr grant;
};

// The grant that a token names, or key and id. Who may not retire grants of a key learns nothing
// of whether key and grant are there.
Result<ToRetire> FindToRetire(const KmsCall& call, const RetireGrantInput& input) {
  if (input.grant_token) {
    TM_TRY(const auto named, kms::ReadToken(*input.grant_token));
    auto key = call.scope.store.Find(named.key);
    auto grant = kms::FindGrant(call.scope, named.key, named.grant);
    if (key && key->region == call.scope.region && grant)
      return ToRetire{std::move(key), *std::move(grant)};
    return kms::FailWith(kms::Fault::kInvalidGrantToken, "Invalid grant token");
  }
  if (!input.key_id || !input.grant_id) {
    return Fail(ErrorKind::kValidation,
                "Either a GrantToken, or a KeyId and a GrantId, must be specified");
  }
  if (const auto key = kms::ResolveKey(call.scope, *input.key_id)) {
    if (auto grant = kms::FindGrant(call.scope, (*key)->id, *input.grant_id))
      return ToRetire{*key, *std::move(grant)};
  }
  TM_TRYV(FindKey(call, "RetireGrant", *input.key_id));
  return kms::FailWith(kms::Fault::kInvalidGrantId, "Grant ID {} does not exist", *input.grant_id);
}

}  // namespace

Result<std::string> CreateGrant(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseCreateGrant(body));
  TM_TRY(auto grant, ToGrant(input));
  Ask ask;
  ask.facts.Set("kms:GranteePrincipal", {grant.grantee});
  if (!grant.retiring.empty()) ask.facts.Set("kms:RetiringPrincipal", {grant.retiring});
  ask.facts.Set("kms:GrantOperations", grant.operations);
  ask.facts.Set("kms:GrantIsForAWSResource", {"false"});
  if (grant.has_subset) ask.facts.Set("kms:GrantConstraintType", {"EncryptionContextSubset"});
  if (grant.has_equals) ask.facts.Set("kms:GrantConstraintType", {"EncryptionContextEquals"});
  ask.made = &grant;
  TM_TRY(const auto key, FindKey(call, "CreateGrant", *input.key_id, std::move(ask)));
  TM_TRYV(kms::CheckUsable(*key));
  TM_TRYV(CheckDryRun(input.dry_run));
  grant.key = key->id;
  grant.issuer = RootArn(call.principal.account);
  TM_TRY(const auto made, kms::CreateGrant(call.scope, std::move(grant)));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("GrantToken", kms::TokenOf(*made)).Field("GrantId", made->id).EndObject();
  return answer;
}

Result<std::string> ListGrants(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListGrants(body));
  TM_TRY(const auto key, FindKey(call, "ListGrants", *input.key_id));
  TM_TRYV(kms::CheckNotPendingDeletion(*key));
  auto grants = call.scope.store.GrantsOf(key->id);
  if (input.grant_id) {
    TM_TRY(auto one, kms::FindGrant(call.scope, key->id, *input.grant_id));
    grants = {std::move(one)};
  }
  if (input.grantee_principal) {
    std::erase_if(grants, [&](const kms::GrantPtr& grant) {
      return grant->grantee != *input.grantee_principal;
    });
  }
  return GrantPage(call, grants,
                   {.limit = input.limit, .marker = input.marker, .limit_default = 50});
}

Result<std::string> ListRetirableGrants(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListRetirableGrants(body));
  TM_TRYV(AuthorizeResource(call, "ListRetirableGrants", "*"));
  return GrantPage(call, kms::RetirableGrants(call.scope, *input.retiring_principal),
                   {.limit = input.limit, .marker = input.marker, .limit_default = 50});
}

// Permission comes of the grant itself: for its retiring principal, the root user of the account
// that made it, and a grantee that was granted RetireGrant; else of policies.
Result<std::string> RetireGrant(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseRetireGrant(body));
  TM_TRY(const auto found, FindToRetire(call, input));
  const auto& [key, grant] = found;
  const auto& who = call.principal;
  const auto is_caller = [&](std::string_view arn) {
    return arn == who.arn || (who.identity && arn == who.identity->facts().entity_arn);
  };
  const bool own = is_caller(grant->retiring) ||
                   (is_caller(grant->grantee) && grant->Allows("RetireGrant")) ||
                   (who.is_root && grant->issuer == RootArn(who.account));
  if (const auto allowed = AuthorizeKey(call, "RetireGrant", *key); !own && !allowed) {
    TM_TRYV(RefuseForeign(call, "RetireGrant", input.key_id.value_or(key->Arn())));
    return Fail(allowed.error());
  }
  TM_TRYV(kms::CheckNotPendingDeletion(*key));
  TM_TRYV(CheckDryRun(input.dry_run));
  TM_TRYV(call.scope.store.EraseGrant(*grant));
  return std::string();
}

Result<std::string> RevokeGrant(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseRevokeGrant(body));
  TM_TRY(const auto key, FindKey(call, "RevokeGrant", *input.key_id));
  TM_TRYV(kms::CheckNotPendingDeletion(*key));
  TM_TRY(const auto grant, kms::FindGrant(call.scope, key->id, *input.grant_id));
  TM_TRYV(CheckDryRun(input.dry_run));
  TM_TRYV(call.scope.store.EraseGrant(*grant));
  return std::string();
}

}  // namespace tidemark::api::kms_json
