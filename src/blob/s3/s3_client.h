// Requests to S3: addressed, signed, sent, and tried again where that may help.
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "blob/backoff.h"
#include "blob/s3/http_transport.h"
#include "blob/s3/s3_config.h"
#include "sigv4/signer.h"

namespace tidemark::blob {

constexpr uint64_t kXmlBytesMax = 8 << 20;  // of an answer that is no blob

struct S3Request {
  std::string method;
  std::string key;  // without the prefix; empty with `of_bucket`
  bool of_bucket = false;
  std::string query;  // encoded, without "?"
  HttpHeaders headers;
  const BlobSource* body = nullptr;
  crypto::Digest256 body_sha256 = crypto::Sha256("");
  uint64_t answer_bytes_max = kXmlBytesMax;
};

struct S3Answer {
  HttpAnswer http;
  bool repeated = false;  // an earlier attempt may have been carried out as well
};

// Thread-safe. Borrows all but the configuration.
class S3Client {
 public:
  S3Client(S3Config config, HttpTransport& transport, const Clock& clock, Random& random,
           Pause& pause);

  // Any answer that a repetition would not change. Errors: kUnavailable once attempts are used up;
  // those of the transport, of the body and of the pause.
  Result<S3Answer> Send(const S3Request& request);

  const S3Config& config() const { return config_; }

 private:
  std::string Path(const S3Request& request) const;
  Result<HttpAnswer> SendOnce(const S3Request& request, const BlobSource* body);

  const S3Config config_;
  std::string scheme_;  // "https://"
  std::string host_;    // with the port, and the bucket where it stands before the host
  HttpTransport& transport_;
  const Clock& clock_;
  Random& random_;
  Pause& pause_;
  std::mutex signer_mutex_;
  sigv4::Signer signer_;
};

std::string EncodeQueryValue(std::string_view text);

}  // namespace tidemark::blob
