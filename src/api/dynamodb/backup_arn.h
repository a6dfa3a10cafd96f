// arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/backup/ID
#pragma once
#include <string_view>

#include "base/result.h"
#include "table/requests.h"

namespace tidemark::api::dynamodb {

struct BackupArnParts {  // views into the text
  std::string_view region;
  std::string_view account;
  std::string_view table;
  std::string_view backup;
};

// Access is decided on the ARN's account before anything is looked up, so that "not found" tells
// nothing about other accounts. Errors: kAccessDenied, kValidation (no backup's ARN).
Result<BackupArnParts> ParseBackupArn(const table::Caller& caller, std::string_view arn);

}  // namespace tidemark::api::dynamodb
