// Hexadecimal text, two digits per byte.
#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::codec {

void AppendHex(BytesView bytes, std::string* out);  // lower case
std::string EncodeHex(BytesView bytes);
Result<Bytes> DecodeHex(std::string_view text);  // either case; kSerialization

}  // namespace tidemark::codec
