#include "api/dynamodb/backup_arn.h"

namespace tidemark::api::dynamodb {

namespace {

// Cuts what precedes `separator` off the front; the whole rest if there is none.
std::string_view Next(std::string_view* rest, std::string_view separator) {
  const size_t at = rest->find(separator);
  const auto part = rest->substr(0, at);
  *rest = at == std::string_view::npos ? std::string_view() : rest->substr(at + separator.size());
  return part;
}

}  // namespace

Result<BackupArnParts> ParseBackupArn(const table::Caller& caller, std::string_view arn) {
  constexpr std::string_view kPrefix = "arn:aws:dynamodb:";
  constexpr std::string_view kResource = "table/";
  auto invalid = [&] {
    return Fail(ErrorKind::kValidation, "The provided backup ARN is not valid: {}", arn);
  };
  if (!arn.starts_with(kPrefix)) return invalid();
  std::string_view rest = arn.substr(kPrefix.size());
  BackupArnParts parts;
  parts.region = Next(&rest, ":");
  parts.account = Next(&rest, ":");
  if (parts.account != caller.account.value) {
    return Fail(ErrorKind::kAccessDenied, "Access is denied");
  }
  if (!rest.starts_with(kResource)) return invalid();
  rest.remove_prefix(kResource.size());
  parts.table = Next(&rest, "/backup/");
  parts.backup = rest;
  if (parts.region.empty() || parts.table.empty() || parts.backup.empty()) return invalid();
  return parts;
}

}  // namespace tidemark::api::dynamodb
