#include "codec/crc32.h"

#include <libdeflate.h>

namespace tidemark::codec {

uint32_t Crc32(BytesView bytes, uint32_t before) {
  return libdeflate_crc32(before, bytes.data(), bytes.size());
}

}  // namespace tidemark::codec
