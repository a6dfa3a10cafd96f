// Whatever decodes must encode to the same text.
#include <cstdint>
#include <cstdlib>

#include "codec/base64.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto bytes = tidemark::codec::DecodeBase64(text)) {
    if (tidemark::codec::EncodeBase64(*bytes) != text) std::abort();
  }
  if (*tidemark::codec::DecodeBase64(tidemark::codec::EncodeBase64(text)) != text) std::abort();
  return 0;
}
