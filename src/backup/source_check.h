// What is to be copied to another place is read once before: a copy of damaged files would be found
// out only when it is needed.
#pragma once
#include <atomic>
#include <string>

#include "catalog/backup_record.h"
#include "engine/table_store.h"

namespace tidemark::backup {

// Reads the backup's image, which lies in `image`, whole; blocking. kCorruption: names the file
// within the image, or what is missing of it. kCancelled: `stop`. One whose key cannot be used now
// (kKeyDisabled) cannot be checked.
Result<void> CheckSource(engine::Engine& engine, const std::string& image,
                         const catalog::BackupRecord& backup, const std::atomic<bool>& stop);

// Reads all rows of the image and compares them with what the log recorded of the backup. The same
// errors.
Result<void> CheckRows(engine::Engine& engine, const std::string& image,
                       const catalog::BackupRecord& backup, const std::atomic<bool>& stop);

}  // namespace tidemark::backup
