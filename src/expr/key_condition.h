// KeyConditionExpression: which partition, and which part of it, a Query reads.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "expr/placeholders.h"
#include "item/attribute_value.h"
#include "item/row_key.h"

namespace tidemark::expr {

enum class SortOperator { kEq, kLt, kLe, kGt, kGe, kBetween, kBeginsWith };

struct SortCondition {
  SortOperator op = SortOperator::kEq;
  std::string name;
  item::AttributeValue low;   // the operand; the lower bound of kBetween
  item::AttributeValue high;  // kBetween only; never below `low`
};

// A value. The operands have the types of the schema.
struct KeyCondition {
  std::string partition_name;
  item::AttributeValue partition;
  std::optional<SortCondition> sort;

  // `schema` is that of the table or index which is read. Errors: kValidation with the service's
  // texts ("Query condition missed key schema element: pk").
  static Result<KeyCondition> Parse(std::string_view text, Placeholders& placeholders,
                                    const item::KeySchema& schema);

  std::string ToString() const;  // for tests and logs
};

// Whether a row with this sort key lies in the condition. The types must agree.
bool Matches(const SortCondition& condition, const item::AttributeValue& sort_key);

}  // namespace tidemark::expr
