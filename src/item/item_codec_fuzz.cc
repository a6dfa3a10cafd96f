#include <cstdlib>

#include "item/item_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tidemark;
  const BytesView bytes(reinterpret_cast<const char*>(data), size);
  std::string json;
  const bool printed = item::AppendEncodedItemJson(bytes, &json).has_value();
  const auto item = item::DecodeItem(bytes);
  // One form per item, and the printer is never stricter than the decoder.
  if (item && (!printed || item::EncodeItem(*item) != bytes)) std::abort();
  return 0;
}
