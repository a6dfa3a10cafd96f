#include "table/page.h"

#include <utility>

#include "item/item_codec.h"
#include "table/capacity.h"

namespace tidemark::table {
namespace {

// Adds one row to the page: nothing, its stored form, or a projection of it.
Result<void> Take(BytesView value, const PagePlan& plan, Page* page) {
  std::optional<item::Item> item;
  if (plan.filter || (plan.projection && !plan.count_only)) {
    TM_TRY(item, item::DecodeItem(value));
  }
  if (plan.filter) {
    TM_TRY(const bool matches, plan.filter->Evaluate(*item));
    if (!matches) return {};
  }
  ++page->count;
  if (plan.count_only) return {};
  if (plan.projection) {
    page->items.emplace_back(plan.projection->Apply(*item));
  } else {
    page->items.emplace_back(Bytes(value));
  }
  return {};
}

}  // namespace

Result<Page> ReadPage(engine::RowIterator& rows, const PagePlan& plan) {
  Page page;
  page.count_only = plan.count_only;
  uint64_t bytes = 0;
  for (; rows.Valid(); rows.Next()) {
    const BytesView value = rows.value();
    TM_TRY(const uint64_t size, item::EncodedItemSize(value));
    bytes += size;
    ++page.scanned_count;
    TM_TRYV(Take(value, plan, &page));
    if (page.scanned_count == plan.limit || bytes >= kPageBytesMax) {
      TM_TRY(page.last_evaluated_key, item::KeyFromRow(*plan.keys, rows.key()));
      break;
    }
  }
  TM_TRYV(rows.status());
  page.capacity.read_units = ReadUnits(bytes, plan.consistent_read);
  return page;
}

Result<Selection> CheckSelect(std::optional<Select> select, bool has_projection) {
  if (!select) return Selection{};
  switch (*select) {
    case Select::kAllProjectedAttributes:
      return Fail(ErrorKind::kValidation,
                  "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
    case Select::kSpecificAttributes:
      if (!has_projection)
        return Fail(ErrorKind::kValidation,
                    "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                    "SPECIFIC_ATTRIBUTES");
      return Selection{};
    case Select::kAllAttributes:
      if (has_projection)
        return Fail(ErrorKind::kValidation,
                    "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES");
      return Selection{};
    case Select::kCount:
      if (has_projection)
        return Fail(ErrorKind::kValidation,
                    "Cannot specify the ProjectionExpression when choosing to get only the Count");
      return Selection{.count_only = true};
  }
  return Selection{};
}

}  // namespace tidemark::table
