#include "table/read_range.h"

#include <utility>

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

}  // namespace

Result<item::KeyRange> QueryRange(const item::KeySchema& schema,
                                  const expr::KeyCondition& condition) {
  TM_TRYV(CheckKeyValue(schema.partition, condition.partition, true));
  const Bytes prefix = item::PartitionPrefix(item::kPrimaryIndex, condition.partition);
  item::KeyRange range{prefix, item::PrefixEnd(prefix)};
  if (!condition.sort || !schema.sort) return range;

  const auto& sort = *condition.sort;
  TM_TRYV(CheckKeyValue(*schema.sort, sort.low, false));
  switch (sort.op) {
    case expr::SortOperator::kEq:
      range.begin = WithSort(prefix, sort.low);
      range.end = After(range.begin);
      break;
    case expr::SortOperator::kLt:
      range.end = WithSort(prefix, sort.low);
      break;
    case expr::SortOperator::kLe:
      range.end = After(WithSort(prefix, sort.low));
      break;
    case expr::SortOperator::kGt:
      range.begin = After(WithSort(prefix, sort.low));
      break;
    case expr::SortOperator::kGe:
      range.begin = WithSort(prefix, sort.low);
      break;
    case expr::SortOperator::kBetween:
      TM_TRYV(CheckKeyValue(*schema.sort, sort.high, false));
      range.begin = WithSort(prefix, sort.low);
      range.end = After(WithSort(prefix, sort.high));
      break;
    case expr::SortOperator::kBeginsWith:
      range.begin = prefix;
      item::AppendOrderedPrefix(sort.low, &range.begin);
      range.end = item::PrefixEnd(range.begin);
      break;
  }
  return range;
}

Result<item::KeyRange> ContinueQuery(const item::KeySchema& schema,
                                     const expr::KeyCondition& condition, bool forward,
                                     const item::Item& start, item::KeyRange range) {
  if (!CheckKey(schema, start)) return StartFails("is invalid");
  if (*start.Find(schema.partition.name) != condition.partition)
    return StartFails("is outside query boundaries based on provided conditions");
  if (condition.sort && schema.sort && !Matches(*condition.sort, *start.Find(schema.sort->name)))
    return StartFails("does not match the range key predicate");
  Bytes row = PrimaryRow(schema, start);
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

Result<item::KeyRange> ScanRange(const item::KeySchema& schema, Segment segment,
                                 const std::optional<item::Item>& start) {
  auto range = item::SegmentRange(item::kPrimaryIndex, segment.number, segment.total);
  if (!start) return range;
  if (auto checked = CheckKey(schema, *start); !checked)
    return StartFails("is invalid: " + checked.error().message);
  Bytes row = PrimaryRow(schema, *start);
  if (row < range.begin || (!range.end.empty() && row >= range.end))
    return StartFails(fmt::format(
        "is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
        "TotalSegments: {} Segment: {}",
        segment.total, segment.number));
  range.begin = After(std::move(row));
  return range;
}

}  // namespace tidemark::table
