// What a request presents as proof, from its Authorization header or its query string. Only form is
// checked here.
#pragma once
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/request.h"

namespace tidemark::auth {

// Views into the request or into `decoded`; so it stays where it was filled.
struct PresentedSignature {
  PresentedSignature() = default;
  PresentedSignature(const PresentedSignature&) = delete;
  PresentedSignature& operator=(const PresentedSignature&) = delete;

  std::string_view algorithm;
  std::string_view credential;
  std::string_view signed_headers;
  std::string_view signature;
  std::string_view session_token;  // empty: none
  Timestamp time;
  std::string amz_date;                           // `time` in the form that is signed
  std::optional<std::chrono::seconds> valid_for;  // X-Amz-Expires of a query string

  std::array<std::string, 5> decoded;
};

// kInvalidSignature: both forms at once. kMissingAuthentication: none. kIncompleteSignature: parts
// missing or a date or duration that cannot be read.
Result<void> ReadPresented(const http::Request& request, PresentedSignature* presented);

}  // namespace tidemark::auth
