// Streams, their shards and records as the answers of DynamoDB Streams show them.
#pragma once
#include "base/result.h"
#include "codec/json_writer.h"
#include "streams/streams.h"

namespace tidemark::api::dynamodb {

void WriteStreamDescription(const streams::StreamDescription& description, codec::JsonWriter* w);
// `table`: whose stream it is. kCorruption: an image does not decode.
Result<void> WriteRecord(const catalog::TableRecord& table, const streams::Record& record,
                         codec::JsonWriter* w);

}  // namespace tidemark::api::dynamodb
