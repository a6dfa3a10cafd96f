#include "api/past/operations.h"

#include "api/past/handlers.h"
#include "codec/instant.h"
#include "item/item_codec.h"
#include "table/key_rules.h"
#include "table/table_name.h"

namespace tidemark::api::past {

std::vector<Operation> Operations(const Services& services) {
  using Handler = Task<std::string>(const Services&, Caller, JsonValue);
  auto bound = [&services](std::string_view name, Handler* handler) {
    return Operation{.name = name,
                     .prefix = kTargetPrefix,
                     .run =
                         [&services, handler](Caller caller, JsonValue body) {
                           return handler(services, std::move(caller), body);
                         },
                     .of_region = true};
  };
  auto restoring = [&bound](std::string_view name, Handler* handler) {
    Operation operation = bound(name, handler);
    operation.restores = true;
    return operation;
  };
  auto from_backup = [&bound](std::string_view name, Handler* handler) {
    Operation operation = bound(name, handler);
    operation.reads_backup = true;
    return operation;
  };
  return {
      bound("CancelTableRestore", CancelTableRestore),
      bound("DescribeItemRestore", DescribeItemRestore),
      bound("DescribeTableRestore", DescribeTableRestore),
      bound("DiffTable", DiffTable),
      bound("GetItemHistory", GetItemHistory),
      bound("GetSettingsHistory", GetSettingsHistory),
      bound("GetTableActivity", GetTableActivity),
      bound("ListDeletedTables", ListDeletedTables),
      bound("ListItemRestores", ListItemRestores),
      bound("ListMoments", ListMoments),
      bound("ListTableRestores", ListTableRestores),
      from_backup("RestoreItems", RestoreItems),
      restoring("RestoreTablesToPointInTime", RestoreTablesToPointInTime),
      bound("RewindTable", RewindTable),
      restoring("UndeleteTable", UndeleteTable),
  };
}

Result<catalog::TablePtr> FindTable(const Services& services, const Caller& caller,
                                    const std::string& name) {
  TM_TRY(const std::string_view plain, table::TableNameOf(caller, name));
  auto table = services.catalog.FindTable(caller.account, caller.region, plain);
  if (table && table->status == catalog::TableStatus::kActive) return table;
  return Fail(ErrorKind::kResourceNotFound, "Requested resource not found");
}

Result<Range> ReadRange(const Services& services, const catalog::TableRecord& table,
                        const std::optional<std::string>& from,
                        const std::optional<std::string>& until) {
  const auto window = services.recovery.WindowOf(table);
  if (!window) {
    return Fail(ErrorKind::kPitrUnavailable, "Point in time recovery is not enabled for table '{}'",
                table.name);
  }
  Range range{window->earliest, window->latest};
  if (from) {
    TM_TRY(range.from, codec::ParseInstant(*from));
  }
  if (until) {
    TM_TRY(range.until, codec::ParseInstant(*until));
  }
  if (range.from > range.until) {
    return Fail(ErrorKind::kValidation, "From must not be later than Until: {}, {}",
                codec::FormatInstant(range.from), codec::FormatInstant(range.until));
  }
  return range;
}

Result<item::KeyRange> PartitionRange(const item::KeySchema& keys, const item::Item& partition) {
  const auto* value = partition.Find(keys.partition.name);
  if (!value || partition.size() != 1 || value->type() != keys.partition.type) {
    return Fail(ErrorKind::kValidation,
                "PartitionKey must be the table's partition key alone: {}, of type {}",
                keys.partition.name, item::TypeName(keys.partition.type));
  }
  TM_TRYV(table::CheckKeyValue(keys.partition, *value, true));
  const Bytes prefix = item::PartitionPrefix(item::kPrimaryIndex, *value);
  return item::KeyRange{prefix, item::PrefixEnd(prefix)};
}

void WriteInstant(std::string_view name, Timestamp time, codec::JsonWriter* w) {
  w->Field(name, codec::FormatInstant(time));
}

void WriteRange(Timestamp from, Timestamp until, codec::JsonWriter* w) {
  WriteInstant("From", from, w);
  WriteInstant("Until", until, w);
}

void WriteOrigin(BytesView access_key, BytesView request_id, codec::JsonWriter* w) {
  if (!access_key.empty()) w->Field("AccessKeyId", access_key);
  if (!request_id.empty()) w->Field("RequestId", request_id);
}

Result<void> WriteStored(std::string_view name, BytesView stored, codec::JsonWriter* w) {
  w->Key(name).BeforeValue();
  return item::AppendEncodedItemJson(stored, w->out());
}

}  // namespace tidemark::api::past
