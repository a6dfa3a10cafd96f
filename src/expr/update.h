// UpdateExpression.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expr/path.h"
#include "expr/placeholders.h"
#include "item/attribute_value.h"

namespace tidemark::expr {

struct UpdateTree;
struct UpdateAction;

// A parsed, resolved update. Immutable and cheap to copy; any number of threads may apply it.
class Update {
 public:
  // Errors: kValidation with the service's texts.
  static Result<Update> Parse(std::string_view text, Placeholders& placeholders);

  // The new item. All operands are read from `old`, which for a new item (`exists` false) holds
  // just the key. Errors: kValidation (missing attributes, operand types, paths through what is not
  // there, nesting). The size and key rules on the result are the caller's.
  Result<item::Item> Apply(const item::Item& old, bool exists = true) const;

  // Whether an item which is not there comes into being: REMOVE and DELETE alone leave nothing.
  bool creates_item() const;

  // Top-level attribute names the update writes, sorted, each once.
  const std::vector<std::string>& written_names() const;
  // The same, and those its operands read.
  std::vector<std::string> all_names() const;

  // kValidation if the update writes a key attribute: "One or more parameter values were invalid:
  // Cannot update attribute pk. This attribute is part of the key".
  Result<void> CheckAvoidsKey(std::string_view key_attribute) const;

  // The parts of `item` at the updated paths: UPDATED_OLD of the old item, UPDATED_NEW of the new.
  item::Item Touched(const item::Item& item) const;

  std::string ToString() const;  // the tree as text, for tests and logs

 private:
  friend Update MakeUpdate(std::vector<UpdateAction> actions, bool legacy);  // trees.h
  explicit Update(std::shared_ptr<const UpdateTree> tree) : tree_(std::move(tree)) {}
  std::shared_ptr<const UpdateTree> tree_;  // shared: copies of a request carry it along
};

}  // namespace tidemark::expr
