// Rotation of key material.
#include "api/kms/handlers.h"
#include "api/kms/shapes_gen.h"

namespace tidemark::api::kms_json {

Result<std::string> EnableKeyRotation(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseEnableKeyRotation(body));
  Ask ask;
  if (input.rotation_period_in_days)
    ask.facts.Set("kms:RotationPeriodInDays", {std::to_string(*input.rotation_period_in_days)});
  TM_TRY(const auto key, FindKey(call, "EnableKeyRotation", *input.key_id, std::move(ask)));
  TM_TRYV(kms::EnableRotation(call.scope, key->id, input.rotation_period_in_days));
  return std::string();
}

Result<std::string> DisableKeyRotation(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDisableKeyRotation(body));
  TM_TRY(const auto key, FindKey(call, "DisableKeyRotation", *input.key_id));
  TM_TRYV(kms::DisableRotation(call.scope, key->id));
  return std::string();
}

Result<std::string> GetKeyRotationStatus(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetKeyRotationStatus(body));
  TM_TRY(const auto key, FindKey(call, "GetKeyRotationStatus", *input.key_id));
  TM_TRYV(kms::CheckNotPendingDeletion(*key));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().FieldBool("KeyRotationEnabled", key->rotation.enabled);
  w.Field("KeyId", key->id.ToString());
  if (const auto next = key->NextRotation()) {
    w.Field("RotationPeriodInDays", int64_t{key->rotation.period_days});
    w.Key("NextRotationDate").EpochMillis(*next);
  }
  w.EndObject();
  return answer;
}

Result<std::string> RotateKeyOnDemand(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseRotateKeyOnDemand(body));
  TM_TRY(const auto key, FindKey(call, "RotateKeyOnDemand", *input.key_id));
  TM_TRYV(kms::RotateOnDemand(call.scope, key->id));
  std::string answer;
  JsonWriter(&answer).BeginObject().Field("KeyId", key->id.ToString()).EndObject();
  return answer;
}

Result<std::string> ListKeyRotations(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListKeyRotations(body));
  TM_TRY(const auto key, FindKey(call, "ListKeyRotations", *input.key_id));
  TM_TRYV(kms::CheckNotPendingDeletion(*key));
  const bool all = input.include_key_material == IncludeKeyMaterial::kAllKeyMaterial;
  std::vector<size_t> numbers;
  for (size_t i = all ? 0 : 1; i < key->materials.size(); ++i) numbers.push_back(i);
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  TM_TRYV(WritePage(
      "Rotations", numbers, {.limit = input.limit, .marker = input.marker}, &w,
      [](size_t number) { return fmt::format("{:08}", number); },
      [&](size_t number) {
        const auto& material = key->materials[number];
        const bool current = number + 1 == key->materials.size();
        w.BeginObject().Field("KeyId", key->id.ToString()).Field("KeyMaterialId", material.id);
        w.Field("KeyMaterialState", current ? "CURRENT" : "NON_CURRENT");
        if (material.rotation != kms::RotationType::kNone) {
          w.Key("RotationDate").EpochMillis(material.created);
          w.Field("RotationType", kms::ToString(material.rotation));
        }
        w.EndObject();
      }));
  w.EndObject();
  return answer;
}

}  // namespace tidemark::api::kms_json
