// What is asked of tables as a whole, and what is answered. Plain values; the api has checked the
// service model (lengths, patterns, enum values, ranges) before it fills them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/table_record.h"
#include "shard/change.h"

namespace tidemark::table {

struct KeyElement {
  std::string name;
  enum class Role { kHash, kRange } role = Role::kHash;
};

struct IndexRequest {
  std::string name;
  std::vector<KeyElement> key_schema;
  std::optional<index::Projection> projection;
  std::optional<std::vector<std::string>> included;  // NonKeyAttributes
  std::optional<catalog::Throughput> throughput;     // of global ones
  std::optional<catalog::OnDemandThroughput> on_demand;
};

// One of GlobalSecondaryIndexUpdates; exactly one of the three (checked by the operation).
struct IndexUpdateRequest {
  std::optional<IndexRequest> create;
  std::optional<IndexRequest> update;  // throughput alone
  std::optional<std::string> remove;
};

struct SseRequest {
  std::optional<bool> enabled;
  std::string type;     // "KMS", "AES256"; empty = not given
  std::string kms_key;  // KMSMasterKeyId: id, ARN, alias name or alias ARN; empty = not given
};

struct StreamRequest {
  bool enabled = false;
  std::optional<catalog::StreamView> view;
};

// Accepted and not kept: a table here is always as warm as the machine allows.
struct WarmThroughput {
  std::optional<int64_t> read_units_per_second;
  std::optional<int64_t> write_units_per_second;
};

struct CreateTableRequest {
  std::string table;                                     // a name or an ARN
  std::vector<catalog::AttributeDefinition> attributes;  // empty = not given
  std::vector<KeyElement> key_schema;                    // empty = not given
  std::optional<std::vector<IndexRequest>> local_indexes;
  std::optional<std::vector<IndexRequest>> global_indexes;
  std::optional<catalog::BillingMode> billing;
  std::optional<catalog::Throughput> throughput;
  std::optional<catalog::OnDemandThroughput> on_demand;
  std::optional<WarmThroughput> warm_throughput;
  std::optional<StreamRequest> stream;  // StreamSpecification
  std::optional<SseRequest> sse;
  std::vector<catalog::Tag> tags;
  std::string table_class;  // empty = not given
  bool deletion_protection = false;
  bool resource_policy = false;  // ResourcePolicy was there
  bool global_table = false;     // GlobalTableSourceArn and its kin were there
};

// A table as it is described: the record, with the status to be shown, and what it holds.
struct TableDescription {
  catalog::TableRecord record;
  uint64_t item_count = 0;
  uint64_t size_bytes = 0;
  std::vector<shard::IndexTotals> indexes;  // of those that hold something
};

struct TableNames {
  std::vector<std::string> names;
  std::string last_evaluated;  // empty: no more
};

}  // namespace tidemark::table
