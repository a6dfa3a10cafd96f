// Counts what a store does: requests, failures, bytes, time.
#pragma once
#include <array>

#include "base/clock.h"
#include "blob/decorators/forwarding_store.h"
#include "metrics/histogram.h"

namespace tidemark::blob {

enum class BlobOp { kPut, kGet, kHead, kList, kDelete };
constexpr size_t kBlobOps = 5;
std::string_view ToString(BlobOp op);  // "put"

struct BlobOpFigures {
  uint64_t failures = 0;             // kNotFound and kAlreadyExists are answers, no failures
  uint64_t bytes = 0;                // put, or got, by calls that worked
  metrics::HistogramSnapshot times;  // microseconds of all calls; its count is theirs
};

// Borrows the inner store and the clock.
class MeteredStore final : public ForwardingStore {
 public:
  MeteredStore(BlobStore& inner, const Clock& clock) : ForwardingStore(inner), clock_(clock) {}

  Result<BlobInfo> Put(std::string_view name, const BlobSource& source,
                       const PutOptions& options) override;
  Result<BlobPart> Get(std::string_view name, ByteRange range) override;
  Result<BlobInfo> Head(std::string_view name) override;
  Result<ListPage> List(const ListQuery& query) override;
  Result<void> Delete(std::string_view name) override;

  BlobOpFigures Figures(BlobOp op) const;  // since the start

 private:
  struct Counters {
    std::atomic<uint64_t> failures{0};
    std::atomic<uint64_t> bytes{0};
    metrics::Histogram times;
  };
  template <class Call>
  auto Measure(BlobOp op, const Call& call) -> decltype(call());
  Counters& Of(BlobOp op) { return counters_[static_cast<size_t>(op)]; }

  const Clock& clock_;
  std::array<Counters, kBlobOps> counters_;
};

}  // namespace tidemark::blob
