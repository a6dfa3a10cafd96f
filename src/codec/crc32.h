// CRC-32 as zlib and Ethernet have it; DynamoDB sends it of every answer as x-amz-crc32.
#pragma once
#include <cstdint>

#include "base/bytes.h"

namespace tidemark::codec {

// `before` is the CRC of what precedes `bytes`, to go on from there.
uint32_t Crc32(BytesView bytes, uint32_t before = 0);

}  // namespace tidemark::codec
