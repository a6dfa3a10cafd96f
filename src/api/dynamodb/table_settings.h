// Settings that CreateTable, UpdateTable and the restores share: from shapes to the catalog's
// values.
#pragma once
#include "api/dynamodb/shapes_gen.h"
#include "catalog/table_record.h"
#include "table/table_request.h"

namespace tidemark::api::dynamodb {

inline catalog::BillingMode ToCatalog(BillingMode mode) {
  return mode == BillingMode::kProvisioned ? catalog::BillingMode::kProvisioned
                                           : catalog::BillingMode::kPayPerRequest;
}

inline catalog::Throughput ToCatalog(const ProvisionedThroughput& throughput) {
  return {.read_units = *throughput.read_capacity_units,
          .write_units = *throughput.write_capacity_units};
}

inline catalog::OnDemandThroughput ToCatalog(const OnDemandThroughput& throughput) {
  return {.max_read_units = throughput.max_read_request_units.value_or(-1),
          .max_write_units = throughput.max_write_request_units.value_or(-1)};
}

inline table::UnitsRequest ToTable(const OnDemandThroughput& throughput) {
  return {.read = throughput.max_read_request_units, .write = throughput.max_write_request_units};
}

inline table::UnitsRequest ToTable(const WarmThroughput& throughput) {
  return {.read = throughput.read_units_per_second, .write = throughput.write_units_per_second};
}

inline std::string ToText(TableClass table_class) {
  return table_class == TableClass::kStandard ? "STANDARD" : "STANDARD_INFREQUENT_ACCESS";
}

inline std::vector<table::TagRequest> ToTable(std::vector<Tag>& tags) {
  std::vector<table::TagRequest> requests;
  for (auto& tag : tags) {
    requests.push_back({.key = std::move(tag.key), .value = std::move(tag.value)});
  }
  return requests;
}

inline table::SseRequest ToTable(SSESpecification& sse) {
  table::SseRequest request{.enabled = sse.enabled};
  if (sse.sse_type) request.type = *sse.sse_type == SSEType::kKms ? "KMS" : "AES256";
  if (sse.kms_master_key_id) request.kms_key = std::move(*sse.kms_master_key_id);
  return request;
}

inline catalog::StreamView ToCatalog(StreamViewType view) {
  switch (view) {
    case StreamViewType::kNewImage:
      return catalog::StreamView::kNewImage;
    case StreamViewType::kOldImage:
      return catalog::StreamView::kOldImage;
    case StreamViewType::kNewAndOldImages:
      return catalog::StreamView::kNewAndOldImages;
    case StreamViewType::kKeysOnly:
      break;
  }
  return catalog::StreamView::kKeysOnly;
}

inline table::StreamRequest ToTable(const StreamSpecification& stream) {
  table::StreamRequest request{.enabled = *stream.stream_enabled, .view = std::nullopt};
  if (stream.stream_view_type) request.view = ToCatalog(*stream.stream_view_type);
  return request;
}

}  // namespace tidemark::api::dynamodb
