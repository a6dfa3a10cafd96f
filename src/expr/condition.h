// ConditionExpression and FilterExpression.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expr/placeholders.h"
#include "item/attribute_value.h"

namespace tidemark::expr {

constexpr size_t kExpressionBytesMax = 4096;  // of any expression, as it is written

struct ConditionTree;
struct Node;

// A parsed, resolved condition. Immutable and cheap to copy; any number of threads may evaluate it.
class Condition {
 public:
  // `parameter` is the name used in error texts: "ConditionExpression" or "FilterExpression".
  // Errors: kValidation with the service's texts.
  static Result<Condition> Parse(std::string_view text, Placeholders& placeholders,
                                 std::string_view parameter);

  // What the item lacks, or has in another type, makes a comparison false ("<>" true): there is no
  // error of evaluation today, only of parsing.
  Result<bool> Evaluate(const item::Item& item) const;

  // Top-level attribute names the condition reads, sorted, each once.
  const std::vector<std::string>& names() const;

  // kValidation if a filter names a key attribute of what is read: "Filter Expression can only
  // contain non-primary key attributes: Primary key attribute: pk". `parameter`: as the text calls
  // it.
  Result<void> CheckFilterAvoids(std::string_view key_attribute,
                                 std::string_view parameter = "Filter Expression") const;

  std::string ToString() const;  // the tree as text, for tests and logs

 private:
  friend Condition MakeCondition(std::unique_ptr<Node> root);  // trees.h
  explicit Condition(std::shared_ptr<const ConditionTree> tree) : tree_(std::move(tree)) {}
  std::shared_ptr<const ConditionTree> tree_;  // shared: copies of a request carry it along
};

}  // namespace tidemark::expr
