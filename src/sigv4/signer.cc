#include "sigv4/signer.h"

#include <fmt/core.h>

#include <algorithm>

#include "sigv4/amz_date.h"
#include "sigv4/signature.h"

namespace tidemark::sigv4 {

namespace {

std::string SignedHeaderList(std::span<const HeaderField> headers) {
  std::vector<std::string> names;
  for (const HeaderField& header : headers) {
    std::string name(header.name);
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string list;
  for (const std::string& name : names) {
    if (!list.empty()) list.push_back(';');
    list += name;
  }
  return list;
}

}  // namespace

Signer::Signer(SigningCredentials credentials, std::string region, std::string service)
    : credentials_(std::move(credentials)),
      region_(std::move(region)),
      service_(std::move(service)) {}

std::vector<std::pair<std::string, std::string>> Signer::Sign(const OutgoingRequest& request,
                                                              Timestamp now) {
  std::string amz_date = FormatAmzDate(now);
  Scope scope{
      .date = std::string_view(amz_date).substr(0, 8), .region = region_, .service = service_};
  if (!key_ || key_date_ != scope.date) {
    key_ = DeriveSigningKey(credentials_.secret, scope);
    key_date_ = scope.date;
  }

  std::vector<HeaderField> headers(request.headers.begin(), request.headers.end());
  std::string payload_hash;
  for (const HeaderField& header : headers) {
    if (EqualsIgnoringCase(header.name, "x-amz-content-sha256")) payload_hash = header.value;
  }
  if (payload_hash.empty()) payload_hash = crypto::Sha256Hex(request.body);
  headers.push_back({"x-amz-date", amz_date});
  if (!credentials_.session_token.empty()) {
    headers.push_back({"x-amz-security-token", credentials_.session_token});
  }
  std::string signed_headers = SignedHeaderList(headers);

  std::string canonical, string_to_sign;
  AppendCanonicalRequest({.method = request.method,
                          .path = request.path,
                          .query = request.query,
                          .headers = headers,
                          .signed_headers = signed_headers,
                          .payload_hash = payload_hash,
                          .path_as_is = service_ == "s3"},
                         &canonical);
  AppendStringToSign(amz_date, scope, canonical, &string_to_sign);
  std::string authorization =
      fmt::format("{} Credential={}/{}/{}/{}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                  credentials_.access_key, scope.date, region_, service_, kTerminator,
                  signed_headers, Signature(*key_, string_to_sign));

  std::vector<std::pair<std::string, std::string>> added;
  added.emplace_back("X-Amz-Date", std::move(amz_date));
  if (!credentials_.session_token.empty()) {
    added.emplace_back("X-Amz-Security-Token", credentials_.session_token);
  }
  added.emplace_back("Authorization", std::move(authorization));
  return added;
}

}  // namespace tidemark::sigv4
