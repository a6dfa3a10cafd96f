#include "codec/crc32.h"

#include <zlib.h>

namespace tidemark::codec {

uint32_t Crc32(BytesView bytes, uint32_t before) {
  return static_cast<uint32_t>(
      crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace tidemark::codec
