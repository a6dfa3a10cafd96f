#include "table/table_name.h"

#include <algorithm>

#include "table/invalid.h"

namespace tidemark::table {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

// Cuts the text up to the next ':' off the front.
std::string_view NextField(std::string_view* rest) {
  const size_t colon = std::min(rest->find(':'), rest->size());
  const std::string_view field = rest->substr(0, colon);
  rest->remove_prefix(std::min(colon + 1, rest->size()));
  return field;
}

}  // namespace

Result<std::string_view> TableNameOf(const Caller& caller, std::string_view given) {
  std::string_view name = given;
  if (given.starts_with("arn:")) {
    std::string_view rest = given;
    const auto arn = NextField(&rest);
    const auto partition = NextField(&rest);
    const auto service = NextField(&rest);
    const auto region = NextField(&rest);
    const auto account = NextField(&rest);
    constexpr std::string_view kResource = "table/";
    if (arn != "arn" || partition != "aws" || service != "dynamodb" || !rest.starts_with(kResource))
      return Fail(ErrorKind::kValidation,
                  "Invalid TableArn: Invalid ResourceArn provided as input {}", given);
    if (account != caller.account.value) return Fail(ErrorKind::kAccessDenied, "Access is denied");
    if (region != caller.region.value)
      return Fail(ErrorKind::kValidation,
                  "Invalid TableArn: the Region of {} is not that of the request, {}", given,
                  caller.region.value);
    name = rest.substr(kResource.size());
  }
  if (name.size() < 3 || name.size() > 255 || !std::ranges::all_of(name, IsNameCharacter))
    return Fail(ErrorKind::kValidation,
                "Invalid table/index name.  Table/index names must be between 3 and 255 characters "
                "long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'");
  return name;
}

Result<std::string_view> TaggedTableOf(const Caller& caller, std::string_view arn) {
  if (!arn.starts_with("arn:")) return Invalid("ARNs must start with 'arn:': {}", arn);
  std::string_view rest = arn;
  NextField(&rest);
  const auto partition = NextField(&rest);
  const auto service = NextField(&rest);
  const auto region = NextField(&rest);
  const auto account = NextField(&rest);
  if (service != "dynamodb" || !rest.starts_with("table/"))
    return Invalid("Provided Arn is not a DynamoDB resource arn: {}", arn);
  if (account != caller.account.value) return Fail(ErrorKind::kAccessDenied, "Access is denied");
  if (partition != "aws" || region != caller.region.value)
    return Fail(ErrorKind::kValidation,
                "Invalid TableArn: Invalid ResourceArn provided as input {}", arn);
  rest.remove_prefix(std::string_view("table/").size());
  if (rest.find("/index/") != rest.npos)
    return Invalid(
        "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: "
        "{}",
        arn);
  return rest;
}

}  // namespace tidemark::table
