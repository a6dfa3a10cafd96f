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
#include "table/row_space.h"

namespace tidemark::table {

// The row that reaches this many bytes of items, before filters, is the last of a page.
constexpr uint64_t kPageBytesMax = 1024 * 1024;

struct PagePlan {
  RowSpace space;
  std::optional<uint32_t> limit;  // rows looked at, before filters
  std::optional<expr::Condition> filter;
  std::optional<expr::Projection> projection;
  bool count_only = false;
  bool consistent_read = false;
  // Where an index lacks what is asked for: items are fetched from their own rows in this store,
  // which must outlive the reading, as `keys`. Null: nothing is fetched.
  const engine::RowReader* fetch_from = nullptr;
  const item::KeySchema* keys = nullptr;
};

// A page with everything but the table's name set. `rows` stands on the first row of the range. A
// page that ends by the limit or by its size names its last key, even when nothing follows, as the
// service does. Errors: kCorruption, kIo, kValidation (a filter's operand types).
Result<Page> ReadPage(engine::RowIterator& rows, const PagePlan& plan);

// What a page of `bytes` is charged, but for fetched items.
Capacity CapacityOf(const PagePlan& plan, uint64_t bytes);

// What Select asks for. Errors: kValidation for combinations the service refuses.
struct Selection {
  bool count_only = false;
  bool whole_items = false;  // also what an index does not have
};
Result<Selection> CheckSelect(std::optional<Select> select, const Expressions& expressions,
                              bool of_index);

// Whether the page needs what its index does not have. Errors: kValidation for what the service
// does not read from an index.
Result<bool> NeedsFetch(const PagePlan& plan, const Selection& selection);
// Of a Query: it refuses filters on what its index does not have. For a Scan such attributes are
// simply missing. kValidation.
Result<void> CheckFilterProjected(const PagePlan& plan);

}  // namespace tidemark::table
