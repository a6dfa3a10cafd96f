// Order and containment of attribute values as expressions see them.
#pragma once
#include "item/attribute_value.h"

namespace tidemark::expr {

// Whether one < two: numbers by value, strings and binaries by bytes. False for differing types and
// for types without an order.
bool Less(const item::AttributeValue& one, const item::AttributeValue& two);
// The same for one <= two, which differs from !Less(two, one) where there is no order.
bool LessOrEqual(const item::AttributeValue& one, const item::AttributeValue& two);
bool BeginsWith(const item::AttributeValue& value, const item::AttributeValue& prefix);
// A part of a string or binary, an element of a set or list.
bool Contains(const item::AttributeValue& value, const item::AttributeValue& part);

}  // namespace tidemark::expr
