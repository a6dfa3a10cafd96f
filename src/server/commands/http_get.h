// Requests to a running server, for subcommands; plain HTTP/1.1, no TLS, no redirects.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tidemark::server {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

struct HttpMessage {
  std::string method, path;
  std::vector<std::pair<std::string, std::string>> headers;  // but Host, Connection, Content-Length
  std::string body;
};

// `endpoint`: "http://HOST:PORT", or without the port (80). Blocking, at most some 10 s between two
// bytes. Errors: kValidation (no such endpoint can be), kIo (names what failed).
Result<HttpAnswer> HttpSend(const std::string& endpoint, const HttpMessage& message);
Result<HttpAnswer> HttpGet(const std::string& endpoint, const std::string& path);
Result<std::string> HostOf(const std::string& endpoint);  // the Host header sent; kValidation

}  // namespace tidemark::server
