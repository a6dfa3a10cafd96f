#include "api/dynamodb/item_parameters.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>

namespace tidemark::api::dynamodb {

Result<void> CheckAttributesToGet(const std::optional<std::vector<std::string>>& attributes) {
  if (!attributes) return {};
  std::set<std::string_view> seen;
  for (const auto& attribute : *attributes) {
    if (seen.insert(attribute).second) continue;
    return Fail(ErrorKind::kValidation,
                "One or more parameter values were invalid: Duplicate value in attribute name: {}",
                attribute);
  }
  return {};
}

Result<void> CheckAttributeNames(const item::Item& item) {
  if (!item.contains("")) return {};
  return Fail(ErrorKind::kValidation, "Empty attribute name");
}

table::ReturnValues ToTable(std::optional<ReturnValue> value) {
  switch (value.value_or(ReturnValue::kNone)) {
    case ReturnValue::kNone:
      return table::ReturnValues::kNone;
    case ReturnValue::kAllOld:
      return table::ReturnValues::kAllOld;
    case ReturnValue::kUpdatedOld:
      return table::ReturnValues::kUpdatedOld;
    case ReturnValue::kAllNew:
      return table::ReturnValues::kAllNew;
    case ReturnValue::kUpdatedNew:
      return table::ReturnValues::kUpdatedNew;
  }
  return table::ReturnValues::kNone;
}

table::ReturnOnConditionFailure ToTable(std::optional<ReturnValuesOnConditionCheckFailure> value) {
  return value == ReturnValuesOnConditionCheckFailure::kAllOld
             ? table::ReturnOnConditionFailure::kAllOld
             : table::ReturnOnConditionFailure::kNone;
}

std::optional<table::Select> ToTable(std::optional<Select> value) {
  if (!value) return std::nullopt;
  switch (*value) {
    case Select::kAllAttributes:
      return table::Select::kAllAttributes;
    case Select::kAllProjectedAttributes:
      return table::Select::kAllProjectedAttributes;
    case Select::kSpecificAttributes:
      return table::Select::kSpecificAttributes;
    case Select::kCount:
      return table::Select::kCount;
  }
  return std::nullopt;
}

std::optional<uint32_t> ToTable(std::optional<int64_t> value) {
  if (!value) return std::nullopt;
  constexpr int64_t kMax = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(std::clamp<int64_t>(*value, 0, kMax));
}

}  // namespace tidemark::api::dynamodb
