// JSON in. A thin name over simdjson's DOM: documents are parsed once, checked for depth and size,
// then walked. Strings are UTF-8 checked by the parser.
#pragma once
#include <simdjson.h>

#include <string_view>

#include "base/result.h"

namespace tidemark::codec {

using JsonValue = simdjson::dom::element;
using JsonObject = simdjson::dom::object;
using JsonArray = simdjson::dom::array;

// One per thread; a document lives until the next Parse. Depth is limited to `depth_max`.
class JsonParser {
 public:
  explicit JsonParser(size_t depth_max = 128);
  // kSerialization. Copies `text` into the parser's padded buffer.
  Result<JsonValue> Parse(std::string_view text);

 private:
  simdjson::dom::parser parser_;
};

}  // namespace tidemark::codec
