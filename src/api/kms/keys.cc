// Keys themselves: made, described, listed, switched on and off, deleted.
#include "api/kms/handlers.h"
#include "api/kms/shapes_gen.h"
#include "kms/fault.h"

namespace tidemark::api::kms_json {

namespace {

constexpr int64_t kWindowDaysDefault = 30;

std::string MetadataAnswer(const kms::KeyRecord& key) {
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WriteKeyMetadata(key, &w);
  w.EndObject();
  return answer;
}

std::string ArnAnswer(const kms::KeyRecord& key) {
  std::string answer;
  JsonWriter(&answer).BeginObject().Field("KeyId", key.Arn()).EndObject();
  return answer;
}

Unexpected Unsupported(std::string_view what) {
  return kms::FailWith(kms::Fault::kUnsupported,
                       "{} are not supported: this server has symmetric encryption keys of one "
                       "Region, with material of its own",
                       what);
}

Result<void> CheckKind(const CreateKeyInput& input) {
  if (input.key_spec && input.customer_master_key_spec) {
    return Fail(ErrorKind::kValidation,
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
                "CustomerMasterKeySpec is deprecated.");
  }
  const bool symmetric =
      input.key_spec.value_or(KeySpec::kSymmetricDefault) == KeySpec::kSymmetricDefault &&
      input.customer_master_key_spec.value_or(CustomerMasterKeySpec::kSymmetricDefault) ==
          CustomerMasterKeySpec::kSymmetricDefault;
  if (!symmetric) return Unsupported("Asymmetric and HMAC keys");
  if (input.key_usage.value_or(KeyUsageType::kEncryptDecrypt) != KeyUsageType::kEncryptDecrypt) {
    return Fail(ErrorKind::kValidation,
                "The specified KeyUsage value is not compatible with the specified KeySpec.");
  }
  if (input.custom_key_store_id ||
      input.origin.value_or(OriginType::kAwsKms) != OriginType::kAwsKms)
    return Unsupported("Custom key stores and imported key material");
  if (input.multi_region.value_or(false)) return Unsupported("Multi-Region keys");
  return {};
}

Ask TagsAsked(const std::map<std::string, std::string>& tags) {
  Ask ask;
  policy::Values keys;
  for (const auto& [key, value] : tags) {
    ask.facts.Set("aws:RequestTag/" + key, {value});
    keys.push_back(key);
  }
  if (!keys.empty()) ask.facts.Set("aws:TagKeys", std::move(keys));
  return ask;
}

}  // namespace

Result<std::string> CreateKey(const KmsCall& call, JsonValue body) {
  TM_TRY(auto input, ParseCreateKey(body));
  kms::KeyRecord key;
  if (input.tags) {
    for (auto& tag : *input.tags) key.tags[*tag.tag_key] = *tag.tag_value;
  }
  Ask ask = TagsAsked(key.tags);
  const bool bypass = input.bypass_policy_lockout_safety_check.value_or(false);
  ask.facts.Set("kms:BypassPolicyLockoutSafetyCheck", {bypass ? "true" : "false"});
  ask.facts.Set("kms:KeySpec", {"SYMMETRIC_DEFAULT"});
  ask.facts.Set("kms:KeyUsage", {"ENCRYPT_DECRYPT"});
  ask.facts.Set("kms:KeyOrigin", {"AWS_KMS"});
  ask.facts.Set("kms:MultiRegion", {"false"});
  TM_TRYV(AuthorizeResource(call, "CreateKey", "*", ask));
  TM_TRYV(CheckKind(input));
  key.description = input.description.value_or("");
  if (input.policy) {
    key.policy = std::move(*input.policy);
    TM_TRYV(kms::CheckKeyPolicy(key.policy));
    key.account = call.scope.account;
    key.region = call.scope.region;
    if (!bypass && !MayPutPolicy(call, key)) {
      return kms::FailWith(kms::Fault::kMalformedPolicy,
                           "The new key policy will not allow you to update the key policy in the "
                           "future.");
    }
  }
  TM_TRY(const auto made, kms::CreateKey(call.scope, std::move(key)));
  return MetadataAnswer(*made);
}

Result<std::string> DescribeKey(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDescribeKey(body));
  // The service makes its own keys when somebody looks at them by name.
  if (*input.key_id == kms::kServiceAlias) TM_TRYV(kms::EnsureServiceKey(call.scope));
  TM_TRY(const auto key, FindKey(call, "DescribeKey", *input.key_id));
  return MetadataAnswer(*key);
}

Result<std::string> ListKeys(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListKeys(body));
  TM_TRYV(AuthorizeResource(call, "ListKeys", "*"));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  TM_TRYV(WritePage(
      "Keys", call.scope.store.Keys(call.scope.account, call.scope.region),
      {.limit = input.limit, .marker = input.marker}, &w,
      [](const kms::KeyPtr& key) { return key->id.ToString(); },
      [&](const kms::KeyPtr& key) {
        w.BeginObject().Field("KeyId", key->id.ToString()).Field("KeyArn", key->Arn()).EndObject();
      }));
  w.EndObject();
  return answer;
}

Result<std::string> EnableKey(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseEnableKey(body));
  TM_TRY(const auto key, FindKey(call, "EnableKey", *input.key_id));
  TM_TRYV(kms::EnableKey(call.scope, key->id));
  return std::string();
}

Result<std::string> DisableKey(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDisableKey(body));
  TM_TRY(const auto key, FindKey(call, "DisableKey", *input.key_id));
  TM_TRYV(kms::DisableKey(call.scope, key->id));
  return std::string();
}

Result<std::string> ScheduleKeyDeletion(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseScheduleKeyDeletion(body));
  const int64_t days = input.pending_window_in_days.value_or(kWindowDaysDefault);
  Ask ask;
  ask.facts.Set("kms:ScheduleKeyDeletionPendingWindowInDays", {std::to_string(days)});
  TM_TRY(const auto key, FindKey(call, "ScheduleKeyDeletion", *input.key_id, std::move(ask)));
  TM_TRY(const auto pending, kms::ScheduleKeyDeletion(call.scope, key->id, days));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("KeyId", pending->Arn());
  w.Key("DeletionDate").EpochMillis(*pending->deletion);
  w.Field("KeyState", kms::ToString(pending->state)).Field("PendingWindowInDays", days);
  w.EndObject();
  return answer;
}

Result<std::string> CancelKeyDeletion(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseCancelKeyDeletion(body));
  TM_TRY(const auto key, FindKey(call, "CancelKeyDeletion", *input.key_id));
  TM_TRYV(kms::CancelKeyDeletion(call.scope, key->id));
  return ArnAnswer(*key);
}

Result<std::string> UpdateKeyDescription(const KmsCall& call, JsonValue body) {
  TM_TRY(auto input, ParseUpdateKeyDescription(body));
  TM_TRY(const auto key, FindKey(call, "UpdateKeyDescription", *input.key_id));
  TM_TRYV(call.scope.store.Edit(key->id, [&](kms::KeyRecord& edited) -> Result<void> {
    TM_TRYV(kms::CheckNotPendingDeletion(edited));
    edited.description = *input.description;
    return {};
  }));
  return std::string();
}

Result<std::string> TagResource(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseTagResource(body));
  std::map<std::string, std::string> tags;
  for (const auto& tag : *input.tags) tags[*tag.tag_key] = *tag.tag_value;
  TM_TRY(const auto key, FindKey(call, "TagResource", *input.key_id, TagsAsked(tags)));
  TM_TRYV(kms::TagKey(call.scope, key->id, tags));
  return std::string();
}

Result<std::string> UntagResource(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseUntagResource(body));
  Ask ask;
  ask.facts.Set("aws:TagKeys", *input.tag_keys);
  TM_TRY(const auto key, FindKey(call, "UntagResource", *input.key_id, std::move(ask)));
  TM_TRYV(call.scope.store.Edit(key->id, [&](kms::KeyRecord& edited) -> Result<void> {
    TM_TRYV(kms::CheckNotPendingDeletion(edited));
    for (const auto& name : *input.tag_keys) edited.tags.erase(name);
    return {};
  }));
  return std::string();
}

Result<std::string> ListResourceTags(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListResourceTags(body));
  TM_TRY(const auto key, FindKey(call, "ListResourceTags", *input.key_id));
  using Pair = std::pair<std::string, std::string>;
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  TM_TRYV(WritePage(
      "Tags", std::vector<Pair>(key->tags.begin(), key->tags.end()),
      {.limit = input.limit, .marker = input.marker, .limit_default = 50}, &w,
      [](const Pair& tag) { return tag.first; },
      [&](const Pair& tag) {
        w.BeginObject().Field("TagKey", tag.first).Field("TagValue", tag.second).EndObject();
      }));
  w.EndObject();
  return answer;
}

}  // namespace tidemark::api::kms_json
