// What is asked of items, free of any wire form, and what is answered. Plain values; the api fills
// the requests after the checks of the service model (required members, lengths, enum values,
// integer ranges: "N validation errors detected") and has lowered the parameters older than
// expressions. Every other rule beyond the model is checked by the operations here.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/placeholders.h"
#include "expr/update.h"
#include "item/attribute_value.h"
#include "shard/change.h"
#include "table/answer_item.h"

namespace tidemark::table {

// Who asks, and where.
struct Caller {
  AccountId account;
  Region region;
  shard::Origin origin;
  std::string_view host = {};  // as the request called the server; lives as long as the request
  // Reads: of the state after the last commit at or before it; absent: of now. Writes ignore it.
  std::optional<Timestamp> as_of;
  // Reads: of the table in this backup, by its ARN; empty: of a live one. Likewise.
  std::string_view from_backup = {};
  // Restores: what the settings are to be taken from, as the request's header names it; likewise.
  std::string_view restore_settings = {};
  std::string_view restore_verify = {};  // and when all of the new table is read
};

// What the parameters older than expressions said.
struct LegacyForms {
  std::optional<std::vector<std::string>> attributes_to_get;
  std::optional<expr::Condition> condition;  // Expected
  std::optional<expr::Condition> filter;     // QueryFilter, ScanFilter
  std::optional<expr::KeyTerms> keys;        // KeyConditions
  std::optional<expr::Update> update;        // AttributeUpdates
};

// The expression parameters of a request; each operation reads those it has. Only key conditions
// may be of one kind where the others are of the other.
struct Expressions {
  std::optional<std::string> condition;      // ConditionExpression
  std::optional<std::string> filter;         // FilterExpression
  std::optional<std::string> projection;     // ProjectionExpression
  std::optional<std::string> update;         // UpdateExpression
  std::optional<std::string> key_condition;  // KeyConditionExpression
  expr::NameList names;                      // ("#n", attribute name), as given
  item::Map values;                          // ":v" -> value
  bool names_given = false;                  // the member was there, maybe empty, and is checked
  bool values_given = false;
  LegacyForms legacy;
};

enum class ReturnValues { kNone, kAllOld, kUpdatedOld, kAllNew, kUpdatedNew };
enum class ReturnOnConditionFailure { kNone, kAllOld };
enum class Select { kAllAttributes, kAllProjectedAttributes, kSpecificAttributes, kCount };
// What the api prints of a Capacity; the numbers are always computed, so no operation asks for it.
enum class ReturnConsumedCapacity { kNone, kTotal, kIndexes };

// In all requests `table` is a name or a table's ARN; answers repeat it as it was given.

struct GetRequest {
  std::string table;
  item::Item key;
  bool consistent_read = false;
  Expressions expressions;  // projection
};

struct PutRequest {
  std::string table;
  item::Item item;
  Expressions expressions;  // condition
  ReturnValues return_values = ReturnValues::kNone;
  ReturnOnConditionFailure on_condition_failure = ReturnOnConditionFailure::kNone;
};

struct UpdateRequest {
  std::string table;
  item::Item key;
  Expressions expressions;  // update, condition
  ReturnValues return_values = ReturnValues::kNone;
  ReturnOnConditionFailure on_condition_failure = ReturnOnConditionFailure::kNone;
};

struct DeleteRequest {
  std::string table;
  item::Item key;
  Expressions expressions;  // condition
  ReturnValues return_values = ReturnValues::kNone;
  ReturnOnConditionFailure on_condition_failure = ReturnOnConditionFailure::kNone;
};

struct QueryRequest {
  std::string table;
  std::optional<std::string> index;
  Expressions expressions;  // key_condition, filter, projection
  std::optional<Select> select;
  std::optional<uint32_t> limit;  // 1..
  std::optional<item::Item> exclusive_start_key;
  bool scan_index_forward = true;
  bool consistent_read = false;
};

struct ScanRequest {
  std::string table;
  std::optional<std::string> index;
  Expressions expressions;  // filter, projection
  std::optional<Select> select;
  std::optional<uint32_t> limit;  // 1..
  std::optional<item::Item> exclusive_start_key;
  std::optional<uint32_t> segment;         // 0..999,999
  std::optional<uint32_t> total_segments;  // 1..1,000,000
  bool consistent_read = false;
};

struct BatchGetTable {
  std::string table;
  std::vector<item::Item> keys;
  bool consistent_read = false;
  Expressions expressions;  // projection
};
struct BatchGetRequest {
  std::vector<BatchGetTable> tables;  // in the order of the request
};

struct BatchPut {
  item::Item item;
};
struct BatchDelete {
  item::Item key;
};
using BatchWrite = std::variant<BatchPut, BatchDelete>;
struct BatchWriteTable {
  std::string table;
  std::vector<BatchWrite> writes;
};
struct BatchWriteRequest {
  std::vector<BatchWriteTable> tables;
};

// --- Answers

// Capacity units one table was charged. Reads: 4 KB units, half of one each when eventually
// consistent; writes: 1 KB units of the larger of the old and the new item.
struct IndexCapacity {
  std::string name;
  bool local = false;
  double units = 0;  // of reads or of writes: a request makes one of them
};
struct Capacity {
  std::string table;      // as the request named it
  double read_units = 0;  // of the table itself
  double write_units = 0;
  std::vector<IndexCapacity> indexes;  // those that were read or written

  double OfTable() const { return read_units + write_units; }
  double total() const;
  void AddIndex(const IndexCapacity& index);
};

struct GetResult {
  std::optional<AnswerItem> item;  // absent: no such item
  Capacity capacity;
};

// Of PutItem, UpdateItem and DeleteItem.
struct WriteResult {
  std::optional<AnswerItem>
      attributes;  // absent: nothing was asked for, or there is nothing to give
  Capacity capacity;
  Timestamp commit_time{};
};

// Of Query and Scan.
struct Page {
  std::vector<AnswerItem> items;  // empty for Select COUNT
  bool count_only = false;        // print no Items member
  uint64_t count = 0;
  uint64_t scanned_count = 0;
  std::optional<item::Item> last_evaluated_key;
  Capacity capacity;
};

struct BatchGetResult {
  struct Answer {
    std::string table;
    std::vector<AnswerItem> items;
  };
  std::vector<Answer> answers;  // one per table of the request, also where nothing was found
  std::vector<BatchGetTable> unprocessed;  // as in the request, with the keys left over
  std::vector<Capacity> capacity;          // one per table
};

struct BatchWriteResult {
  std::vector<BatchWriteTable> unprocessed;  // writes that were throttled
  std::vector<Capacity> capacity;            // one per table
};

// The detail of kConditionFailed when ReturnValuesOnConditionCheckFailure is ALL_OLD and there was
// an item.
struct ConditionFailure : ErrorDetail {
  explicit ConditionFailure(AnswerItem old) : item(std::move(old)) {}
  AnswerItem item;
};

}  // namespace tidemark::table
