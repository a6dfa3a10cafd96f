// DiffTable: what differs between a table at two instants.
#include "pitr/diff.h"

#include "api/dynamodb/item_answers.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/past/handlers.h"
#include "codec/base64.h"
#include "codec/varint.h"
#include "item/item_codec.h"
#include "item/row_key.h"

namespace tidemark::api::past {
namespace {

constexpr int64_t kChangesDefault = 100;
constexpr size_t kDiffPageBytesMax = 1 << 20;
constexpr size_t kExaminedMax = 20'000;

// A token: from which row on, and until when, since "now" of the first page goes on.
std::string EncodeToken(Timestamp until, BytesView next) {
  Bytes bytes;
  codec::AppendLittle64(static_cast<uint64_t>(ToMicros(until)), &bytes);
  bytes += next;
  return codec::EncodeBase64(bytes);
}

Result<void> ApplyToken(const std::string& token, pitr::DiffRequest* request) {
  const auto bytes = codec::DecodeBase64(token);
  uint64_t micros = 0;
  BytesView rest;
  if (bytes) rest = *bytes;
  if (!codec::ReadLittle64(&rest, &micros) || rest < request->begin ||
      (!request->end.empty() && rest >= request->end)) {
    return Fail(ErrorKind::kValidation, "NextToken is none that this request was answered with");
  }
  request->until = FromMicros(static_cast<int64_t>(micros));
  request->begin = rest;
  return {};
}

Result<void> WriteSide(std::string_view name, const std::optional<Bytes>& stored, bool with_item,
                       codec::JsonWriter* w) {
  if (!stored) return {};
  TM_TRY(const uint64_t size, item::EncodedItemSize(*stored));
  w->Field(fmt::format("{}SizeBytes", name), static_cast<int64_t>(size));
  return with_item ? WriteStored(fmt::format("{}Item", name), *stored, w) : Result<void>();
}

std::string_view KindOf(const pitr::RowChange& change) {
  if (!change.before) return "ADDED";
  return change.after ? "CHANGED" : "REMOVED";
}

Result<std::string> Answer(const item::KeySchema& keys, const pitr::DiffPage& page,
                           bool with_items) {
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  WriteRange(page.from, page.until, &w);
  int64_t added = 0, removed = 0, changed = 0;
  w.Key("Changes").BeginArray();
  for (const pitr::RowChange& change : page.changes) {
    ++(!change.before ? added : change.after ? changed : removed);
    TM_TRY(const auto key, item::KeyFromRow(keys, change.key));
    w.BeginObject();
    w.Field("Kind", KindOf(change));
    w.Key("Key");
    dynamodb::WriteItem(key, &w);
    WriteInstant("CommitTime", change.time, &w);
    WriteOrigin(change.access_key, change.request_id, &w);
    TM_TRYV(WriteSide("Old", change.before, with_items, &w));
    TM_TRYV(WriteSide("New", change.after, with_items, &w));
    w.EndObject();
  }
  w.EndArray();
  w.Field("Added", added).Field("Removed", removed).Field("Changed", changed);
  if (!page.next.empty()) w.Field("NextToken", EncodeToken(page.until, page.next));
  w.EndObject();
  return answer;
}

}  // namespace

Task<std::string> DiffTable(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseDiffTable(body));
  TM_CO_TRY(const auto table, FindTable(services, caller, *input.table_name));
  TM_CO_TRY(const auto times, ReadRange(services, *table, input.from, input.until));
  auto range = item::SegmentRange(item::kPrimaryIndex, 0, 1);
  if (input.partition_key) {
    TM_CO_TRY(range, PartitionRange(table->keys, *input.partition_key));
  }
  pitr::DiffRequest request{
      .from = times.from,
      .until = times.until,
      .begin = std::move(range.begin),
      .end = std::move(range.end),
      .changes_max = static_cast<size_t>(input.limit.value_or(kChangesDefault)),
      .bytes_max = kDiffPageBytesMax,
      .examined_max = kExaminedMax};
  if (input.next_token) TM_CO_TRYV(ApplyToken(*input.next_token, &request));
  const bool with_items = input.include_items.value_or(false);
  auto work = [&]() -> Result<std::string> {
    TM_TRY(const auto page, pitr::Diff(services.past, *table, request));
    return Answer(table->keys, page, with_items);
  };
  co_return co_await runtime::Blocking(services.pool, std::move(work));
}

}  // namespace tidemark::api::past
