// A table's settings from an instant on: what the catalog keeps of them while the table has
// point-in-time recovery.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "catalog/table_record.h"
#include "shard/change.h"

namespace tidemark::catalog {

struct SettingsRecord {
  // Commit time of the change in the table's Region: items committed later were written under
  // these settings, or under later ones.
  Timestamp time{};
  shard::Origin origin;  // who changed them; empty: the server itself
  TableRecord table;     // as SettingsOf gives it
};

// What of a record is a setting, or follows from one (whether an index is ACTIVE): the rest, such
// as keys of history and how far a job has come, is as in a record that was just made ACTIVE.
TableRecord SettingsOf(TableRecord record);

std::string EncodeSettingsRecord(const SettingsRecord& record);      // JSON with a "version"
Result<SettingsRecord> DecodeSettingsRecord(std::string_view json);  // kCorruption

}  // namespace tidemark::catalog
