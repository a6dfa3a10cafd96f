// Which rows a Query or a Scan reads: key conditions and starting keys as ranges of row keys. Pure.
#pragma once
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "expr/key_condition.h"
#include "item/attribute_value.h"
#include "item/row_key.h"
#include "table/row_space.h"

namespace tidemark::table {

// The rows of a key condition. Errors: kValidation (a key value that no item can have).
Result<item::KeyRange> QueryRange(const RowSpace& space, const expr::KeyCondition& condition);

// What is left of a query's range after `start` (before it, when reading backwards). Errors:
// kValidation "The provided starting key is ...".
Result<item::KeyRange> ContinueQuery(const RowSpace& space, const expr::KeyCondition& condition,
                                     bool forward, const item::Item& start, item::KeyRange range);

// One segment of a parallel scan.
struct Segment {
  uint32_t number = 0;
  uint32_t total = 1;
};
// Errors: kValidation (one without the other, or the number not below the total).
Result<Segment> CheckSegment(std::optional<uint32_t> number, std::optional<uint32_t> total);

// The rows of a segment, after `start` if there is one. Errors: as above, and a start outside the
// segment.
Result<item::KeyRange> ScanRange(const RowSpace& space, Segment segment,
                                 const std::optional<item::Item>& start);

}  // namespace tidemark::table
