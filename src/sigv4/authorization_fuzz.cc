// Header, credential and canonical form on foreign bytes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sigv4/amz_date.h"
#include "sigv4/authorization.h"
#include "sigv4/canonical.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tidemark::sigv4;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Authorization parts = ParseAuthorization(text);
  if (auto credential = ParseCredential(parts.credential.value_or(text))) {
    if (credential->access_key.size() + credential->terminator.size() > size) std::abort();
  }
  if (auto time = ParseAmzDate(text); time && FormatAmzDate(*time) != text) std::abort();
  ParseHttpDate(text);

  const HeaderField headers[] = {{"Host", text}, {text, "value"}};
  std::string request, path, query, again;
  AppendCanonicalRequest({.method = "GET",
                          .path = text,
                          .query = text,
                          .headers = headers,
                          .signed_headers = parts.signed_headers.value_or(text),
                          .payload_hash = kUnsignedPayload},
                         &request);
  AppendCanonicalPath(text, &path);
  if (path.empty() || path[0] != '/') std::abort();
  AppendCanonicalQuery(text, &query);
  AppendCanonicalQuery(query, &again);
  if (again != query) std::abort();  // canonical stays canonical
  return 0;
}
