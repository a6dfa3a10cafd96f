// GetItemHistory: every version of one item, newest first.
#include <algorithm>

#include "api/dynamodb/shapes_gen.h"
#include "api/past/handlers.h"
#include "archive/versions.h"
#include "codec/instant.h"
#include "item/item_codec.h"
#include "pitr/past.h"
#include "table/key_rules.h"

namespace tidemark::api::past {
namespace {

constexpr int64_t kVersionsDefault = 100;
constexpr size_t kHistoryPageBytesMax = 1 << 20;

struct Request {
  catalog::TablePtr table;
  Bytes row;
  Range range;
  size_t limit = 0;
  bool with_items = true;
};

Result<void> WriteVersion(const archive::RowVersion& version, bool with_item,
                          codec::JsonWriter* w) {
  w->BeginObject();
  WriteInstant("CommitTime", version.time, w);
  w->Field("Kind", version.value ? "PUT" : "DELETE");
  WriteOrigin(version.access_key, version.request_id, w);
  if (version.value) {
    TM_TRY(const uint64_t size, item::EncodedItemSize(*version.value));
    w->Field("SizeBytes", static_cast<int64_t>(size));
    if (with_item) TM_TRYV(WriteStored("Item", *version.value, w));
  }
  w->EndObject();
  return {};
}

// What the item was when the range begins.
Result<void> WriteBefore(pitr::Past& past, const Request& request, Timestamp from,
                         codec::JsonWriter* w) {
  TM_TRY(const auto rows, past.At(*request.table, from));
  TM_TRY(const auto value, rows->Get(request.row));
  w->Key("Before").BeginObject();
  WriteInstant("Instant", from, w);
  w->FieldBool("Exists", value.has_value());
  if (value) {
    TM_TRY(const uint64_t size, item::EncodedItemSize(*value));
    w->Field("SizeBytes", static_cast<int64_t>(size));
    if (request.with_items) TM_TRYV(WriteStored("Item", *value, w));
  }
  w->EndObject();
  return {};
}

Result<std::string> Answer(pitr::Past& past, const Request& request) {
  TM_TRY(const auto between, past.Between(*request.table, request.range.from, request.range.until));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  WriteRange(between.from(), between.until(), &w);
  w.Key("Versions").BeginArray();
  const auto versions = between.VersionsOf(request.row);
  Timestamp last{};
  bool more = false;
  for (size_t count = 0;; ++count) {
    TM_TRY(const archive::RowVersion* version, versions->Next());
    // At `from` itself it is the state that the range begins with.
    if (!version || version->time <= between.from()) break;
    more = count == request.limit || answer.size() >= kHistoryPageBytesMax;
    if (more) break;
    TM_TRYV(WriteVersion(*version, request.with_items, &w));
    last = version->time;
  }
  w.EndArray();
  if (more) {
    w.Field("NextToken", codec::FormatInstant(last));
  } else {
    TM_TRYV(WriteBefore(past, request, between.from(), &w));
  }
  w.EndObject();
  return answer;
}

}  // namespace

Task<std::string> GetItemHistory(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseGetItemHistory(body));
  Request request;
  TM_CO_TRY(request.table, FindTable(services, caller, *input.table_name));
  TM_CO_TRYV(table::CheckKey(request.table->keys, *input.key));
  request.row = table::PrimaryRow(request.table->keys, *input.key);
  TM_CO_TRY(request.range, ReadRange(services, *request.table, input.from, input.until));
  if (input.next_token) {  // the commit time of the last version given
    TM_CO_TRY(const auto last, codec::ParseInstant(*input.next_token));
    request.range.until = std::max(request.range.from, last - Micros(1));
  }
  request.limit = static_cast<size_t>(input.limit.value_or(kVersionsDefault));
  request.with_items = input.include_items.value_or(true);
  auto work = [&] { return Answer(services.past, request); };
  co_return co_await runtime::Blocking(services.pool, std::move(work));
}

}  // namespace tidemark::api::past
