// KMS's operations: each checks its request's form, then permission, then acts. On the blocking
// pool. The answer's body; empty where the operation has none.
#pragma once
#include <string>

#include "api/kms/call.h"

namespace tidemark::api::kms_json {

Result<std::string> CancelKeyDeletion(const KmsCall& call, JsonValue body);
Result<std::string> CreateAlias(const KmsCall& call, JsonValue body);
Result<std::string> CreateGrant(const KmsCall& call, JsonValue body);
Result<std::string> CreateKey(const KmsCall& call, JsonValue body);
Result<std::string> Decrypt(const KmsCall& call, JsonValue body);
Result<std::string> DeleteAlias(const KmsCall& call, JsonValue body);
Result<std::string> DescribeKey(const KmsCall& call, JsonValue body);
Result<std::string> DisableKey(const KmsCall& call, JsonValue body);
Result<std::string> DisableKeyRotation(const KmsCall& call, JsonValue body);
Result<std::string> EnableKey(const KmsCall& call, JsonValue body);
Result<std::string> EnableKeyRotation(const KmsCall& call, JsonValue body);
Result<std::string> Encrypt(const KmsCall& call, JsonValue body);
Result<std::string> GenerateDataKey(const KmsCall& call, JsonValue body);
Result<std::string> GenerateDataKeyWithoutPlaintext(const KmsCall& call, JsonValue body);
Result<std::string> GenerateRandom(const KmsCall& call, JsonValue body);
Result<std::string> GetKeyPolicy(const KmsCall& call, JsonValue body);
Result<std::string> GetKeyRotationStatus(const KmsCall& call, JsonValue body);
Result<std::string> ListAliases(const KmsCall& call, JsonValue body);
Result<std::string> ListGrants(const KmsCall& call, JsonValue body);
Result<std::string> ListKeyPolicies(const KmsCall& call, JsonValue body);
Result<std::string> ListKeyRotations(const KmsCall& call, JsonValue body);
Result<std::string> ListKeys(const KmsCall& call, JsonValue body);
Result<std::string> ListResourceTags(const KmsCall& call, JsonValue body);
Result<std::string> ListRetirableGrants(const KmsCall& call, JsonValue body);
Result<std::string> PutKeyPolicy(const KmsCall& call, JsonValue body);
Result<std::string> ReEncrypt(const KmsCall& call, JsonValue body);
Result<std::string> RetireGrant(const KmsCall& call, JsonValue body);
Result<std::string> RevokeGrant(const KmsCall& call, JsonValue body);
Result<std::string> RotateKeyOnDemand(const KmsCall& call, JsonValue body);
Result<std::string> ScheduleKeyDeletion(const KmsCall& call, JsonValue body);
Result<std::string> TagResource(const KmsCall& call, JsonValue body);
Result<std::string> UntagResource(const KmsCall& call, JsonValue body);
Result<std::string> UpdateAlias(const KmsCall& call, JsonValue body);
Result<std::string> UpdateKeyDescription(const KmsCall& call, JsonValue body);

}  // namespace tidemark::api::kms_json
