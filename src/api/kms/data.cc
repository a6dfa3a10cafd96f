// Sealing and opening: Encrypt, Decrypt, ReEncrypt, data keys, random bytes.
#include "api/kms/handlers.h"
#include "api/kms/shapes_gen.h"
#include "codec/base64.h"
#include "crypto/secret.h"
#include "kms/ciphertext.h"
#include "kms/fault.h"
#include "kms/key_use.h"

namespace tidemark::api::kms_json {

namespace {

constexpr std::string_view kOnlyAlgorithm = "SYMMETRIC_DEFAULT";

Result<void> CheckAlgorithm(const std::optional<EncryptionAlgorithmSpec>& algorithm) {
  if (algorithm.value_or(EncryptionAlgorithmSpec::kSymmetricDefault) ==
      EncryptionAlgorithmSpec::kSymmetricDefault)
    return {};
  return kms::FailWith(kms::Fault::kInvalidKeyUsage,
                       "The algorithm is incompatible with key spec {}", kOnlyAlgorithm);
}

Result<void> CheckRecipient(const std::optional<RecipientInfo>& recipient) {
  if (!recipient) return {};
  return kms::FailWith(kms::Fault::kUnsupported, "Recipient is not supported");
}

Ask Sealing(kms::EncryptionContext context) {
  Ask ask{.context = std::move(context)};
  ask.facts.Set("kms:EncryptionAlgorithm", {std::string(kOnlyAlgorithm)});
  return ask;
}

// The key that sealed a ciphertext, if the caller may open it; `named`: the one the request says.
Result<kms::KeyPtr> FindSealingKey(const KmsCall& call, std::string_view operation,
                                   BytesView ciphertext, const std::optional<std::string>& named,
                                   const kms::EncryptionContext& context) {
  kms::KeyPtr wanted;
  if (named) {
    TM_TRY(wanted, FindKey(call, operation, *named, Sealing(context)));
  }
  TM_TRY(const kms::SealedUnder under, kms::ReadSealedUnder(ciphertext));
  if (wanted && wanted->id == under.key) return wanted;
  if (wanted) {
    return kms::FailWith(kms::Fault::kIncorrectKey,
                         "The key ID in the request does not identify a CMK that can perform this "
                         "operation.");
  }
  const auto key = kms::KeyOf(call.scope.store, under);
  const bool here = key && key->region == call.scope.region;
  const auto allowed =
      here ? AuthorizeKey(call, operation, *key, Sealing(context)) : Result<void>();
  if (here && allowed) return key;
  // Of another account's key it is not told whether it is there.
  if (here && key->account == call.principal.account) return Fail(allowed.error());
  return Fail(ErrorKind::kAccessDenied,
              "The ciphertext refers to a customer master key that does not exist, does not exist "
              "in this region, or you are not allowed to access.");
}

struct DataKeySize {
  std::optional<int64_t> bytes;
  std::optional<DataKeySpec> spec;
};

Result<size_t> BytesOf(const DataKeySize& size) {
  if (size.bytes.has_value() == size.spec.has_value())
    return Fail(ErrorKind::kValidation, "Please specify either number of bytes or key spec.");
  if (size.bytes) return static_cast<size_t>(*size.bytes);
  return *size.spec == DataKeySpec::kAes256 ? 32 : 16;
}

// Of both operations that make data keys; `shown`: with the key as it is.
template <class Input>
Result<std::string> MakeDataKey(const KmsCall& call, std::string_view operation, const Input& input,
                                bool shown) {
  const auto context = ToContext(input.encryption_context);
  TM_TRY(const auto key, FindKey(call, operation, *input.key_id, Sealing(context)));
  TM_TRY(const size_t size, BytesOf({.bytes = input.number_of_bytes, .spec = input.key_spec}));
  TM_TRYV(kms::CheckUsable(*key));
  TM_TRYV(CheckDryRun(input.dry_run));
  Bytes plain = call.scope.store.random().String(size);
  TM_TRY(const Bytes sealed, kms::Encrypt(call.scope.store, *key, context, plain));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("CiphertextBlob", codec::EncodeBase64(sealed));
  if (shown) w.Field("Plaintext", codec::EncodeBase64(plain));
  w.Field("KeyId", key->Arn()).Field("KeyMaterialId", key->current().id).EndObject();
  crypto::Wipe(plain.data(), plain.size());
  return answer;
}

}  // namespace

Result<std::string> Encrypt(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseEncrypt(body));
  const auto context = ToContext(input.encryption_context);
  TM_TRY(const auto key, FindKey(call, "Encrypt", *input.key_id, Sealing(context)));
  TM_TRYV(CheckAlgorithm(input.encryption_algorithm));
  TM_TRYV(kms::CheckUsable(*key));
  TM_TRYV(CheckDryRun(input.dry_run));
  TM_TRY(const Bytes sealed, kms::Encrypt(call.scope.store, *key, context, *input.plaintext));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("CiphertextBlob", codec::EncodeBase64(sealed)).Field("KeyId", key->Arn());
  w.Field("EncryptionAlgorithm", kOnlyAlgorithm).EndObject();
  return answer;
}

Result<std::string> Decrypt(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDecrypt(body));
  TM_TRYV(CheckRecipient(input.recipient));
  const auto context = ToContext(input.encryption_context);
  TM_TRY(const auto key,
         FindSealingKey(call, "Decrypt", *input.ciphertext_blob, input.key_id, context));
  TM_TRYV(CheckAlgorithm(input.encryption_algorithm));
  TM_TRY(auto opened, kms::Decrypt(call.scope.store, *key, context, *input.ciphertext_blob));
  TM_TRYV(CheckDryRun(input.dry_run));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("KeyId", key->Arn());
  w.Field("Plaintext", codec::EncodeBase64(opened.plain));
  w.Field("EncryptionAlgorithm", kOnlyAlgorithm).Field("KeyMaterialId", opened.material_id);
  w.EndObject();
  crypto::Wipe(opened.plain.data(), opened.plain.size());
  return answer;
}

Result<std::string> ReEncrypt(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseReEncrypt(body));
  const auto from_context = ToContext(input.source_encryption_context);
  const auto to_context = ToContext(input.destination_encryption_context);
  TM_TRY(const auto from, FindSealingKey(call, "ReEncryptFrom", *input.ciphertext_blob,
                                         input.source_key_id, from_context));
  TM_TRY(const auto to,
         FindKey(call, "ReEncryptTo", *input.destination_key_id, Sealing(to_context)));
  TM_TRYV(CheckAlgorithm(input.source_encryption_algorithm));
  TM_TRYV(CheckAlgorithm(input.destination_encryption_algorithm));
  TM_TRY(auto opened, kms::Decrypt(call.scope.store, *from, from_context, *input.ciphertext_blob));
  TM_TRYV(kms::CheckUsable(*to));
  TM_TRYV(CheckDryRun(input.dry_run));
  TM_TRY(const Bytes sealed, kms::Encrypt(call.scope.store, *to, to_context, opened.plain));
  crypto::Wipe(opened.plain.data(), opened.plain.size());
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("CiphertextBlob", codec::EncodeBase64(sealed));
  w.Field("SourceKeyId", from->Arn()).Field("KeyId", to->Arn());
  w.Field("SourceEncryptionAlgorithm", kOnlyAlgorithm);
  w.Field("DestinationEncryptionAlgorithm", kOnlyAlgorithm);
  w.Field("SourceKeyMaterialId", opened.material_id);
  w.Field("DestinationKeyMaterialId", to->current().id).EndObject();
  return answer;
}

Result<std::string> GenerateDataKey(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGenerateDataKey(body));
  TM_TRYV(CheckRecipient(input.recipient));
  return MakeDataKey(call, "GenerateDataKey", input, true);
}

Result<std::string> GenerateDataKeyWithoutPlaintext(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGenerateDataKeyWithoutPlaintext(body));
  return MakeDataKey(call, "GenerateDataKeyWithoutPlaintext", input, false);
}

Result<std::string> GenerateRandom(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGenerateRandom(body));
  TM_TRYV(AuthorizeResource(call, "GenerateRandom", "*"));
  TM_TRYV(CheckRecipient(input.recipient));
  if (input.custom_key_store_id)
    return kms::FailWith(kms::Fault::kUnsupported, "Custom key stores are not supported");
  if (!input.number_of_bytes) return Fail(ErrorKind::kValidation, "NumberOfBytes is required.");
  const Bytes bytes = call.scope.store.random().String(static_cast<size_t>(*input.number_of_bytes));
  std::string answer;
  JsonWriter(&answer).BeginObject().Field("Plaintext", codec::EncodeBase64(bytes)).EndObject();
  return answer;
}

}  // namespace tidemark::api::kms_json
