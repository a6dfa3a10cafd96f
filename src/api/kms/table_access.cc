// May the caller put a table under that key? DynamoDB uses the key in the caller's name, so the
// caller needs what DynamoDB does with it. Asked when a request names a key, of everybody; who may
// use a table that is under a key needs no permission on it.
#include "api/dynamodb/members.h"
#include "api/kms/call.h"
#include "kms/fault.h"

namespace tidemark::api {

namespace {

using kms_json::Ask;
using kms_json::KmsCall;

struct NamesKey {
  std::string_view operation;
  std::string_view specification;
  std::string_view table;
};
constexpr NamesKey kNamingKeys[] = {
    {"CreateTable", "SSESpecification", "TableName"},
    {"RestoreTableFromBackup", "SSESpecificationOverride", "TargetTableName"},
    {"RestoreTableToPointInTime", "SSESpecificationOverride", "TargetTableName"},
    {"UpdateTable", "SSESpecification", "TableName"}};

constexpr std::string_view kNeeded[] = {"DescribeKey",     "CreateGrant",   "Encrypt",    "Decrypt",
                                        "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo"};

Ask ThroughDynamoDb(const KmsCall& call, std::string_view operation, std::string_view table) {
  Ask ask{.context = {{"aws:dynamodb:subscriberId", call.scope.account.value},
                      {"aws:dynamodb:tableName", std::string(table)}}};
  ask.facts.Set("kms:ViaService",
                {fmt::format("dynamodb.{}.amazonaws.com", call.scope.region.value)});
  ask.facts.Set("aws:ViaAWSService", {"true"});
  if (operation == "CreateGrant") ask.facts.Set("kms:GrantIsForAWSResource", {"true"});
  return ask;
}

}  // namespace

Result<void> KmsApi::CheckTableKey(const auth::Principal& principal, const http::Request& request,
                                   std::string_view operation, codec::JsonValue body,
                                   const AccountId& owner) const {
  const auto* names = std::ranges::find(kNamingKeys, operation, &NamesKey::operation);
  if (names == std::end(kNamingKeys)) return {};
  const std::string key(
      dynamodb::TextMember(dynamodb::Member(body, names->specification), "KMSMasterKeyId"));
  // DynamoDB's own key is for everybody who may use DynamoDB.
  const std::string own_arn =
      fmt::format("arn:aws:kms:{}:{}:{}", principal.region.value, owner.value, kms::kServiceAlias);
  if (key.empty() || key == kms::kServiceAlias || key == own_arn) return {};
  const KmsCall call{.services = services_,
                     .principal = principal,
                     .request = request,
                     .scope = {services_.store, owner, principal.region, services_.clock.Now()}};
  const std::string_view table = dynamodb::TextMember(body, names->table);
  for (const std::string_view needed : kNeeded) {
    auto found = kms_json::FindKey(call, needed, key, ThroughDynamoDb(call, needed, table));
    if (found) continue;
    if (found.error().kind != ErrorKind::kAccessDenied) return {};  // the operation tells
    return Fail(ErrorKind::kAccessDenied,
                "KMS key access denied error: com.amazonaws.services.kms.model.AWSKMSException: {} "
                "(Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException)",
                found.error().message);
  }
  return {};
}

}  // namespace tidemark::api
