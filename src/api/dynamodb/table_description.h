// TableDescription and its parts, as DescribeTable and its kin answer them.
#pragma once
#include "catalog/table_record.h"
#include "codec/json_writer.h"
#include "table/table_request.h"

namespace tidemark::api::dynamodb {

void WriteKeyElement(std::string_view name, std::string_view type, codec::JsonWriter* w);
void WriteKeySchema(const item::KeySchema& keys, codec::JsonWriter* w);           // "KeySchema"
void WriteSseDescription(const catalog::SseSettings& sse, codec::JsonWriter* w);  // if enabled
void WriteOnDemandThroughput(const std::optional<catalog::OnDemandThroughput>& throughput,
                             codec::JsonWriter* w);  // if given
// "StreamSpecification", or as a backup names it; if enabled.
void WriteStreamSpecification(std::string_view key,
                              const std::optional<catalog::StreamSettings>& stream,
                              codec::JsonWriter* w);

void WriteTableDescription(const table::TableDescription& table, codec::JsonWriter* w);

// "TimeToLiveDescription" as a member.
void WriteTimeToLive(const catalog::TtlSettings& settings, codec::JsonWriter* w);

}  // namespace tidemark::api::dynamodb
