// What a client may send, and how long it may take.
#pragma once
#include <chrono>
#include <cstddef>

namespace tidemark::http {

struct Limits {
  size_t head_bytes = 16 * 1024;         // above: 400, close
  size_t body_bytes = 16 * 1024 * 1024;  // above: 413, close; also bounds a decoded gzip body
  std::chrono::milliseconds head_timeout{30'000};   // from the first byte of a request
  std::chrono::milliseconds body_timeout{60'000};   // from the end of the head; also for writing
  std::chrono::milliseconds idle_timeout{120'000};  // between requests
  size_t connections = 10'000;                      // above: accepted and closed at once
};

}  // namespace tidemark::http
