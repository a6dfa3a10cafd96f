// Gathers one page of a Query or Scan from rows in order. Pure but for the iterator.
#pragma once
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "engine/table_store.h"
#include "expr/condition.h"
#include "expr/projection.h"
#include "item/row_key.h"
#include "table/requests.h"

namespace tidemark::table {

// The row that reaches this many bytes of items, before filters, is the last of a page.
constexpr uint64_t kPageBytesMax = 1024 * 1024;

struct PagePlan {
  const item::KeySchema* keys = nullptr;  // must outlive the reading
  std::optional<uint32_t> limit;          // rows looked at, before filters
  std::optional<expr::Condition> filter;
  std::optional<expr::Projection> projection;
  bool count_only = false;
  bool consistent_read = false;
};

// A page with everything but the table's name set. `rows` stands on the first row of the range. A
// page that ends by the limit or by its size names its last key, even when nothing follows, as the
// service does. Errors: kCorruption, kIo, kValidation (a filter's operand types).
Result<Page> ReadPage(engine::RowIterator& rows, const PagePlan& plan);

// What Select asks for. Errors: kValidation for combinations the service refuses.
struct Selection {
  bool count_only = false;
};
Result<Selection> CheckSelect(std::optional<Select> select, bool has_projection);

}  // namespace tidemark::table
