// Members of a request's document before it is parsed into a shape. Read as the shapes are: of
// members with one name the last that is not null counts, so that what is checked is what is done.
#pragma once
#include <string_view>

#include "codec/json_reader.h"

namespace tidemark::api::dynamodb {

// Null: there is none, or `json` is no object.
codec::JsonValue Member(codec::JsonValue json, std::string_view name);
// Empty: there is none, or it is no text; the operation refuses such a request.
std::string_view TextMember(codec::JsonValue json, std::string_view name);

}  // namespace tidemark::api::dynamodb
