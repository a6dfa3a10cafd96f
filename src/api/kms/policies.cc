// Key policies. A key has one, "default".
#include "api/kms/handlers.h"
#include "api/kms/shapes_gen.h"
#include "kms/fault.h"

namespace tidemark::api::kms_json {

namespace {

constexpr std::string_view kOnlyPolicy = "default";

Result<void> CheckPolicyName(const std::optional<std::string>& name) {
  if (name.value_or(std::string(kOnlyPolicy)) == kOnlyPolicy) return {};
  return kms::FailWith(kms::Fault::kNotFound, "No such policy exists");
}

}  // namespace

Result<std::string> GetKeyPolicy(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetKeyPolicy(body));
  TM_TRY(const auto key, FindKey(call, "GetKeyPolicy", *input.key_id));
  TM_TRYV(CheckPolicyName(input.policy_name));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("Policy", key->policy).Field("PolicyName", kOnlyPolicy).EndObject();
  return answer;
}

Result<std::string> PutKeyPolicy(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParsePutKeyPolicy(body));
  const bool bypass = input.bypass_policy_lockout_safety_check.value_or(false);
  Ask ask;
  ask.facts.Set("kms:BypassPolicyLockoutSafetyCheck", {bypass ? "true" : "false"});
  TM_TRY(const auto key, FindKey(call, "PutKeyPolicy", *input.key_id, std::move(ask)));
  TM_TRYV(CheckPolicyName(input.policy_name));
  TM_TRYV(kms::CheckKeyPolicy(*input.policy));
  kms::KeyRecord changed = *key;
  changed.policy = *input.policy;
  if (!bypass && !MayPutPolicy(call, changed)) {
    return kms::FailWith(kms::Fault::kMalformedPolicy,
                         "The new key policy will not allow you to update the key policy in the "
                         "future.");
  }
  TM_TRYV(call.scope.store.Edit(key->id, [&](kms::KeyRecord& edited) -> Result<void> {
    TM_TRYV(kms::CheckNotPendingDeletion(edited));
    edited.policy = *input.policy;
    return {};
  }));
  return std::string();
}

Result<std::string> ListKeyPolicies(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListKeyPolicies(body));
  TM_TRYV(FindKey(call, "ListKeyPolicies", *input.key_id));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("PolicyNames").BeginArray().String(kOnlyPolicy).EndArray();
  w.FieldBool("Truncated", false).EndObject();
  return answer;
}

}  // namespace tidemark::api::kms_json
