// KeyConditionExpression: which partition, and which part of it, a Query reads.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

// The attributes of a key that may have several of each kind (a global index).
struct KeyShape {
  std::span<const item::KeyAttribute> partition;  // at least one
  std::span<const item::KeyAttribute> sort;
};

// One condition on one attribute, not yet held against a schema.
struct KeyTerm {
  std::string attribute;
  std::optional<SortOperator> op;  // none: one that no key can have (of KeyConditions)
  item::AttributeValue low;
  std::optional<item::AttributeValue> high;  // of kBetween
};
using KeyTerms = std::vector<KeyTerm>;

// A value. The operands have the types of the schema.
struct KeyCondition {
  std::string partition_name;
  item::AttributeValue partition;
  std::vector<item::AttributeValue> more_partition;  // of the further attributes, each equal
  std::vector<item::AttributeValue> sort_equals;     // of the sort attributes before that of `sort`
  std::optional<SortCondition> sort;

  // What can be said without knowing the table. Errors: kValidation with the service's texts.
  static Result<KeyTerms> ParseTerms(std::string_view text, Placeholders& placeholders);
  // `schema` is that of the table or index which is read. Errors: kValidation with the service's
  // texts ("Query condition missed key schema element: pk").
  static Result<KeyCondition> Match(KeyTerms terms, const item::KeySchema& schema);
  static Result<KeyCondition> Match(KeyTerms terms, const KeyShape& shape);
  // Both.
  static Result<KeyCondition> Parse(std::string_view text, Placeholders& placeholders,
                                    const item::KeySchema& schema);
  static Result<KeyCondition> Parse(std::string_view text, Placeholders& placeholders,
                                    const KeyShape& shape);

  std::string ToString() const;  // for tests and logs
};

// Whether a row with this sort key lies in the condition. The types must agree.
bool Matches(const SortCondition& condition, const item::AttributeValue& sort_key);

}  // namespace tidemark::expr
