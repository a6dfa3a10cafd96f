#pragma once
#include <string>
#include <utility>
#include <vector>

namespace tidemark::http {

struct Response {
  int status = 200;
  std::string content_type;  // empty: no such header
  std::vector<std::pair<std::string, std::string>>
      headers;  // beside Content-Type, Content-Length, Date, Connection
  std::string body;
  bool close = false;  // close the connection after this answer
};

}  // namespace tidemark::http
