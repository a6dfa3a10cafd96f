// One HTTP request and its answer. Blocking; thread-safe.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "blob/blob_source.h"

namespace tidemark::blob {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;  // GET, HEAD, PUT, POST, DELETE
  std::string url;     // sent as it is
  HttpHeaders headers;
  const BlobSource* body = nullptr;  // none
  uint64_t answer_bytes_max = 0;     // kIo if the answer's body is longer
};

struct HttpAnswer {
  int status = 0;
  HttpHeaders headers;  // names in lower case
  Bytes body;

  std::string_view Header(std::string_view name) const;  // "" if there is none
};

class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  // Any status is an answer. Errors: kUnavailable: no connection, reset, time-out; the request may
  // have been carried out. kIo: what a retry does not help (certificates). Those of the body.
  virtual Result<HttpAnswer> Send(const HttpRequest& request) = 0;
};

struct CurlOptions {
  std::string ca_file;  // PEM; empty: the system's authorities
  Micros connect_timeout{10'000'000};
  Micros stall_timeout{30'000'000};  // with less than 1 KiB/s
  // Once it is true, what is under way ends within a second or so: kUnavailable. Null: nothing
  // does.
  const std::atomic<bool>* stopping = nullptr;
};

// Over libcurl; keeps connections. No proxies, no redirects.
std::unique_ptr<HttpTransport> NewCurlTransport(CurlOptions options);

}  // namespace tidemark::blob
