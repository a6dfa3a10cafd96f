#include "codec/json_reader.h"

#include "base/assert.h"

namespace tidemark::codec {

namespace {

// WHY: a parser keeps room for its largest document, about 13 bytes per byte of text; one large
// request must not cost every thread that much for good.
constexpr size_t kKeptCapacityBytes = 1 << 20;

void Reset(simdjson::dom::parser* parser, size_t depth_max) {
  *parser = simdjson::dom::parser();
  TM_ASSERT(parser->allocate(4096, depth_max) == simdjson::SUCCESS);
}

}  // namespace

JsonParser::JsonParser(size_t depth_max) { Reset(&parser_, depth_max); }

Result<JsonValue> JsonParser::Parse(std::string_view text) {
  if (parser_.capacity() > kKeptCapacityBytes && text.size() <= kKeptCapacityBytes) {
    Reset(&parser_, parser_.max_depth());
  }
  simdjson::dom::element root;
  auto code = parser_.parse(text.data(), text.size(), /*realloc_if_needed=*/true).get(root);
  if (code == simdjson::MEMALLOC) {
    return Fail(ErrorKind::kUnavailable, "no memory for a JSON document of {} bytes", text.size());
  }
  if (code != simdjson::SUCCESS) {
    return Fail(ErrorKind::kSerialization, "JSON: {}", simdjson::error_message(code));
  }
  return root;
}

}  // namespace tidemark::codec
