#include "api/dynamodb/stream_answers.h"

#include "api/dynamodb/table_description.h"
#include "codec/hex.h"
#include "crypto/hash.h"
#include "item/item_codec.h"
#include "item/item_json.h"
#include "shard/change.h"

namespace tidemark::api::dynamodb {

namespace {

constexpr size_t kEventIdBytes = 16;

std::string_view NameOf(streams::Event event) {
  switch (event) {
    case streams::Event::kInsert:
      return "INSERT";
    case streams::Event::kModify:
      return "MODIFY";
    case streams::Event::kRemove:
      break;
  }
  return "REMOVE";
}

// The same each time the record is read.
std::string EventIdOf(const catalog::TableRecord& table, std::string_view sequence) {
  Bytes seed(table.id.AsBytes());
  seed += table.stream->label;
  seed += sequence;
  const auto digest = crypto::Sha256(seed);
  return codec::EncodeHex(BytesView(reinterpret_cast<const char*>(digest.data()), kEventIdBytes));
}

Result<void> WriteImage(std::string_view name, const Bytes& image, codec::JsonWriter* w) {
  w->Key(name).BeforeValue();
  return item::AppendEncodedItemJson(image, w->out());
}

void WriteShard(const streams::StreamShard& shard, codec::JsonWriter* w) {
  w->BeginObject();
  w->Field("ShardId", shard.id);
  w->Key("SequenceNumberRange").BeginObject();
  w->Field("StartingSequenceNumber", shard.first().ToText());
  if (shard.closed) w->Field("EndingSequenceNumber", shard.last().ToText());
  w->EndObject();
  if (!shard.parent.empty()) w->Field("ParentShardId", shard.parent);
  w->EndObject();
}

}  // namespace

void WriteStreamDescription(const streams::StreamDescription& description, codec::JsonWriter* w) {
  const auto& table = *description.table;
  const auto& stream = *table.stream;
  w->BeginObject();
  w->Field("StreamArn", table.StreamArn());
  w->Field("StreamLabel", stream.label);
  w->Field("StreamStatus", stream.enabled ? "ENABLED" : "DISABLED");
  w->Field("StreamViewType", catalog::ToString(stream.view));
  w->Key("CreationRequestDateTime").EpochMillis(stream.enabled_at);
  w->Field("TableName", table.name);
  WriteKeySchema(table.keys, w);
  w->Key("Shards").BeginArray();
  for (const auto& shard : description.shards) WriteShard(shard, w);
  w->EndArray();
  if (description.more) w->Field("LastEvaluatedShardId", description.shards.back().id);
  w->EndObject();
}

Result<void> WriteRecord(const catalog::TableRecord& table, const streams::Record& record,
                         codec::JsonWriter* w) {
  const streams::Change& change = *record.change;
  const std::string sequence = change.sequence.ToText();
  w->BeginObject();
  w->Field("eventID", EventIdOf(table, sequence));
  w->Field("eventName", NameOf(change.event));
  w->Field("eventVersion", "1.1");
  w->Field("eventSource", "aws:dynamodb");
  w->Field("awsRegion", table.region.value);
  w->Key("dynamodb").BeginObject();
  w->Field("ApproximateCreationDateTime", ToMicros(change.sequence.commit) / 1'000'000);
  w->Key("Keys").BeforeValue();
  item::AppendJson(record.keys, w->out());
  if (record.show_new) TM_TRYV(WriteImage("NewImage", *change.now, w));
  if (record.show_old) TM_TRYV(WriteImage("OldImage", *change.old, w));
  w->Field("SequenceNumber", sequence);
  w->Field("SizeBytes", static_cast<int64_t>(record.size));
  w->Field("StreamViewType", catalog::ToString(table.stream->view));
  w->EndObject();
  if (change.by_service) {
    w->Key("userIdentity").BeginObject();
    w->Field("PrincipalId", shard::kServiceAccessKey);
    w->Field("Type", "Service");
    w->EndObject();
  }
  w->EndObject();
  return {};
}

}  // namespace tidemark::api::dynamodb
