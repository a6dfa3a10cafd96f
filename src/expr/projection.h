// ProjectionExpression, and its ancestor AttributesToGet.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expr/path.h"
#include "expr/placeholders.h"
#include "item/attribute_value.h"

namespace tidemark::expr {

// The parts of items to be answered. A value.
class Projection {
 public:
  // Errors: kValidation with the service's texts (overlapping and conflicting paths among them).
  static Result<Projection> Parse(std::string_view text, Placeholders& placeholders);
  // Whole top-level attributes, by literal name (AttributesToGet, an index's projection).
  static Projection FromNames(const std::vector<std::string>& names);

  item::Item Apply(const item::Item& item) const;

  const std::vector<Path>& paths() const { return paths_; }  // sorted
  std::vector<std::string> names() const;                    // top-level names, sorted, each once

 private:
  std::vector<Path> paths_;
};

}  // namespace tidemark::expr
