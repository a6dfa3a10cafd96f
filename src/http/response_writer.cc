#include "http/response_writer.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace tidemark::http {
namespace {

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

void AppendNumber(uint64_t number, std::string& out) {
  std::array<char, 20> digits;
  auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

// A value may echo what a client sent; a line break in it would let the client write headers.
void AppendValue(std::string_view value, std::string& out) {
  const size_t begin = out.size();
  out.append(value);
  for (const char bad : {'\r', '\n', '\0'})
    for (size_t at = begin; (at = out.find(bad, at)) != out.npos;) out[at] = ' ';
}

}  // namespace

std::string_view DateLine::Get(std::time_t now) {
  if (now == second_) return line_;
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&now, &utc);
  second_ = now;
  line_ = fmt::format("Date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n",
                      kDays[static_cast<size_t>(utc.tm_wday)], utc.tm_mday,
                      kMonths[static_cast<size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                      utc.tm_min, utc.tm_sec);
  return line_;
}

void AppendResponse(const Response& response, const ResponseOptions& options,
                    std::string_view date_line, std::string& out) {
  if (response.status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    out += "HTTP/1.1 ";
    AppendNumber(static_cast<uint64_t>(response.status), out);
    out += ' ';
    out += Reason(response.status);
    out += "\r\n";
  }
  out += date_line;
  if (!response.content_type.empty()) {
    out += "Content-Type: ";
    AppendValue(response.content_type, out);
    out += "\r\n";
  }
  // These two never have a body, and RFC 9110 wants no length that suggests one.
  bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) {
    out += "Content-Length: ";
    AppendNumber(response.body.size(), out);
    out += "\r\n";
  }
  for (const auto& [name, value] : response.headers) {
    AppendValue(name, out);
    out += ": ";
    AppendValue(value, out);
    out += "\r\n";
  }
  if (options.close)
    out += "Connection: close\r\n";
  else if (options.http10)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
  if (!bodiless && !options.without_body) out += response.body;
}

}  // namespace tidemark::http
