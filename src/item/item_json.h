// DynamoDB JSON <-> items. The reader makes the checks the service makes on attribute values.
#pragma once
#include <string>

#include "base/result.h"
#include "codec/json_reader.h"
#include "item/attribute_value.h"

namespace tidemark::item {

// {"S": "..."} -> value. Errors: kSerialization for wrong JSON types, kValidation for what the
// service refuses (empty sets, duplicates in sets, bad numbers, NULL:false, several type members,
// nesting beyond 32 levels, bad base64), with its exact texts.
Result<AttributeValue> ReadAttributeValue(codec::JsonValue json, int depth = 0);
Result<Item> ReadItem(codec::JsonValue json);

// What the service says of a JSON value that should have been a `java_type`.
std::string WrongTypeText(codec::JsonValue json, std::string_view java_type);

void AppendJson(const AttributeValue& value, std::string* json);  // {"S":"..."}
void AppendJson(const Item& item, std::string* json);             // {"name":{"S":"..."},...}

}  // namespace tidemark::item
