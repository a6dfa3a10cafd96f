// The Authorization header taken apart:
//   AWS4-HMAC-SHA256 Credential=AKID/20130609/us-east-1/dynamodb/aws4_request,
//       SignedHeaders=host;x-amz-date, Signature=0123...
// Nothing is judged here; auth decides what is missing or wrong, and in which order it says so.
#pragma once
#include <optional>
#include <string_view>

namespace tidemark::sigv4 {

// Views into the header. A part that is not there has no value.
struct Authorization {
  std::string_view algorithm;  // the first word
  std::optional<std::string_view> credential;
  std::optional<std::string_view> signed_headers;
  std::optional<std::string_view> signature;
  std::optional<std::string_view> part_without_equals;  // the first one that is no key=value
};

Authorization ParseAuthorization(std::string_view header);

// keyid/date/region/service/term
struct Credential {
  std::string_view access_key;
  std::string_view date;
  std::string_view region;
  std::string_view service;
  std::string_view terminator;
};

// Slashes at the end are ignored; nullopt unless five parts remain (which may be empty).
std::optional<Credential> ParseCredential(std::string_view text);

}  // namespace tidemark::sigv4
