// Lets a bounded number of bytes through per second, so that copies leave the disk and the network
// to the traffic.
#pragma once
#include <mutex>

#include "base/clock.h"
#include "blob/backoff.h"
#include "blob/decorators/forwarding_store.h"

namespace tidemark::blob {

// Hands out bytes at a rate; whoever takes waits until those before are through. Thread-safe.
class ByteRate {
 public:
  ByteRate(uint64_t bytes_per_second, const Clock& clock, Pause& pause);
  Result<void> Take(uint64_t bytes);  // kCancelled

 private:
  const uint64_t bytes_per_second_;
  const Clock& clock_;
  Pause& pause_;
  std::mutex mutex_;
  Micros free_at_{0};  // on the monotonic clock
};

// Borrows everything. Puts and gets share one rate. What is linked costs nothing.
class ThrottledStore final : public ForwardingStore {
 public:
  ThrottledStore(BlobStore& inner, uint64_t bytes_per_second, const Clock& clock, Pause& pause)
      : ForwardingStore(inner), rate_(bytes_per_second, clock, pause) {}

  Result<BlobInfo> Put(std::string_view name, const BlobSource& source,
                       const PutOptions& options) override;
  Result<BlobPart> Get(std::string_view name, ByteRange range) override;

 private:
  ByteRate rate_;
};

}  // namespace tidemark::blob
