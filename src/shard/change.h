// What one write does, as the commit log stores it. Layout: docs/formats/change_record.md.
//
//   frame payload := record*
//   record  := length:varint  kind:u8  commit_time:i64le  access_key:varstr  request_id:varstr
//              tables:varint  table{tables}  control:varstr
//   table   := id:16 bytes  rows:varint  row{rows}  replaced_bytes:varint  items:varint
//   bytes:varint
//              set_hash:16 bytes                      totals of the table *after* this record
//              indexes:varint index{indexes}          the same of its indexes
//              stream:u8  [old:varstr]                old if `stream` says so
//   index   := number:u16le  items:varint  bytes:varint  set_hash:16 bytes
//   row     := key:varstr  put:u8  [value:varstr]
//   varstr  := length:varint bytes
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "item/set_hash.h"

namespace tidemark::shard {

// Who asked: kept with every change, so that history can answer "who deleted this?".
struct Origin {
  std::string access_key;  // empty: the server itself
  std::string request_id;
};

// The final state of one row: a value, or none when the change deletes it.
struct RowImage {
  Bytes key;
  std::optional<Bytes> value;
};

// What the rows of an index add up to.
struct IndexTotals {
  uint16_t index = 0;
  uint64_t items = 0;
  uint64_t bytes = 0;
  item::SetHash hash;
  bool operator==(const IndexTotals&) const = default;
};

// What a table adds up to. Absolute, so that replay never adds twice.
struct Totals {
  uint64_t items = 0;
  uint64_t bytes = 0;  // by DynamoDB's item size rules
  item::SetHash hash;  // over the primary rows
  // In order of `index`. An index that adds up to nothing does not stand here.
  std::vector<IndexTotals> indexes;
  bool operator==(const Totals&) const = default;

  IndexTotals OfIndex(uint16_t index) const;
};

struct IndexDelta {
  uint16_t index = 0;
  int64_t items = 0;
  int64_t bytes = 0;
  item::SetHash added;
  item::SetHash removed;
};

struct TotalsDelta {
  int64_t items = 0;
  int64_t bytes = 0;
  item::SetHash added;
  item::SetHash removed;
  std::vector<IndexDelta> indexes;
};

// The access key of changes the service makes by itself: items that expired.
inline constexpr std::string_view kServiceAccessKey = "dynamodb.amazonaws.com";

// What a table's stream wants to be kept with its changes.
enum class StreamCapture : uint8_t { kOff, kOn, kWithOldImages };

// Of a change that a stream shows. Decided under the row's latch: from the first change of a row
// that has it, every later one has it, until the stream is switched off.
struct StreamNote {
  bool old_kept = false;     // the change was made under kWithOldImages
  std::optional<Bytes> old;  // the primary row as it was; with old_kept, if there was one
  bool operator==(const StreamNote&) const = default;
};

struct TableChange {
  TableId table;
  // The primary row first, then rows of indexes. Rows of indexes alone where an index is being
  // built.
  std::vector<RowImage> rows;
  uint64_t replaced_bytes = 0;       // size of the item that was there, 0 if none
  TotalsDelta delta;                 // not stored; becomes `totals` when the change is stamped
  Totals totals;                     // after this change; set when stamped, read back by Decode
  std::optional<StreamNote> stream;  // none: no stream shows it

  // The item's row, null in a change of index rows alone.
  const RowImage* PrimaryRow() const;
};

enum class ChangeKind : uint8_t {
  kWrite = 1,
  kControl = 2,  // a table's creation, drop, pin, PITR on/off ...: `control` is a JSON object
};

struct Change {
  ChangeKind kind = ChangeKind::kWrite;
  Timestamp commit_time;  // set by the shard
  Origin origin;
  std::vector<TableChange> tables;
  std::string control;
};

void EncodeChange(const Change& change, Bytes* frame);

// The same as they stand in a frame: all bytes are views into it.
struct RowView {
  BytesView key;
  std::optional<BytesView> value;
};

struct StreamNoteView {
  bool old_kept = false;
  std::optional<BytesView> old;
};

struct TableView {
  TableId table;
  std::vector<RowView> rows;
  uint64_t replaced_bytes = 0;
  Totals totals;
  std::optional<StreamNoteView> stream;
};

struct ChangeView {
  ChangeKind kind = ChangeKind::kWrite;
  Timestamp commit_time;
  BytesView access_key, request_id;
  std::vector<TableView> tables;
  BytesView control;
};

// Reads the records of a frame one by one, without a copy and into the same vectors again.
class ChangeViewReader {
 public:
  explicit ChangeViewReader(BytesView frame) : rest_(frame) {}
  // Holds until the next call, its bytes as long as the frame. Null at the end. kCorruption
  Result<const ChangeView*> Next();

 private:
  BytesView rest_;
  ChangeView change_;
};

// Reads the records of a frame one by one.
class ChangeReader {
 public:
  explicit ChangeReader(BytesView frame) : views_(frame) {}
  Result<std::optional<Change>> Next();  // kCorruption

 private:
  ChangeViewReader views_;
};

void AppendTotals(const Totals& totals, Bytes* out);
[[nodiscard]] bool ReadTotals(BytesView* in, Totals* totals);
Bytes EncodeTotals(const Totals& totals);
Result<Totals> DecodeTotals(BytesView bytes);  // empty bytes = empty table

void Add(Totals& totals, const TotalsDelta& delta);
TotalsDelta Opposite(const TotalsDelta& delta);

}  // namespace tidemark::shard
