#include "server/commands/http_get.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

namespace tidemark::server {
namespace {

constexpr time_t kPatienceSeconds = 10;
constexpr size_t kAnswerBytesMax = 64 << 20;

struct Address {
  std::string host;
  std::string port = "80";
};

Result<Address> ParseEndpoint(const std::string& endpoint) {
  constexpr std::string_view kScheme = "http://";
  std::string_view rest = endpoint;
  const auto wrong = [&] {
    return Fail(ErrorKind::kValidation, "an endpoint is http://HOST:PORT, not '{}'", endpoint);
  };
  if (!rest.starts_with(kScheme)) return wrong();
  rest.remove_prefix(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  Address address;
  size_t host_end = rest.find(':');
  if (rest.starts_with('[')) {  // IPv6
    const size_t close = rest.find(']');
    if (close == std::string_view::npos) return wrong();
    address.host = rest.substr(1, close - 1);
    host_end = close + 1 < rest.size() ? close + 1 : std::string_view::npos;
    if (host_end != std::string_view::npos && rest[host_end] != ':') return wrong();
  } else {
    address.host = rest.substr(0, host_end);
  }
  if (host_end != std::string_view::npos) address.port = rest.substr(host_end + 1);
  const bool digits =
      !address.port.empty() && address.port.find_first_not_of("0123456789") == std::string::npos;
  if (address.host.empty() || address.host.find('/') != std::string::npos || !digits)
    return wrong();
  return address;
}

class Socket {
 public:
  Socket() = default;
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  static Result<Socket> Connect(const Address& address, const std::string& endpoint) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failed = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
    if (failed) return Fail(ErrorKind::kIo, "{}: {}", endpoint, gai_strerror(failed));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, freeaddrinfo);
    int error = 0;
    for (const addrinfo* at = found; at; at = at->ai_next) {
      Socket socket;
      socket.descriptor_ = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
      const timeval patience{kPatienceSeconds, 0};
      setsockopt(socket.descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      setsockopt(socket.descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
      if (::connect(socket.descriptor_, at->ai_addr, at->ai_addrlen) == 0) return socket;
      error = errno;
    }
    return Fail(FromErrno(error, "cannot reach " + endpoint));
  }

  Result<void> Send(std::string_view bytes, const std::string& endpoint) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return Fail(FromErrno(errno, "writing to " + endpoint));
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return {};
  }

  // Everything up to the end of the stream.
  Result<std::string> ReadAll(const std::string& endpoint) {
    std::string all;
    std::array<char, 16384> buffer;
    while (all.size() < kAnswerBytesMax) {
      const ssize_t got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
      if (got < 0) return Fail(FromErrno(errno, "reading from " + endpoint));
      if (got == 0) return all;
      all.append(buffer.data(), static_cast<size_t>(got));
    }
    return Fail(ErrorKind::kIo, "{} answers without end", endpoint);
  }

 private:
  int descriptor_ = -1;
};

}  // namespace

Result<std::string> HostOf(const std::string& endpoint) {
  TM_TRY(const auto address, ParseEndpoint(endpoint));
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", address.host, is_v6 ? "]" : "", address.port);
}

Result<HttpAnswer> HttpSend(const std::string& endpoint, const HttpMessage& message) {
  TM_TRY(const auto address, ParseEndpoint(endpoint));
  TM_TRY(const auto host, HostOf(endpoint));
  TM_TRY(auto socket, Socket::Connect(address, endpoint));
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
                                 message.method, message.path, host);
  for (const auto& [name, value] : message.headers) text += fmt::format("{}: {}\r\n", name, value);
  if (!message.body.empty()) text += fmt::format("Content-Length: {}\r\n", message.body.size());
  TM_TRYV(socket.Send(text + "\r\n" + message.body, endpoint));
  TM_TRY(text, socket.ReadAll(endpoint));
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  const size_t head_end = text.find("\r\n\r\n");
  HttpAnswer answer;
  if (!text.starts_with(kVersion) || head_end == std::string::npos ||
      std::from_chars(text.data() + kVersion.size(), text.data() + head_end, answer.status).ec !=
          std::errc()) {
    return Fail(ErrorKind::kIo, "{} does not answer as an HTTP server", endpoint);
  }
  answer.body = text.substr(head_end + 4);
  return answer;
}

Result<HttpAnswer> HttpGet(const std::string& endpoint, const std::string& path) {
  return HttpSend(endpoint, {.method = "GET", .path = path, .headers = {}, .body = {}});
}

}  // namespace tidemark::server
