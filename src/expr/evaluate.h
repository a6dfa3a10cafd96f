// A resolved condition against an item.
#pragma once
#include "expr/ast.h"
#include "item/attribute_value.h"

namespace tidemark::expr {

// Allocates nothing: operands are read in place. What the item lacks makes comparisons false ("<>"
// true), as do types without an order.
bool Evaluate(const Node& condition, const item::Item& item);

}  // namespace tidemark::expr
