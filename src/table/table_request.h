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

// OnDemandThroughput and WarmThroughput as a request has them: each of the two may be absent.
struct UnitsRequest {
  std::optional<int64_t> read;
  std::optional<int64_t> write;
  bool empty() const { return !read && !write; }
};

struct TagRequest {  // each of the two may be absent, which is an error of its own
  std::optional<std::string> key;
  std::optional<std::string> value;
};

struct CreateTableRequest {
  std::string table;                                     // a name or an ARN
  std::vector<catalog::AttributeDefinition> attributes;  // empty = not given
  std::vector<KeyElement> key_schema;                    // empty = not given
  std::optional<std::vector<IndexRequest>> local_indexes;
  std::optional<std::vector<IndexRequest>> global_indexes;
  std::optional<catalog::BillingMode> billing;
  std::optional<catalog::Throughput> throughput;
  std::optional<UnitsRequest> on_demand;
  std::optional<UnitsRequest> warm;
  std::optional<StreamRequest> stream;  // StreamSpecification
  std::optional<SseRequest> sse;
  std::vector<TagRequest> tags;
  std::string table_class;  // empty = not given
  bool deletion_protection = false;
  std::optional<std::string> resource_policy;
  bool global_table = false;  // GlobalTableSourceArn and its kin were there
};

// Absent: not to be changed.
struct UpdateTableRequest {
  std::string table;  // a name or an ARN
  std::optional<catalog::BillingMode> billing;
  std::optional<catalog::Throughput> throughput;
  std::optional<UnitsRequest> on_demand;  // -1: no limit any more
  std::optional<UnitsRequest> warm;
  std::string table_class;  // empty = not given
  std::optional<bool> deletion_protection;
  std::optional<SseRequest> sse;
  std::optional<StreamRequest> stream;
  std::vector<IndexUpdateRequest> index_updates;         // empty = not given
  std::vector<catalog::AttributeDefinition> attributes;  // for new indexes; empty = not given
  bool replica_updates = false;                          // ReplicaUpdates was there
  bool consistency = false;                              // MultiRegionConsistency was there
  bool replication_mode = false;  // GlobalTableSettingsReplicationMode was there
};

// A table as it is described: the record, with the status to be shown, and what it holds.
struct TableDescription {
  catalog::TableRecord record;
  uint64_t item_count = 0;
  uint64_t size_bytes = 0;
  std::vector<shard::IndexTotals> indexes;  // of those that hold something
  int64_t decreases_today = 0;              // of provisioned throughput, since midnight UTC
  bool warming = false;                     // its warm throughput is shown as being raised
};

struct TableNames {
  std::vector<std::string> names;
  std::string last_evaluated;  // empty: no more
};

}  // namespace tidemark::table
