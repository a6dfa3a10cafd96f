// What the catalog knows of a table. Stored as JSON in a system table; a value, replaced whole.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "catalog/index_record.h"
#include "catalog/throughput.h"
#include "item/row_key.h"
#include "log/position.h"

namespace tidemark::catalog {

// kUpdating is only shown, never stored: a change of settings is done when it is answered.
enum class TableStatus { kCreating, kActive, kDeleting, kUpdating };
enum class BillingMode { kProvisioned, kPayPerRequest };

std::string_view ToString(TableStatus status);  // "CREATING", ...
std::string_view ToString(BillingMode mode);    // "PROVISIONED", "PAY_PER_REQUEST"

struct AttributeDefinition {
  std::string name;
  item::Type type = item::Type::kString;  // kString, kNumber, kBinary
  bool operator==(const AttributeDefinition&) const = default;
};

// When the provisioned throughput was last changed, and how often it was lowered on the UTC day of
// `decreased`.
struct ThroughputChanges {
  Timestamp increased{};  // zero if never
  Timestamp decreased{};
  int64_t decreases = 0;
  bool operator==(const ThroughputChanges&) const = default;

  int64_t DecreasesOn(Timestamp now) const;  // on the UTC day of `now`
};

// KMS key of the table's files as SSESpecification names it; absent = the AWS-owned key, here the
// server's root key.
struct SseSettings {
  bool enabled = false;
  std::string type;  // "KMS"
  std::string key_arn;
  // Since when the key cannot be used, and so the table neither; zero: it can. So that requests
  // need not ask for the key.
  Timestamp inaccessible{};
  bool moving = false;  // data keys are still to be wrapped by this key
  bool operator==(const SseSettings&) const = default;
};

struct Tag {
  std::string key;
  std::string value;
  bool operator==(const Tag&) const = default;
};

// Who else may do what with a table or stream: the document as it was given. Empty: there is none.
struct ResourcePolicy {
  std::string text;
  std::string revision;  // no two have the same
  bool operator==(const ResourcePolicy&) const = default;
};

enum class StreamView { kNewImage, kOldImage, kNewAndOldImages, kKeysOnly };
std::string_view ToString(StreamView view);  // "NEW_IMAGE", ...

// The stream a table has, or had last.
struct StreamSettings {
  bool enabled = false;
  StreamView view = StreamView::kKeysOnly;
  std::string label;        // "2026-11-26T22:01:02.345"; empty: it begins when the table is made
  Timestamp enabled_at{};   // later changes are in it ...
  Timestamp disabled_at{};  // ... up to this one, once it is disabled
  ResourcePolicy policy;
  bool operator==(const StreamSettings&) const = default;
};

// While an attribute is named, items that have it as a number expire at that time.
struct TtlSettings {
  std::string attribute;   // empty: off
  Timestamp changed{};     // zero if never; no two settings have the same
  bool unsettled = false;  // expiry rows are not yet what the setting asks for
  bool operator==(const TtlSettings&) const = default;
};

struct PitrSettings {
  bool enabled = false;
  int period_days = 35;
  Timestamp enabled_at{};  // commit time of the image it began with
  // Of the key that the table's sections of runs are sealed under, as wrapped. Forgotten with the
  // record when recovery is switched off: nobody can read them from then on.
  Bytes history_key;
  // Every change from here on is in runs or in the log; what an image needs before it is in the log
  // alone (ImageRecord::needs_log).
  log::Position history_from;
  bool operator==(const PitrSettings&) const = default;
};

// Where a restored table came from; stays on DescribeTable for good.
struct RestoreSummary {
  std::string source_backup_arn;  // empty for a point in time
  std::string source_table_arn;
  Timestamp restore_time{};
  bool in_progress = false;
  // What the restore works from, so that it can be begun again after a crash.
  std::string image_directory;
  Region source_region;
  TableId source_table;
  bool point_in_time = false;
  Bytes history_key;      // of a point in time, until it is done: the source may be switched off
                          // meanwhile
  int recovery_days = 0;  // recovery is to be switched on before it is shown, with this period
  bool operator==(const RestoreSummary&) const = default;
};

struct TableRecord {
  AccountId account;
  Region region;
  std::string name;
  TableId id;
  TableStatus status = TableStatus::kCreating;
  Timestamp created{};
  item::KeySchema keys;
  std::vector<AttributeDefinition> attributes;       // as given, in order
  std::vector<IndexRecord> indexes;                  // in order of creation
  uint16_t next_index = item::kFirstSecondaryIndex;  // the number of the next one
  BillingMode billing = BillingMode::kProvisioned;
  Timestamp billing_changed{};  // last switch to on-demand; zero if never
  Throughput throughput;
  ThroughputChanges throughput_changes;
  Throughput warm;  // the most that was asked for or provisioned before the last change; never less
  std::optional<OnDemandThroughput> on_demand;
  std::string table_class;          // "STANDARD" | "STANDARD_INFREQUENT_ACCESS"; empty = not given
  Timestamp table_class_changed{};  // zero if never
  bool deletion_protection = false;
  SseSettings sse;
  std::vector<Tag> tags;
  ResourcePolicy policy;
  TtlSettings ttl;
  PitrSettings pitr;
  std::optional<StreamSettings> stream;  // the newest
  std::optional<RestoreSummary> restore;
  bool operator==(const TableRecord&) const = default;

  const IndexRecord* FindIndex(std::string_view index) const;  // null: no such index
  IndexRecord* FindIndex(std::string_view index);
  // Names of the attributes that its key and its indexes' keys use, sorted.
  std::set<std::string_view> KeyNames() const;
  // Takes out the definitions of attributes that no key uses.
  void DropUnusedAttributes();
  // Sets what is derived in the definitions of its indexes.
  void CompleteIndexes();
  std::string Arn() const;        // arn:aws:dynamodb:REGION:ACCOUNT:table/NAME
  std::string StreamArn() const;  // <table arn>/stream/LABEL; of a table with a stream
  // Units a second the table is said to be warm for: `warm`, what is provisioned, or what the
  // service gives every table on demand, whichever is more.
  Throughput Warm() const;
};

// kKeyDisabled while the key it is under cannot be used.
Result<void> CheckAccessible(const TableRecord& record);

std::string EncodeTableRecord(const TableRecord& record);      // JSON with a "version"
Result<TableRecord> DecodeTableRecord(std::string_view json);  // kCorruption

using TablePtr = std::shared_ptr<const TableRecord>;  // as it is handed out: it never changes

}  // namespace tidemark::catalog
