// The canonical request of Signature Version 4: the one text both sides hash. Pure.
//
//   METHOD \n canonical path \n canonical query \n
//   *( lower-case name ":" value \n )  \n  signed header names joined by ";" \n  payload hash
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace tidemark::sigv4 {

struct HeaderField {
  std::string_view name;  // any case
  std::string_view value;
};

constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

struct CanonicalInput {
  std::string_view method;
  std::string_view path;   // as in the request line (percent-encoded once)
  std::string_view query;  // as in the request line, without '?'
  std::span<const HeaderField> headers;
  std::string_view signed_headers;  // "host;x-amz-date"; any order and case
  std::string_view payload_hash;    // hex SHA-256 of the body, or kUnsignedPayload
  bool path_as_is = false;          // S3: the path stands as it was sent
};

// A signed header that the request has not is written with an empty value. A query parameter
// X-Amz-Signature is left out: it cannot sign itself.
void AppendCanonicalRequest(const CanonicalInput& input, std::string* out);

// Dot segments and doubled slashes are resolved, then each segment is encoded (again): a %3A of
// the request line becomes %253A, as all services but S3 want it.
void AppendCanonicalPath(std::string_view path, std::string* out);
void AppendCanonicalQuery(std::string_view query, std::string* out);

bool EqualsIgnoringCase(std::string_view a, std::string_view b);  // ASCII

}  // namespace tidemark::sigv4
