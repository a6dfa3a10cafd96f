// A line of the server's log for a request that took long.
#pragma once
#include <chrono>
#include <string_view>

namespace tidemark::api {

// What is not known is empty, or zero.
struct SlowRequest {
  std::string_view request_id, operation, path, principal, resource;
  int status = 0;
  // From when it was there whole until its answer was ready; the part of that until it was
  // recognised and allowed.
  std::chrono::steady_clock::duration time{}, checks{};
};
void LogSlowRequest(const SlowRequest& request);

}  // namespace tidemark::api
