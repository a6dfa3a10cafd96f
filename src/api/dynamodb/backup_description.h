// BackupDescription and its parts.
#pragma once
#include "catalog/backup_record.h"
#include "codec/json_writer.h"

namespace tidemark::api::dynamodb {

void WriteBackupDetails(const catalog::BackupRecord& backup, codec::JsonWriter* w);
void WriteBackupDescription(const catalog::BackupRecord& backup, codec::JsonWriter* w);
void WriteBackupSummary(const catalog::BackupRecord& backup, codec::JsonWriter* w);

}  // namespace tidemark::api::dynamodb
