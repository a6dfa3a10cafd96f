// Between questions of a command that waits for something.
#pragma once
#include <algorithm>
#include <chrono>
#include <thread>

namespace tidemark::server {

// Each a 32nd of the time waited so far, within bounds: what ends soon is seen soon, and what
// takes long is not asked about often.
class GrowingPause {
 public:
  void Take() const {
    using std::chrono::milliseconds;
    const auto waited = std::chrono::duration_cast<milliseconds>(Clock::now() - begun_);
    std::this_thread::sleep_for(std::clamp(waited / 32, milliseconds(20), milliseconds(1000)));
  }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begun_ = Clock::now();
};

}  // namespace tidemark::server
