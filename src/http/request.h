// A request as read from the wire, whole. Views point into the connection's buffer and live until
// the response has been written.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::http {

struct Header {
  std::string_view name;   // as sent
  std::string_view value;  // trimmed
};

struct Request {
  std::string_view method;  // "POST"
  std::string_view target;  // as sent: "/path?query"
  std::string_view path;    // before '?', as sent (still percent-encoded)
  std::string_view query;   // after '?', without it
  std::vector<Header> headers;
  std::string_view body;       // after gzip decoding, if any
  std::string_view raw_body;   // as sent: what signatures cover
  std::string remote_address;  // "127.0.0.1"

  // First header of that name, case-insensitive.
  std::optional<std::string_view> Find(std::string_view name) const;
};

}  // namespace tidemark::http
