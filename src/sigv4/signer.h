// Signs requests we send: command line, load driver, S3 client.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "crypto/hash.h"
#include "sigv4/canonical.h"

namespace tidemark::sigv4 {

struct SigningCredentials {
  std::string access_key;
  std::string secret;
  std::string session_token;  // empty: none
};

struct OutgoingRequest {
  std::string_view method;
  std::string_view path;
  std::string_view query;
  std::span<const HeaderField> headers;  // all are signed; Host among them
  std::string_view body;
};

// Keeps the day's signing key. Not thread-safe. For the service "s3" paths are signed as they are.
class Signer {
 public:
  Signer(SigningCredentials credentials, std::string region, std::string service);

  // Headers to add to the request: X-Amz-Date, X-Amz-Security-Token if any, Authorization. If the
  // request has an x-amz-content-sha256 header its value stands for the body.
  std::vector<std::pair<std::string, std::string>> Sign(const OutgoingRequest& request,
                                                        Timestamp now);

 private:
  SigningCredentials credentials_;
  std::string region_;
  std::string service_;
  std::string key_date_;
  std::optional<crypto::HmacKey> key_;
};

}  // namespace tidemark::sigv4
