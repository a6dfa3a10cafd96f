// Gzip bodies (RFC 1952) of foreign origin: the output is bounded, whatever the input claims.
#pragma once
#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::codec {

// All members of `compressed`, joined. kSerialization: not gzip, damaged or cut short.
// kRequestTooLarge: more than `bytes_max` would come out (no more than that is ever held).
Result<Bytes> Gunzip(BytesView compressed, size_t bytes_max);

}  // namespace tidemark::codec
