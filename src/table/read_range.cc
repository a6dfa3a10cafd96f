#include "table/read_range.h"

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "index/row.h"
#include "table/key_rules.h"

namespace tidemark::table {
namespace {

// The smallest row key above `key`.
Bytes After(Bytes key) {
  key += '\0';
  return key;
}

Bytes WithSort(const Bytes& prefix, const item::AttributeValue& sort) {
  Bytes key = prefix;
  item::AppendOrdered(sort, &key);
  return key;
}

Unexpected StartFails(std::string_view why) {
  return Fail(ErrorKind::kValidation, "The provided starting key {}", why);
}

// The attributes of a row's key, exactly. An index's may be of no legal size: then no row has them.
Result<void> CheckStartKey(const RowSpace& space, const item::Item& start) {
  if (!space.index) {
    item::KeySchema schema{space.partition[0], std::nullopt};
    if (!space.sort.empty()) schema.sort = space.sort[0];
    return CheckKey(schema, start);
  }
  std::set<std::string_view> names;
  for (const auto& attribute : space.attributes) {
    names.insert(attribute.name);
    const auto* value = start.Find(attribute.name);
    if (!value || !index::IsKeyValue(attribute, *value))
      return Fail(ErrorKind::kValidation, "The provided key element does not match the schema");
  }
  if (names.size() != start.size())
    return Fail(ErrorKind::kValidation, "The provided key element does not match the schema");
  return {};
}

// The row keys that begin with the attributes the condition fixes.
Result<Bytes> FixedPrefix(const RowSpace& space, const expr::KeyCondition& condition) {
  std::vector<const item::AttributeValue*> partition{&condition.partition};
  for (const auto& value : condition.more_partition) partition.push_back(&value);
  for (size_t i = 0; i < partition.size(); ++i)
    TM_TRYV(CheckKeyValue(space.partition[i], *partition[i], true));
  Bytes prefix = item::PartitionPrefix(space.number, partition);
  for (size_t i = 0; i < condition.sort_equals.size(); ++i) {
    TM_TRYV(CheckKeyValue(space.sort[i], condition.sort_equals[i], false));
    item::AppendOrdered(condition.sort_equals[i], &prefix);
  }
  return prefix;
}

}  // namespace

Result<item::KeyRange> QueryRange(const RowSpace& space, const expr::KeyCondition& condition) {
  TM_TRY(const Bytes prefix, FixedPrefix(space, condition));
  item::KeyRange range{prefix, item::PrefixEnd(prefix)};
  if (!condition.sort || space.sort.empty()) return range;

  // Rows may go on behind the attribute, so "up to a value" is "before what follows its prefix".
  const auto& sort = *condition.sort;
  const auto& attribute = space.sort[condition.sort_equals.size()];
  TM_TRYV(CheckKeyValue(attribute, sort.low, false));
  switch (sort.op) {
    case expr::SortOperator::kEq:
      range.begin = WithSort(prefix, sort.low);
      range.end = item::PrefixEnd(range.begin);
      break;
    case expr::SortOperator::kLt:
      range.end = WithSort(prefix, sort.low);
      break;
    case expr::SortOperator::kLe:
      range.end = item::PrefixEnd(WithSort(prefix, sort.low));
      break;
    case expr::SortOperator::kGt:
      range.begin = item::PrefixEnd(WithSort(prefix, sort.low));
      break;
    case expr::SortOperator::kGe:
      range.begin = WithSort(prefix, sort.low);
      break;
    case expr::SortOperator::kBetween:
      TM_TRYV(CheckKeyValue(attribute, sort.high, false));
      range.begin = WithSort(prefix, sort.low);
      range.end = item::PrefixEnd(WithSort(prefix, sort.high));
      break;
    case expr::SortOperator::kBeginsWith:
      range.begin = prefix;
      item::AppendOrderedPrefix(sort.low, &range.begin);
      range.end = item::PrefixEnd(range.begin);
      break;
  }
  return range;
}

Result<item::KeyRange> ContinueQuery(const RowSpace& space, const expr::KeyCondition& condition,
                                     bool forward, const item::Item& start, item::KeyRange range) {
  if (!CheckStartKey(space, start)) return StartFails("is invalid");
  const auto fixed = [&](const item::KeyAttribute& attribute, const item::AttributeValue& value) {
    return *start.Find(attribute.name) == value;
  };
  bool inside = fixed(space.partition[0], condition.partition);
  for (size_t i = 0; i < condition.more_partition.size(); ++i)
    inside = inside && fixed(space.partition[i + 1], condition.more_partition[i]);
  if (!inside) return StartFails("is outside query boundaries based on provided conditions");
  bool matches = true;
  for (size_t i = 0; i < condition.sort_equals.size(); ++i)
    matches = matches && fixed(space.sort[i], condition.sort_equals[i]);
  if (condition.sort && !space.sort.empty())
    matches = matches && Matches(*condition.sort, *start.Find(condition.sort->name));
  if (!matches) return StartFails("does not match the range key predicate");
  Bytes row = space.RowKey(start);
  if (forward) {
    range.begin = After(std::move(row));
  } else {
    range.end = std::move(row);
  }
  return range;
}

Result<Segment> CheckSegment(std::optional<uint32_t> number, std::optional<uint32_t> total) {
  if (!number && !total) return Segment{};
  if (!total)
    return Fail(ErrorKind::kValidation,
                "The TotalSegments parameter is required but was not present in the request when "
                "Segment parameter is present");
  if (!number)
    return Fail(
        ErrorKind::kValidation,
        "The Segment parameter is required but was not present in the request when parameter "
        "TotalSegments is present");
  if (*number >= *total)
    return Fail(
        ErrorKind::kValidation,
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
        "Segment: {} is not less than TotalSegments: {}",
        *number, *total);
  return Segment{*number, *total};
}

Result<item::KeyRange> ScanRange(const RowSpace& space, Segment segment,
                                 const std::optional<item::Item>& start) {
  auto range = item::SegmentRange(space.number, segment.number, segment.total);
  if (!start) return range;
  if (auto checked = CheckStartKey(space, *start); !checked)
    return StartFails("is invalid: " + checked.error().message);
  Bytes row = space.RowKey(*start);
  if (row < range.begin || (!range.end.empty() && row >= range.end))
    return StartFails(fmt::format(
        "is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
        "TotalSegments: {} Segment: {}",
        segment.total, segment.number));
  range.begin = After(std::move(row));
  return range;
}

}  // namespace tidemark::table
