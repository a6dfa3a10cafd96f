#include "api/request_figures.h"

#include <algorithm>

namespace tidemark::api {

RequestFigures::RequestFigures(const std::vector<std::string_view>& operations) {
  for (const auto name : operations) all_.emplace_back(name);
  all_.emplace_back("other");
}

void RequestFigures::Record(size_t operation, int status, std::chrono::microseconds time) {
  const Ending ending = status >= 500 ? kServerError : status >= 400 ? kClientError : kSuccess;
  const auto micros = static_cast<uint64_t>(std::max<int64_t>(time.count(), 0));
  all_[operation].times[ending].Record(micros);
}

}  // namespace tidemark::api
