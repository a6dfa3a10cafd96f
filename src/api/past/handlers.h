// The operations, one function each, and what they share.
#pragma once
#include <optional>
#include <string>

#include "api/dynamodb/operations.h"
#include "codec/json_reader.h"
#include "codec/json_writer.h"
#include "item/row_key.h"
#include "runtime/task.h"

namespace tidemark::api::past {

using codec::JsonValue;
using dynamodb::Services;
using table::Caller;

Task<std::string> GetItemHistory(const Services& services, Caller caller, JsonValue body);
Task<std::string> GetSettingsHistory(const Services& services, Caller caller, JsonValue body);
Task<std::string> DiffTable(const Services& services, Caller caller, JsonValue body);
Task<std::string> GetTableActivity(const Services& services, Caller caller, JsonValue body);
Task<std::string> ListMoments(const Services& services, Caller caller, JsonValue body);
Task<std::string> RestoreItems(const Services& services, Caller caller, JsonValue body);
Task<std::string> DescribeItemRestore(const Services& services, Caller caller, JsonValue body);
Task<std::string> ListItemRestores(const Services& services, Caller caller, JsonValue body);
Task<std::string> CancelTableRestore(const Services& services, Caller caller, JsonValue body);
Task<std::string> DescribeTableRestore(const Services& services, Caller caller, JsonValue body);
Task<std::string> ListTableRestores(const Services& services, Caller caller, JsonValue body);
Task<std::string> ListDeletedTables(const Services& services, Caller caller, JsonValue body);
Task<std::string> RestoreTablesToPointInTime(const Services& services, Caller caller,
                                             JsonValue body);
Task<std::string> RewindTable(const Services& services, Caller caller, JsonValue body);
Task<std::string> UndeleteTable(const Services& services, Caller caller, JsonValue body);

// The table, by name or ARN, ACTIVE or being changed. Errors: kResourceNotFound, kAccessDenied.
Result<catalog::TablePtr> FindTable(const Services& services, const Caller& caller,
                                    const std::string& name);

// A range of time as a request gives it. Absent ends: of the table's window.
struct Range {
  Timestamp from, until;
};
// Errors: kValidation (no instants, or the wrong way round), kPitrUnavailable.
Result<Range> ReadRange(const Services& services, const catalog::TableRecord& table,
                        const std::optional<std::string>& from,
                        const std::optional<std::string>& until);

// The rows of one partition, whose key `partition` must be. kValidation.
Result<item::KeyRange> PartitionRange(const item::KeySchema& keys, const item::Item& partition);

// "From" and "Until" of an answer.
void WriteRange(Timestamp from, Timestamp until, codec::JsonWriter* w);
void WriteInstant(std::string_view name, Timestamp time, codec::JsonWriter* w);
// "AccessKeyId" and "RequestId", where there are any.
void WriteOrigin(BytesView access_key, BytesView request_id, codec::JsonWriter* w);
// A stored item under `name`. kCorruption.
Result<void> WriteStored(std::string_view name, BytesView stored, codec::JsonWriter* w);

}  // namespace tidemark::api::past
