// Where reports are written: a directory of the server's, below it a bucket a directory.
#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::vault {

// Names of directories and files are made of them. Buckets are called as the service's are; each
// part of a prefix is the name of a directory. kValidation.
Result<void> CheckDelivery(std::string_view bucket, std::string_view prefix);

// Durable. Symbolic links below the directory are not followed. What an error says is for users: it
// does not tell where the directory lies, which the server's log does.
Result<void> WriteReportFile(const std::string& directory, const std::string& bucket,
                             const std::string& key, BytesView content);

}  // namespace tidemark::vault
