#include "table/sse.h"

#include <fmt/format.h>

#include "table/invalid.h"

namespace tidemark::table {
namespace {

std::string KeyArn(const Caller& caller, std::string_view key) {
  if (key.starts_with("arn:")) return std::string(key);
  if (key.empty()) key = "alias/aws/dynamodb";
  return fmt::format("arn:aws:kms:{}:{}:{}{}", caller.region.value, caller.account.value,
                     key.starts_with("alias/") ? "" : "key/", key);
}

}  // namespace

Result<catalog::SseSettings> MakeSse(const Caller& caller, const SseRequest& request) {
  // A type alone switches it on.
  const bool enabled = request.enabled.value_or(!request.type.empty());
  if (!enabled && !request.type.empty())
    return Invalid("SSEType can not be specified if Enabled is false");
  if (request.enabled == false && !request.kms_key.empty())
    return Invalid("KMSMasterKeyId can not be specified if Enabled is false");
  if (request.type == "AES256") return Invalid("SSEType AES256 is not supported");
  if (!request.kms_key.empty() && request.type.empty())
    return Invalid("SSEType KMS is required if KMSMasterKeyId is specified");
  if (!enabled) return catalog::SseSettings{};
  return catalog::SseSettings{
      .enabled = true, .type = "KMS", .key_arn = KeyArn(caller, request.kms_key)};
}

}  // namespace tidemark::table
