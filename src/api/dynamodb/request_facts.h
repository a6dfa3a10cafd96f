// Which partition keys and attributes a request touches, for policies that limit them. Read from
// the same shapes and by the same expression parsers as the operation itself. Facts that cannot be
// known (a request that does not parse, a table that is not there) are a value no policy can name.
#pragma once
#include <string_view>

#include "catalog/table_record.h"
#include "codec/json_reader.h"
#include "policy/context.h"

namespace tidemark::api::dynamodb {

// What of a request speaks of one table.
struct RequestPart {
  codec::JsonValue body;            // the whole request, or an item of a transaction
  std::string_view table = {};      // as the request names it
  std::string_view index = {};      // empty: none
  std::string_view enclosing = {};  // the operation that this is an item of
};

struct RequestFacts {
  policy::Values leading_keys;  // partition key values: text, digits, or base64
  policy::Values attributes;    // names of top-level attributes, keys among them
};

// `operation` names the kind of request or item: "PutItem". `table`: null if there is none.
RequestFacts FactsOf(std::string_view operation, const RequestPart& part,
                     const catalog::TableRecord* table);
// Whether these are facts that cannot be known.
bool IsUnknown(const policy::Values& facts);

}  // namespace tidemark::api::dynamodb
