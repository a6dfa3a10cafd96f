// How many requests there were of which operation, how they ended, and how long they took.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <string_view>
#include <vector>

#include "metrics/histogram.h"

namespace tidemark::api {

// Times are microseconds from the moment a request was there whole until its answer was ready to be
// sent; there is one value for each request. Threads: any; no locks.
class RequestFigures {
 public:
  enum Ending { kSuccess, kClientError, kServerError };  // statuses 2xx, 4xx, 5xx
  static constexpr std::array<std::string_view, 3> kEndingNames = {"2xx", "4xx", "5xx"};

  struct OfOperation {
    explicit OfOperation(std::string_view name) : name(name) {}

    const std::string_view name;
    std::array<metrics::Histogram, 3> times;  // by Ending
  };

  // `operations`: names that live as long as this does. One more is made, "other", for requests
  // that name none of them.
  explicit RequestFigures(const std::vector<std::string_view>& operations);

  size_t other() const { return all_.size() - 1; }  // its number
  void Record(size_t operation, int status, std::chrono::microseconds time);

  const std::deque<OfOperation>& all() const { return all_; }

 private:
  std::deque<OfOperation> all_;  // histograms do not move; neither do a deque's elements
};

}  // namespace tidemark::api
