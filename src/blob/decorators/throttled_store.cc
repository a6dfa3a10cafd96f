#include "blob/decorators/throttled_store.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::blob {
namespace {

class ThrottledSource final : public BlobSource {
 public:
  ThrottledSource(const BlobSource& inner, ByteRate& rate) : inner_(inner), rate_(rate) {}
  uint64_t size() const override { return inner_.size(); }
  Result<void> Read(uint64_t offset, size_t bytes, char* out) const override {
    TM_TRYV(rate_.Take(bytes));
    return inner_.Read(offset, bytes, out);
  }
  const OpenFile* sealed_file() const override { return inner_.sealed_file(); }

 private:
  const BlobSource& inner_;
  ByteRate& rate_;
};

}  // namespace

ByteRate::ByteRate(uint64_t bytes_per_second, const Clock& clock, Pause& pause)
    : bytes_per_second_(bytes_per_second), clock_(clock), pause_(pause) {
  TM_ASSERT(bytes_per_second > 0);
}

Result<void> ByteRate::Take(uint64_t bytes) {
  Micros wait{0};
  {
    std::lock_guard lock(mutex_);
    const Micros now = clock_.Monotonic();
    free_at_ = std::max(free_at_, now);
    wait = free_at_ - now;
    const double seconds = static_cast<double>(bytes) / static_cast<double>(bytes_per_second_);
    free_at_ += Micros(static_cast<int64_t>(seconds * 1e6));
  }
  return wait.count() > 0 ? pause_.For(wait) : Result<void>();
}

Result<BlobInfo> ThrottledStore::Put(std::string_view name, const BlobSource& source,
                                     const PutOptions& options) {
  PutOptions hashed = options;
  // Else the store would read the source twice, at this rate.
  if (!hashed.sha256) {
    TM_TRY(hashed.sha256, HashOf(source));
  }
  return inner_.Put(name, ThrottledSource(source, rate_), hashed);
}

Result<BlobPart> ThrottledStore::Get(std::string_view name, ByteRange range) {
  TM_TRY(BlobPart part, inner_.Get(name, range));
  TM_TRYV(rate_.Take(part.bytes.size()));
  return part;
}

}  // namespace tidemark::blob
