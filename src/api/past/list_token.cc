#include "api/past/list_token.h"

#include "codec/base64.h"
#include "codec/varint.h"

namespace tidemark::api::past {

std::string ListToken(Timestamp created, BytesView id) {
  Bytes bytes;
  codec::AppendLittle64(static_cast<uint64_t>(ToMicros(created)), &bytes);
  bytes += id;
  return codec::EncodeBase64(bytes);
}

Result<ListPlace> ReadListToken(const std::string& token) {
  const auto bytes = codec::DecodeBase64(token);
  uint64_t micros = 0;
  BytesView rest;
  if (bytes) rest = *bytes;
  if (!codec::ReadLittle64(&rest, &micros) || rest.size() != 16)
    return Fail(ErrorKind::kValidation, "NextToken is none that this request was answered with");
  return ListPlace{FromMicros(static_cast<int64_t>(micros)), Bytes(rest)};
}

}  // namespace tidemark::api::past
