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

// Must be destroyed before the IoThreads it was opened on; the destructor drops the connections
// that Stop has not ended.
class Listener {
 public:
  // Binds at once, so that errors (kIo: address in use) and the real port are known. Starts to
  // accept.
  static Result<std::unique_ptr<Listener>> Open(runtime::IoThreads& threads,
                                                const std::string& host, uint16_t port,
                                                Limits limits, Handler handler);
  virtual ~Listener() = default;
  virtual uint16_t port() const = 0;
  // Graceful: accept no more, let requests under way finish (at most `deadline`, then their
  // connections are cut), close idle connections. Blocks the calling (not I/O) thread.
  virtual void Stop(std::chrono::milliseconds deadline) = 0;
};

}  // namespace tidemark::http
