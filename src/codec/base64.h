// Base64, RFC 4648 section 4: the alphabet with + and /, padded with '='.
#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::codec {

void AppendBase64(BytesView bytes, std::string* out);
std::string EncodeBase64(BytesView bytes);

// Strict: no white space, padding present, unused bits zero; so every byte string has exactly one
// text. kSerialization otherwise. AppendFromBase64 leaves `out` as it was on error.
Result<void> AppendFromBase64(std::string_view text, Bytes* out);
Result<Bytes> DecodeBase64(std::string_view text);

}  // namespace tidemark::codec
