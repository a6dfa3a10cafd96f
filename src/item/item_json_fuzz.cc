#include <cstdlib>

#include "item/item_codec.h"
#include "item/item_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tidemark;
  static codec::JsonParser parser;
  const auto document = parser.Parse({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  const auto item = item::ReadItem(*document);
  if (!item) return 0;
  const auto back = item::DecodeItem(item::EncodeItem(*item));
  if (!back || !(*back == *item)) std::abort();
  return 0;
}
