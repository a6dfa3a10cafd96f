// DynamoDB JSON <-> items. The reader makes the checks the service makes on attribute values.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json_reader.h"
#include "item/attribute_value.h"

namespace tidemark::item {

// The service checks values in two layers, an older and a newer, which word some faults
// differently; which one an operation has is a fact about the operation.
enum class Wording { kNewer, kOlder };

// {"S": "..."} -> value. Errors: kSerialization for wrong JSON types, kValidation for what the
// service refuses (empty sets, duplicates in sets, bad numbers, NULL:false, several type members,
// nesting beyond 32 levels, bad base64), kConstraint for names that are too long, with its exact
// texts.
Result<AttributeValue> ReadAttributeValue(codec::JsonValue json, Wording wording = Wording::kNewer,
                                          int depth = 0);
// `faulty`, if not null, is given the name of the attribute whose value an error is about.
Result<Item> ReadItem(codec::JsonValue json, Wording wording = Wording::kNewer,
                      std::string_view* faulty = nullptr);

// What the service says of a JSON value that should have been a `java_type`.
std::string WrongTypeText(codec::JsonValue json, std::string_view java_type);

void AppendJson(const AttributeValue& value, std::string* json);  // {"S":"..."}
void AppendJson(const Item& item, std::string* json);             // {"name":{"S":"..."},...}

}  // namespace tidemark::item
