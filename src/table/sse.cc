#include "table/sse.h"

#include <fmt/format.h>

namespace tidemark::table {
namespace {

std::string KeyArn(const Caller& caller, std::string_view key) {
  if (key.starts_with("arn:")) return std::string(key);
  if (key.empty()) key = "alias/aws/dynamodb";
  return fmt::format("arn:aws:kms:{}:{}:{}{}", caller.region.value, caller.account.value,
                     key.starts_with("alias/") ? "" : "key/", key);
}

Unexpected Invalid(std::string_view text) {
  return Fail(ErrorKind::kValidation, "One or more parameter values were invalid: {}", text);
}

}  // namespace

Result<catalog::SseSettings> MakeSse(const Caller& caller, const SseRequest& request) {
  if (!request.enabled.value_or(false)) {
    if (!request.type.empty() || !request.kms_key.empty())
      return Invalid("SSEType and KMSMasterKeyId can be specified only when SSE is enabled");
    return catalog::SseSettings{};
  }
  if (!request.type.empty() && request.type != "KMS")
    return Invalid(fmt::format("SSEType {} is not supported; use KMS", request.type));
  return catalog::SseSettings{
      .enabled = true, .type = "KMS", .key_arn = KeyArn(caller, request.kms_key)};
}

}  // namespace tidemark::table
