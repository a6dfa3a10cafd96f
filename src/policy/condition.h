// One line of a Condition block: an operator, a key, the values it is compared with.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/context.h"
#include "policy/pattern.h"

namespace tidemark::policy {

enum class Comparison {
  kString,
  kStringIgnoreCase,
  kStringLike,
  kNumeric,
  kDate,
  kBool,
  kBinary,
  kIpAddress,
  kArn,
  kNull
};
enum class Relation { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
enum class Quantifier { kNone, kForAllValues, kForAnyValue };

struct Operator {
  Comparison comparison = Comparison::kString;
  Relation relation = Relation::kEqual;
  bool negated = false;    // ...Not...
  bool if_exists = false;  // ...IfExists
  Quantifier quantifier = Quantifier::kNone;
};

// "ForAnyValue:StringNotLikeIfExists". Nothing: there is no such operator.
std::optional<Operator> ParseOperator(std::string_view name);

// A value with an invariant: every operand that holds no variable is one the operator can read.
class Condition {
 public:
  // Nothing: an operand the operator cannot read (no number, no CIDR block ...).
  static std::optional<Condition> Make(Operator op, std::string_view key,
                                       const std::vector<std::string>& operands, bool variables);
  bool Holds(const Context& context) const;
  const std::string& key() const { return key_; }
  // Whether it holds only for texts that the policy spells out.
  bool NamesValues() const;
  void AddVariables(std::set<std::string>* keys) const;

 private:
  bool HoldsFor(const std::string& value, const std::vector<Pattern>& operands) const;
  bool IsNull(const Values* values) const;

  Operator op_;
  std::string key_;
  std::vector<Pattern> operands_;
  bool has_variables_ = false;
};

}  // namespace tidemark::policy
