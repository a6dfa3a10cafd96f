// A store that fails, for tests: before the effect, behind it, in the midst of a put, or slowly.
#pragma once
#include <mutex>
#include <random>

#include "blob/backoff.h"
#include "blob/decorators/forwarding_store.h"

namespace tidemark::blob {

// Of every call, independently: 0 never, 1 always.
struct FaultChances {
  double before = 0;  // kUnavailable, and nothing was done
  double after = 0;   // done, but the answer is kUnavailable
  double torn = 0;    // of a put: its source breaks off with kUnavailable
  double slow = 0;    // a pause of up to `slow_longest` first
  Micros slow_longest{1000};
};

// Borrows the inner store and the pause. Calls by one thread give the same faults for a seed.
class FaultyStore final : public ForwardingStore {
 public:
  FaultyStore(BlobStore& inner, FaultChances chances, uint64_t seed, Pause& pause)
      : ForwardingStore(inner), chances_(chances), pause_(pause), random_(seed) {}

  Result<BlobInfo> Put(std::string_view name, const BlobSource& source,
                       const PutOptions& options) override;
  Result<BlobPart> Get(std::string_view name, ByteRange range) override;
  Result<BlobInfo> Head(std::string_view name) override;
  Result<ListPage> List(const ListQuery& query) override;
  Result<void> Delete(std::string_view name) override;

  uint64_t faults() const { return faults_; }

 private:
  template <class Call>
  auto Disturb(const Call& call) -> decltype(call());
  bool Happens(double chance);
  uint64_t Below(uint64_t bound);  // at random; bound > 0

  const FaultChances chances_;
  Pause& pause_;
  std::mutex mutex_;
  std::mt19937_64 random_;
  std::atomic<uint64_t> faults_{0};
};

}  // namespace tidemark::blob
