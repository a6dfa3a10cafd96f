#include "table/page.h"

#include <string>
#include <utility>

#include "item/item_codec.h"
#include "table/capacity.h"
#include "table/invalid.h"
#include "table/key_rules.h"

namespace tidemark::table {
namespace {

// What a page has read, in bytes of items.
struct ReadBytes {
  uint64_t rows = 0;     // of the table's rows, or the index's
  uint64_t fetched = 0;  // of items fetched for rows of an index
  double fetch_units = 0;
};

// The item a row of an index stands for; none: it went meanwhile.
Result<std::optional<Bytes>> Fetch(const PagePlan& plan, BytesView row_key, ReadBytes* read) {
  TM_TRY(const item::Item key, item::KeyFromRow(plan.space.attributes, row_key));
  TM_TRY(auto value, plan.fetch_from->Get(PrimaryRow(*plan.keys, key)));
  if (!value) return value;
  TM_TRY(const uint64_t size, item::EncodedItemSize(*value));
  read->fetched += size;
  read->fetch_units += ReadUnits(size, plan.consistent_read);
  return value;
}

// Adds one row to the page: nothing, its stored form, or a projection of it.
Result<void> Take(BytesView key, BytesView value, const PagePlan& plan, Page* page,
                  ReadBytes* read) {
  const bool fetches = plan.fetch_from && !plan.count_only;
  std::optional<item::Item> item;
  if (plan.filter || (plan.projection && !plan.count_only && !fetches)) {
    TM_TRY(item, item::DecodeItem(value));
  }
  if (plan.filter) {
    TM_TRY(const bool matches, plan.filter->Evaluate(*item));
    if (!matches) return {};
  }
  std::optional<Bytes> fetched;
  if (fetches) {
    TM_TRY(fetched, Fetch(plan, key, read));
    if (!fetched) return {};
    value = *fetched;
    if (plan.projection) {
      TM_TRY(item, item::DecodeItem(value));
    }
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

std::string Unprojected(const index::Definition& index, const std::vector<std::string>& names) {
  std::string missing;
  for (const auto& name : names) {
    if (!index.Projects(name)) missing += (missing.empty() ? "" : ", ") + name;
  }
  return missing;
}

}  // namespace

Result<Page> ReadPage(engine::RowIterator& rows, const PagePlan& plan) {
  Page page;
  page.count_only = plan.count_only;
  ReadBytes read;
  for (; rows.Valid(); rows.Next()) {
    const BytesView value = rows.value();
    TM_TRY(const uint64_t size, item::EncodedItemSize(value));
    read.rows += size;
    ++page.scanned_count;
    TM_TRYV(Take(rows.key(), value, plan, &page, &read));
    if (page.scanned_count == plan.limit || read.rows + read.fetched >= kPageBytesMax) {
      TM_TRY(page.last_evaluated_key, item::KeyFromRow(plan.space.attributes, rows.key()));
      break;
    }
  }
  TM_TRYV(rows.status());
  page.capacity = CapacityOf(plan, read.rows);
  page.capacity.read_units += read.fetch_units;
  return page;
}

Capacity CapacityOf(const PagePlan& plan, uint64_t bytes) {
  Capacity capacity;
  const double units = ReadUnits(bytes, plan.consistent_read);
  if (plan.space.index) {
    capacity.indexes.push_back({plan.space.index->name, plan.space.index->local, units});
  } else {
    capacity.read_units = units;
  }
  return capacity;
}

Result<bool> NeedsFetch(const PagePlan& plan, const Selection& selection) {
  const RowSpace& space = plan.space;
  if (!space.index) return false;
  const std::string& name = space.index->name;
  const index::Definition& index = space.index->definition;
  if (space.IsGlobal() && plan.consistent_read)
    return Fail(ErrorKind::kValidation,
                "Consistent reads are not supported on global secondary indexes");
  if (index.projection == index::Projection::kAll) return false;
  if (space.IsGlobal() && selection.whole_items)
    return Invalid(
        "Select type ALL_ATTRIBUTES is not supported for global secondary index {} because its "
        "projection type is not ALL",
        name);
  const std::string missing =
      plan.projection ? Unprojected(index, plan.projection->names()) : std::string();
  if (space.IsGlobal() && !missing.empty())
    return Invalid("Global secondary index {} does not project [{}]", name, missing);
  return selection.whole_items || !missing.empty();
}

Result<void> CheckFilterProjected(const PagePlan& plan) {
  if (!plan.space.index || !plan.filter) return {};
  const std::string missing = Unprojected(plan.space.index->definition, plan.filter->names());
  if (missing.empty()) return {};
  return Invalid("Secondary index {} does not project one or more filter attributes: [{}]",
                 plan.space.index->name, missing);
}

Result<Selection> CheckSelect(std::optional<Select> select, const Expressions& expressions,
                              bool of_index) {
  if (!select) return Selection{};
  const bool by_names = expressions.legacy.attributes_to_get.has_value();
  const bool has_projection = by_names || expressions.projection.has_value();
  const auto refuse = [&](std::string_view choice) {
    return Fail(ErrorKind::kValidation, "Cannot specify the {} when choosing to get {}",
                by_names ? "AttributesToGet" : "ProjectionExpression", choice);
  };
  switch (*select) {
    case Select::kAllProjectedAttributes:
      if (!of_index)
        return Fail(ErrorKind::kValidation,
                    "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
      if (has_projection) return refuse("ALL_PROJECTED_ATTRIBUTES");
      return Selection{};
    case Select::kSpecificAttributes:
      if (!has_projection)
        return Fail(ErrorKind::kValidation,
                    "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                    "SPECIFIC_ATTRIBUTES");
      return Selection{};
    case Select::kAllAttributes:
      if (has_projection) return refuse("ALL_ATTRIBUTES");
      return Selection{.whole_items = true};
    case Select::kCount:
      if (has_projection) return refuse("only the Count");
      return Selection{.count_only = true};
  }
  return Selection{};
}

}  // namespace tidemark::table
