// Row keys inside one table's database (never the table's id). Layout, also in
// docs/formats/row_key.md:
//
//   row key := index:u16be  hash:u16be  partition  [sort]       of an index:
//   docs/formats/row_key.md index   := 0 the table's own records | 1 primary | 2.. secondary, never
//   reused hash    := first two bytes of XXH3-64(partition), big endian: spreads partitions, and
//   parallel
//              Scan splits its range
//   partition := ordered form, self-delimiting: S and B escape 0x00 as 00 FF and end in 00 01;
//                N as Number::AppendOrdered
//   sort      := the same forms; always last
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "item/attribute_value.h"

namespace tidemark::item {

constexpr uint16_t kOwnIndex = 0;
constexpr uint16_t kPrimaryIndex = 1;
constexpr uint16_t kFirstSecondaryIndex = 2;

// Of the values of a partition key and of a sort key, all attributes together.
constexpr size_t kPartitionKeyBytesMax = 2048;
constexpr size_t kSortKeyBytesMax = 1024;

struct KeyAttribute {
  std::string name;
  Type type = Type::kString;  // kString, kNumber or kBinary
  bool operator==(const KeyAttribute&) const = default;
};

struct KeySchema {
  KeyAttribute partition;
  std::optional<KeyAttribute> sort;
  bool operator==(const KeySchema&) const = default;
};

// Key of one row. The values must have the schema's types and legal sizes (checked by table/).
Bytes RowKey(uint16_t index, const AttributeValue& partition, const AttributeValue* sort);

// The part of RowKey every row of one partition begins with: [prefix, PrefixEnd(prefix)) is exactly
// the partition.
Bytes PartitionPrefix(uint16_t index, const AttributeValue& partition);
// The same of a partition key of several attributes, one after another.
Bytes PartitionPrefix(uint16_t index, std::span<const AttributeValue* const> partition);
void AppendOrdered(const AttributeValue& value, Bytes* out);  // S, N or B, self-delimiting
// The ordered form of an S or B *prefix* (no terminator): rows whose sort key begins with `value`
// are [partition prefix + this, PrefixEnd(...)).
void AppendOrderedPrefix(const AttributeValue& value, Bytes* out);

// Smallest key greater than every key that starts with `prefix`; empty if there is none.
Bytes PrefixEnd(BytesView prefix);

// The half-open range of rows of `index` in segment `segment` of `segments` (parallel scan; 0 of 1
// is all). Empty where there are more segments than hashes.
struct KeyRange {
  Bytes begin;
  Bytes end;
};
KeyRange SegmentRange(uint16_t index, uint32_t segment, uint32_t segments);

// All rows of the indexes `first` to `last`.
KeyRange IndexRange(uint16_t first, uint16_t last);
uint16_t IndexOf(BytesView row_key);  // kOwnIndex of what is too short to be a row key

// Recovers the key attributes from a row key (used to name items found in the log). kCorruption.
Result<Item> KeyFromRow(const KeySchema& schema, BytesView row_key);
// The same of any row: `attributes` are those of its key, in order; one may come twice.
Result<Item> KeyFromRow(std::span<const KeyAttribute> attributes, BytesView row_key);

}  // namespace tidemark::item
