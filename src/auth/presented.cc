#include "auth/presented.h"

#include <charconv>

#include "sigv4/amz_date.h"
#include "sigv4/authorization.h"
#include "sigv4/uri.h"

namespace tidemark::auth {

namespace {

constexpr std::chrono::seconds kValidForMax{7 * 24 * 3600};

Result<void> ReadDate(std::string_view text, bool http_form_too, PresentedSignature* presented) {
  if (auto time = sigv4::ParseAmzDate(text)) {
    presented->time = *time;
    presented->amz_date = text;
    return {};
  }
  auto time = http_form_too ? sigv4::ParseHttpDate(text) : std::nullopt;
  if (!time) {
    return Fail(ErrorKind::kIncompleteSignature,
                "Date must be in ISO-8601 'basic format'. Got '{}'. See "
                "http://en.wikipedia.org/wiki/ISO_8601",
                text);
  }
  presented->time = *time;
  presented->amz_date = sigv4::FormatAmzDate(*time);
  return {};
}

Result<void> ReadHeader(const http::Request& request, std::string_view header,
                        PresentedSignature* presented) {
  sigv4::Authorization parts = sigv4::ParseAuthorization(header);
  if (parts.part_without_equals) {
    return Fail(ErrorKind::kIncompleteSignature,
                "'{}' not a valid key=value pair (missing equal-sign) in Authorization header: "
                "'{}'.",
                *parts.part_without_equals, header);
  }
  auto amz_date = request.Find("x-amz-date");
  auto date = amz_date ? amz_date : request.Find("date");
  std::string missing;
  auto require = [&missing](bool present, std::string_view name) {
    if (!present) missing += fmt::format("Authorization header requires '{}' parameter. ", name);
  };
  require(parts.credential && !parts.credential->empty(), "Credential");
  require(parts.signature && !parts.signature->empty(), "Signature");
  require(parts.signed_headers.has_value(), "SignedHeaders");
  if (!date || date->empty()) {
    missing +=
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  if (!missing.empty()) {
    return Fail(ErrorKind::kIncompleteSignature, "{}Authorization={}", missing, header);
  }
  presented->algorithm = parts.algorithm;
  presented->credential = *parts.credential;
  presented->signed_headers = *parts.signed_headers;
  presented->signature = *parts.signature;
  presented->session_token = request.Find("x-amz-security-token").value_or("");
  return ReadDate(*date, /*http_form_too=*/true, presented);
}

Result<void> ReadQuery(const http::Request& request, std::string algorithm,
                       PresentedSignature* presented) {
  auto credential = sigv4::FindQueryParameter(request.query, "X-Amz-Credential");
  auto signature = sigv4::FindQueryParameter(request.query, "X-Amz-Signature");
  auto signed_headers = sigv4::FindQueryParameter(request.query, "X-Amz-SignedHeaders");
  auto date = sigv4::FindQueryParameter(request.query, "X-Amz-Date");
  std::string missing;
  auto require = [&missing](bool present, std::string_view name) {
    if (!present) missing += fmt::format("AWS query-string parameters must include '{}'. ", name);
  };
  require(!algorithm.empty(), "X-Amz-Algorithm");
  require(credential && !credential->empty(), "X-Amz-Credential");
  require(signature && !signature->empty(), "X-Amz-Signature");
  require(signed_headers.has_value(), "X-Amz-SignedHeaders");
  require(date && !date->empty(), "X-Amz-Date");
  if (!missing.empty()) {
    return Fail(ErrorKind::kIncompleteSignature, "{}Re-examine the query-string parameters.",
                missing);
  }
  TM_TRYV(ReadDate(*date, /*http_form_too=*/false, presented));
  if (auto expires = sigv4::FindQueryParameter(request.query, "X-Amz-Expires")) {
    int64_t seconds = 0;
    const char* end = expires->data() + expires->size();
    auto [stop, code] = std::from_chars(expires->data(), end, seconds);
    if (code != std::errc() || stop != end || seconds < 1 || seconds > kValidForMax.count()) {
      return Fail(ErrorKind::kIncompleteSignature,
                  "X-Amz-Expires must be a number of seconds between 1 and {}. Got '{}'.",
                  kValidForMax.count(), *expires);
    }
    presented->valid_for = std::chrono::seconds(seconds);
  }
  auto token = sigv4::FindQueryParameter(request.query, "X-Amz-Security-Token");
  presented->decoded = {std::move(algorithm), std::move(*credential), std::move(*signed_headers),
                        std::move(*signature), std::move(token).value_or("")};
  presented->algorithm = presented->decoded[0];
  presented->credential = presented->decoded[1];
  presented->signed_headers = presented->decoded[2];
  presented->signature = presented->decoded[3];
  presented->session_token = presented->decoded[4];
  return {};
}

}  // namespace

Result<void> ReadPresented(const http::Request& request, PresentedSignature* presented) {
  auto header = request.Find("authorization");
  std::optional<std::string> algorithm;
  if (!request.query.empty()) {
    algorithm = sigv4::FindQueryParameter(request.query, "X-Amz-Algorithm");
  }
  if (header && algorithm) {
    return Fail(ErrorKind::kInvalidSignature,
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP "
                "header.");
  }
  if (algorithm) return ReadQuery(request, std::move(*algorithm), presented);
  if (!header || !header->starts_with("AWS4-")) {
    return Fail(ErrorKind::kMissingAuthentication, "Request is missing Authentication Token");
  }
  return ReadHeader(request, *header, presented);
}

}  // namespace tidemark::auth
