// A GET of a running server, for subcommands; plain HTTP/1.1, no TLS, no redirects.
#pragma once
#include <string>

#include "base/result.h"

namespace tidemark::server {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// `endpoint`: "http://HOST:PORT", or without the port (80). Blocking, at most some 10 s between two
// bytes. Errors: kValidation (no such endpoint can be), kIo (names what failed).
Result<HttpAnswer> HttpGet(const std::string& endpoint, const std::string& path);

}  // namespace tidemark::server
