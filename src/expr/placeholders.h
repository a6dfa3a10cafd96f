// ExpressionAttributeNames and ExpressionAttributeValues of one request.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "item/attribute_value.h"

namespace tidemark::expr {

using NameList = std::vector<std::pair<std::string, std::string>>;

// The keys of ExpressionAttributeValues: there are some, each a ':' and a short name. kValidation.
Result<void> CheckValueKeys(const item::Map& values);

// Resolves placeholders and notes which were used, so that unused ones are refused. Borrows what it
// is given, which must outlive it; parsed expressions own copies and do not need it. One thread.
class Placeholders {
 public:
  // `names`: "#n" -> attribute name. `values`: ":v" -> value. Either may be null (no entries).
  // `*_given`: whether the member is to be checked (an empty one is refused by Check): it was in
  // the request.
  Placeholders(const NameList* names, const item::Map* values, bool names_given, bool values_given);
  Placeholders(const NameList* names, const item::Map* values)
      : Placeholders(names, values, names != nullptr, values != nullptr) {}

  // The rules on the two members themselves, made before any expression is parsed: given only with
  // an expression, not empty, keys well formed. `value_expressions` names the operation's
  // parameters which can use values, for the error text: "FilterExpression and
  // KeyConditionExpression"; empty: the text does not name them. Errors: kValidation.
  Result<void> Check(bool has_expression, bool has_value_expression,
                     std::string_view value_expressions) const;

  // Resolve and mark as used; nullptr if not defined. The placeholder includes its '#' or ':'.
  const std::string* UseName(std::string_view placeholder);
  const item::AttributeValue* UseValue(std::string_view placeholder);

  // After all expressions of the request were parsed. kValidation: "Value provided in
  // ExpressionAttributeNames unused in expressions: keys: {#a, #b}".
  Result<void> CheckAllUsed() const;

 private:
  const NameList* names_;
  const item::Map* values_;
  bool names_given_;
  bool values_given_;
  std::vector<bool> names_used_;
  std::vector<bool> values_used_;
};

}  // namespace tidemark::expr
