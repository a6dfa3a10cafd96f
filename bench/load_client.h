// Sends prepared HTTP requests over many keep-alive connections and times the answers. Written for
// little CPU per request, since it shares the machine with the server it measures: plain epoll, one
// send and one recv per request, no parsing beyond status and length.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bench/latency_histogram.h"

namespace tidemark::load {

struct Answer {
  int status = 0;
  std::string_view head;
  std::string_view body;
};

// Where one client thread gets its requests from. Used by that thread alone.
class Source {
 public:
  virtual ~Source() = default;
  // The next request of a connection as it goes over the wire; stays valid until the connection's
  // next call. nullopt: there are no more.
  virtual std::optional<std::string_view> Next(size_t connection) = 0;
  // Judges the answer to the request last given to `connection`; a text is an error.
  virtual std::optional<std::string> Check(size_t connection, const Answer& answer) = 0;
};

struct Outcome {
  LatencyHistogram latencies;  // of the answers judged right
  // The same by the second, since the run's start, in which they came; if asked for.
  std::vector<LatencyHistogram> by_second;
  uint64_t errors = 0;
  std::map<std::string, uint64_t> error_texts;  // the first few kinds
  uint64_t response_bytes = 0;

  void AddError(const std::string& text);
  void Merge(const Outcome& other);
};

struct ClientOptions {
  std::string host;
  uint16_t port = 0;
  size_t connections = 1;
  // Requests are sent until then (the ones under way are awaited), or until the source ends.
  std::optional<std::chrono::steady_clock::time_point> until;
  // Open loop: so many requests per second on this thread, each timed from the moment it was due,
  // not from when a connection was free for it. 0: closed loop, each connection sends its next
  // request when the last is answered.
  double rate = 0;
  // Also collect by_second, counted from then.
  std::optional<std::chrono::steady_clock::time_point> seconds_from;
};

// Runs one client thread's part on the calling thread. kIo: cannot connect.
Result<Outcome> RunClient(const ClientOptions& options, Source& source);

// One request on a connection of its own, for preparations: the answer's status and body.
struct PlainAnswer {
  int status = 0;
  std::string body;
};
Result<PlainAnswer> Call(const std::string& host, uint16_t port, std::string_view wire);

}  // namespace tidemark::load
