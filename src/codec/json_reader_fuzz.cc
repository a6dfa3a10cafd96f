// The JSON reader on foreign bytes, and the writer's strings read back.
#include <cstdlib>
#include <string>

#include "codec/json_reader.h"
#include "codec/json_writer.h"

namespace {

size_t Walk(tidemark::codec::JsonValue value, tidemark::codec::JsonParser* again) {
  size_t count = 1;
  if (value.is_array()) {
    tidemark::codec::JsonArray array = value.get_array().value();  // a loop over it would dangle
    for (auto child : array) count += Walk(child, again);
  } else if (value.is_object()) {
    tidemark::codec::JsonObject object = value.get_object().value();
    for (auto field : object) count += Walk(field.value, again);
  } else if (value.is_string()) {
    std::string_view text = value.get_string().value();
    std::string json;
    tidemark::codec::AppendJsonString(text, &json);
    auto read = again->Parse(json);
    if (!read || read->get_string().value() != text) std::abort();
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static tidemark::codec::JsonParser parser(64), again(64);
  auto value = parser.Parse({reinterpret_cast<const char*>(data), size});
  if (value && Walk(*value, &again) > size) std::abort();
  return 0;
}
