// Checks the signature of a request: from bytes on the wire to a Principal.
//
// The checks come in DynamoDB's order, and error messages are the exact texts it answers with.
#pragma once
#include <chrono>
#include <string_view>

#include "auth/credentials.h"
#include "auth/failure_gate.h"
#include "auth/principal.h"
#include "auth/signing_keys.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/request.h"

namespace tidemark::auth {

struct AuthenticatorOptions {
  std::chrono::minutes skew_max{15};  // a request's date may differ this much from ours
  size_t signing_keys_max = 4096;
  FailureLimits failures;                // of wrong signatures
  const Clock* session_clock = nullptr;  // by which sessions expire; null: the real one
};

// Thread-safe; lives as long as the server. Does not block.
class Authenticator {
 public:
  // WHY the real clock, also where tests move time: clients sign with theirs.
  Authenticator(const CredentialStore& credentials, const Clock& real_clock,
                AuthenticatorOptions options = {});

  // `service` is what the credential scope must name: "dynamodb".
  // Errors: kMissingAuthentication, kIncompleteSignature, kInvalidSignature, kUnrecognizedClient,
  // kExpiredToken; kThrottled: too many wrong signatures from this address for this access key.
  Result<Principal> Authenticate(const http::Request& request,
                                 std::string_view service = "dynamodb");

 private:
  Result<Principal> Check(const http::Request& request, std::string_view service);

  const CredentialStore& credentials_;
  const Clock& clock_;
  const AuthenticatorOptions options_;
  SigningKeys signing_keys_;
  FailureGate failures_;
};

}  // namespace tidemark::auth
