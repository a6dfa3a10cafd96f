#include "auth/authenticate.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "auth/presented.h"
#include "base/region_name.h"
#include "crypto/hash.h"
#include "sigv4/amz_date.h"
#include "sigv4/authorization.h"
#include "sigv4/canonical.h"
#include "sigv4/signature.h"

namespace tidemark::auth {

namespace {

std::string Words(std::chrono::seconds span) {
  return span.count() % 60 == 0 ? fmt::format("{} min.", span.count() / 60)
                                : fmt::format("{} sec.", span.count());
}

Result<void> CheckDate(const PresentedSignature& presented, Timestamp now,
                       std::chrono::seconds skew_max) {
  now = std::chrono::floor<std::chrono::seconds>(now);
  std::chrono::seconds age_max = presented.valid_for.value_or(skew_max);
  if (presented.time < now - age_max) {
    return Fail(ErrorKind::kInvalidSignature,
                "Signature expired: {} is now earlier than {} ({} - {})", presented.amz_date,
                sigv4::FormatAmzDate(now - age_max), sigv4::FormatAmzDate(now), Words(age_max));
  }
  if (presented.time > now + skew_max) {
    return Fail(ErrorKind::kInvalidSignature,
                "Signature not yet current: {} is still later than {} ({} + {})",
                presented.amz_date, sigv4::FormatAmzDate(now + skew_max), sigv4::FormatAmzDate(now),
                Words(skew_max));
  }
  return {};
}

bool ListsHost(std::string_view signed_headers) {
  while (!signed_headers.empty()) {
    size_t end = signed_headers.find(';');
    if (sigv4::EqualsIgnoringCase(signed_headers.substr(0, end), "host")) return true;
    signed_headers.remove_prefix(end == std::string_view::npos ? signed_headers.size() : end + 1);
  }
  return false;
}

Result<void> CheckScope(const sigv4::Credential& credential, std::string_view service,
                        std::string_view amz_date) {
  std::string wrong;
  auto add = [&wrong](const std::string& sentence) {
    if (!wrong.empty()) wrong += ' ';
    wrong += sentence;
  };
  if (!IsRegionName(credential.region)) {  // whatever is one becomes a Region of its own
    add(fmt::format("Credential should be scoped to a valid region, not '{}'.", credential.region));
  }
  if (credential.service != service) {
    add(fmt::format("Credential should be scoped to correct service: '{}'.", service));
  }
  if (credential.terminator != sigv4::kTerminator) {
    add(fmt::format("Credential should be scoped with a valid terminator: '{}', not '{}'.",
                    sigv4::kTerminator, credential.terminator));
  }
  if (credential.date != amz_date.substr(0, 8)) {
    add(
        fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
                    "date from HTTP: '{}' != '{}', from '{}'.",
                    credential.date, amz_date.substr(0, 8), amz_date));
  }
  if (wrong.empty()) return {};
  return Unexpected(Error{ErrorKind::kInvalidSignature, std::move(wrong), nullptr});
}

// The texts both sides hash, from the request as we received it.
struct SignedTexts {
  std::string canonical_request;
  std::string string_to_sign;
  bool payload_matches;  // a hash claimed in x-amz-content-sha256 is that of the body
};

SignedTexts MakeSignedTexts(const http::Request& request, const PresentedSignature& presented,
                            const sigv4::Scope& scope) {
  SignedTexts texts;
  auto claimed_hash = request.Find("x-amz-content-sha256");
  std::string payload_hash = claimed_hash == sigv4::kUnsignedPayload
                                 ? std::string(sigv4::kUnsignedPayload)
                                 : crypto::Sha256Hex(request.raw_body);
  texts.payload_matches = !claimed_hash || *claimed_hash == payload_hash;

  constexpr size_t kUsualHeaders = 24;  // beyond that they go to the heap
  std::array<sigv4::HeaderField, kUsualHeaders> few;
  std::vector<sigv4::HeaderField> many;
  std::span<sigv4::HeaderField> headers(few.data(), std::min(few.size(), request.headers.size()));
  if (request.headers.size() > few.size()) {
    many.resize(request.headers.size());
    headers = many;
  }
  for (size_t i = 0; i < headers.size(); ++i) {
    headers[i] = {request.headers[i].name, request.headers[i].value};
  }
  sigv4::AppendCanonicalRequest({.method = request.method,
                                 .path = request.path,
                                 .query = request.query,
                                 .headers = headers,
                                 .signed_headers = presented.signed_headers,
                                 .payload_hash = payload_hash},
                                &texts.canonical_request);
  sigv4::AppendStringToSign(presented.amz_date, scope, texts.canonical_request,
                            &texts.string_to_sign);
  return texts;
}

Unexpected SignatureDiffers(const SignedTexts& texts) {
  return Fail(ErrorKind::kInvalidSignature,
              "The request signature we calculated does not match the signature you provided. "
              "Check your AWS Secret Access Key and signing method. Consult the service "
              "documentation for details.\n\nThe Canonical String for this request should have "
              "been\n'{}'\n\nThe String-to-Sign should have been\n'{}'\n",
              texts.canonical_request, texts.string_to_sign);
}

Result<void> CheckSession(std::string_view token, const Credential& credential, Timestamp now) {
  if (!crypto::EqualConstantTime(token, credential.session_token)) {
    return Fail(ErrorKind::kUnrecognizedClient,
                "The security token included in the request is invalid");
  }
  if (credential.session && credential.session->expires <= now) {
    return Fail(ErrorKind::kExpiredToken, "The security token included in the request is expired");
  }
  return {};
}

}  // namespace

Authenticator::Authenticator(const CredentialStore& credentials, const Clock& real_clock,
                             AuthenticatorOptions options)
    : credentials_(credentials),
      clock_(real_clock),
      options_(options),
      signing_keys_(options.signing_keys_max),
      failures_(options.failures) {}

Result<Principal> Authenticator::Authenticate(const http::Request& request,
                                              std::string_view service) {
  Result<Principal> result = Check(request, service);
  if (!result) {
    // Messages quote header bytes, which need not be UTF-8; answers must be.
    for (char& c : result.error().message) {
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    }
  }
  return result;
}

Result<Principal> Authenticator::Check(const http::Request& request, std::string_view service) {
  PresentedSignature presented;
  TM_TRYV(ReadPresented(request, &presented));
  Timestamp now = clock_.Now();
  TM_TRYV(CheckDate(presented, now, options_.skew_max));
  if (!ListsHost(presented.signed_headers)) {
    return Fail(ErrorKind::kInvalidSignature,
                "'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  if (presented.algorithm != sigv4::kAlgorithm) {
    return Fail(ErrorKind::kIncompleteSignature,
                "Unsupported AWS 'algorithm': '{}' (only {} for now). ", presented.algorithm,
                sigv4::kAlgorithm);
  }
  auto scoped = sigv4::ParseCredential(presented.credential);
  if (!scoped) {
    return Fail(ErrorKind::kIncompleteSignature,
                "Credential must have exactly 5 slash-delimited elements, e.g. "
                "keyid/date/region/service/term, got '{}'",
                presented.credential);
  }
  TM_TRYV(CheckScope(*scoped, service, presented.amz_date));

  AccessKeyId access_key{std::string(scoped->access_key)};
  std::shared_ptr<const Credential> credential =
      credentials_.Lookup(access_key, presented.session_token);
  if (!credential || !credential->active) {
    return Fail(ErrorKind::kUnrecognizedClient,
                "The security token included in the request is invalid.");
  }

  if (!failures_.Admits(request.remote_address, access_key, now))
    return Fail(ErrorKind::kThrottled, "Rate exceeded");

  sigv4::Scope scope{.date = scoped->date, .region = scoped->region, .service = scoped->service};
  auto key = signing_keys_.Find(presented.credential, credential->secret);
  bool derived_now = key == nullptr;
  if (derived_now) {
    key =
        std::make_shared<const crypto::HmacKey>(sigv4::DeriveSigningKey(credential->secret, scope));
  }
  SignedTexts texts = MakeSignedTexts(request, presented, scope);
  if (!crypto::EqualConstantTime(sigv4::Signature(*key, texts.string_to_sign),
                                 presented.signature) ||
      !texts.payload_matches) {
    failures_.Note(request.remote_address, access_key, now);
    return SignatureDiffers(texts);
  }
  if (derived_now) {
    signing_keys_.Add(presented.credential, credential->secret, std::move(key));
  }
  const Timestamp session_now = options_.session_clock ? options_.session_clock->Now() : now;
  TM_TRYV(CheckSession(presented.session_token, *credential, session_now));
  if (credential->last_use) credential->last_use->Note(now, scoped->service, scoped->region);
  return Principal{.account = credential->account,
                   .region = Region{std::string(scoped->region)},
                   .access_key = std::move(access_key),
                   .arn = credential->arn,
                   .is_root = credential->is_root,
                   .identity = credential->identity,
                   .session = credential->session};
}

}  // namespace tidemark::auth
