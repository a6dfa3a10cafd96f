#include <algorithm>

#include "policy/action_tables.h"

namespace tidemark::policy {

namespace {

constexpr uint32_t kOnKey = kOnMessages | kAcrossAccounts;

// KMS's, sorted likewise. ReEncrypt needs two.
constexpr Action kKmsActions[] = {
    {"CancelKeyDeletion", "kms:CancelKeyDeletion", ResourceForm::kKey},
    {"CreateAlias", "kms:CreateAlias", ResourceForm::kAlias},
    {"CreateGrant", "kms:CreateGrant", ResourceForm::kKey, kAcrossAccounts},
    {"CreateKey", "kms:CreateKey", ResourceForm::kEverything},
    {"Decrypt", "kms:Decrypt", ResourceForm::kKey, kOnKey},
    {"DeleteAlias", "kms:DeleteAlias", ResourceForm::kAlias},
    {"DescribeKey", "kms:DescribeKey", ResourceForm::kKey, kAcrossAccounts},
    {"DisableKey", "kms:DisableKey", ResourceForm::kKey},
    {"DisableKeyRotation", "kms:DisableKeyRotation", ResourceForm::kKey},
    {"EnableKey", "kms:EnableKey", ResourceForm::kKey},
    {"EnableKeyRotation", "kms:EnableKeyRotation", ResourceForm::kKey},
    {"Encrypt", "kms:Encrypt", ResourceForm::kKey, kOnKey},
    {"GenerateDataKey", "kms:GenerateDataKey", ResourceForm::kKey, kOnKey},
    {"GenerateDataKeyWithoutPlaintext", "kms:GenerateDataKeyWithoutPlaintext", ResourceForm::kKey,
     kOnKey},
    {"GenerateRandom", "kms:GenerateRandom", ResourceForm::kEverything, kOnMessages},
    {"GetKeyPolicy", "kms:GetKeyPolicy", ResourceForm::kKey},
    {"GetKeyRotationStatus", "kms:GetKeyRotationStatus", ResourceForm::kKey, kAcrossAccounts},
    {"ListAliases", "kms:ListAliases", ResourceForm::kEverything},
    {"ListGrants", "kms:ListGrants", ResourceForm::kKey, kAcrossAccounts},
    {"ListKeyPolicies", "kms:ListKeyPolicies", ResourceForm::kKey},
    {"ListKeyRotations", "kms:ListKeyRotations", ResourceForm::kKey},
    {"ListKeys", "kms:ListKeys", ResourceForm::kEverything},
    {"ListResourceTags", "kms:ListResourceTags", ResourceForm::kKey},
    {"ListRetirableGrants", "kms:ListRetirableGrants", ResourceForm::kEverything},
    {"PutKeyPolicy", "kms:PutKeyPolicy", ResourceForm::kKey},
    {"ReEncryptFrom", "kms:ReEncryptFrom", ResourceForm::kKey, kOnKey},
    {"ReEncryptTo", "kms:ReEncryptTo", ResourceForm::kKey, kOnKey},
    {"RetireGrant", "kms:RetireGrant", ResourceForm::kKey, kAcrossAccounts},
    {"RevokeGrant", "kms:RevokeGrant", ResourceForm::kKey, kAcrossAccounts},
    {"RotateKeyOnDemand", "kms:RotateKeyOnDemand", ResourceForm::kKey},
    {"ScheduleKeyDeletion", "kms:ScheduleKeyDeletion", ResourceForm::kKey},
    {"TagResource", "kms:TagResource", ResourceForm::kKey},
    {"UntagResource", "kms:UntagResource", ResourceForm::kKey},
    {"UpdateAlias", "kms:UpdateAlias", ResourceForm::kAlias},
    {"UpdateKeyDescription", "kms:UpdateKeyDescription", ResourceForm::kKey},
};
static_assert(std::ranges::is_sorted(kKmsActions, {}, &Action::operation));

}  // namespace

std::span<const Action> KmsActions() { return kKmsActions; }

}  // namespace tidemark::policy
