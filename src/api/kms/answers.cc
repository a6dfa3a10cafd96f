#include "api/kms/call.h"
#include "codec/base64.h"
#include "kms/fault.h"

namespace tidemark::api::kms_json {

kms::EncryptionContext ToContext(const std::optional<TextPairs>& pairs) {
  kms::EncryptionContext context;
  if (!pairs) return context;
  for (const auto& [name, value] : *pairs) context[name] = value;
  return context;
}

void WriteKeyMetadata(const kms::KeyRecord& key, JsonWriter* w) {
  w->Key("KeyMetadata").BeginObject();
  w->Field("AWSAccountId", key.account.value);
  w->Field("KeyId", key.id.ToString());
  w->Field("Arn", key.Arn());
  w->Key("CreationDate").EpochMillis(key.created);
  w->FieldBool("Enabled", key.state == kms::KeyState::kEnabled);
  w->Field("Description", key.description);
  w->Field("KeyUsage", "ENCRYPT_DECRYPT");
  w->Field("KeyState", kms::ToString(key.state));
  if (key.deletion) w->Key("DeletionDate").EpochMillis(*key.deletion);
  w->Field("Origin", "AWS_KMS");
  w->Field("KeyManager", key.of_service ? "AWS" : "CUSTOMER");
  w->Field("CustomerMasterKeySpec", "SYMMETRIC_DEFAULT");
  w->Field("KeySpec", "SYMMETRIC_DEFAULT");
  w->Key("EncryptionAlgorithms").BeginArray().String("SYMMETRIC_DEFAULT").EndArray();
  w->FieldBool("MultiRegion", false);
  w->Field("CurrentKeyMaterialId", key.current().id);
  w->EndObject();
}

Result<void> CheckDryRun(const std::optional<bool>& dry_run) {
  if (!dry_run.value_or(false)) return {};
  return kms::FailWith(kms::Fault::kDryRun,
                       "The request would have succeeded, but the DryRun option is set.");
}

Result<std::string> ReadMarker(const std::optional<std::string>& marker) {
  if (!marker) return std::string();
  auto last = codec::DecodeBase64(*marker);
  if (!last) return kms::FailWith(kms::Fault::kInvalidMarker, "Could not deserialize the marker");
  return last;
}

std::string MakeMarker(std::string_view last) { return codec::EncodeBase64(last); }

}  // namespace tidemark::api::kms_json
