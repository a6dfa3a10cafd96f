// HTTP/1.1 server: one acceptor per I/O thread (SO_REUSEPORT), keep-alive, pipelining in order,
// limits on everything a client sends.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/limits.h"
#include "http/request.h"
#include "http/response.h"
#include "runtime/io_threads.h"

namespace tidemark::http {

// Answers one request. Runs on the connection's I/O thread and must not block it. An exception that
// escapes is answered 500.
using Handler = std::function<asio::awaitable<Response>(const Request&)>;

// What a request is answered with that no handler sees, because it breaks the protocol or a limit:
// `status` is 400, 408, 413 or 417. Runs on an I/O thread; must not block or throw. The connection
// closes after it, and `response.status` is replaced by `status`.
using Refusal = std::function<Response(int status)>;

struct ListenerStats {
  uint64_t open = 0;         // connections there are now
  uint64_t accepted = 0;     // since the start, as the two below
  uint64_t turned_away = 0;  // connections closed at once, being more than the limit
  uint64_t refused = 0;      // requests that no handler saw
};

// Must be destroyed before the IoThreads it was opened on; the destructor drops the connections
// that Stop has not ended.
class Listener {
 public:
  // Binds at once, so that errors (kIo: address in use) and the real port are known. Starts to
  // accept.
  static Result<std::unique_ptr<Listener>> Open(runtime::IoThreads& threads,
                                                const std::string& host, uint16_t port,
                                                Limits limits, Handler handler,
                                                Refusal refusal = {});  // absent: an empty body
  virtual ~Listener() = default;
  virtual uint16_t port() const = 0;
  virtual ListenerStats Stats() const = 0;  // any thread
  // Graceful: accept no more, let requests under way finish (at most `deadline`, then their
  // connections are cut), close idle connections. Blocks the calling (not I/O) thread.
  virtual void Stop(std::chrono::milliseconds deadline) = 0;
};

}  // namespace tidemark::http
