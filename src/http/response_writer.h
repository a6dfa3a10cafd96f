// Appends responses to the output buffer of a connection: head and body in one piece.
#pragma once
#include <ctime>
#include <string>
#include <string_view>

#include "http/response.h"

namespace tidemark::http {

// "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n", made once per second. One per I/O thread.
class DateLine {
 public:
  std::string_view Get(std::time_t now);

 private:
  std::time_t second_ = -1;
  std::string line_;
};

struct ResponseOptions {
  bool close = false;
  bool http10 = false;        // says keep-alive aloud, which 1.0 clients need
  bool without_body = false;  // the answer to HEAD
};

void AppendResponse(const Response& response, const ResponseOptions& options,
                    std::string_view date_line, std::string& out);

}  // namespace tidemark::http
