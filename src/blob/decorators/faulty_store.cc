#include "blob/decorators/faulty_store.h"

namespace tidemark::blob {
namespace {

Unexpected Fault(std::string_view what) {
  return Fail(ErrorKind::kUnavailable, "a fault of the test: {}", what);
}

// Breaks off once so many bytes have been read of it, again and again from then on.
class TornSource final : public BlobSource {
 public:
  TornSource(const BlobSource& inner, uint64_t bytes) : inner_(inner), left_(bytes) {}
  uint64_t size() const override { return inner_.size(); }
  Result<void> Read(uint64_t offset, size_t bytes, char* out) const override {
    uint64_t left = left_.load();
    do {
      if (left < bytes) {
        left_ = 0;
        return Fault("the source breaks off");
      }
    } while (!left_.compare_exchange_weak(left, left - bytes));
    return inner_.Read(offset, bytes, out);
  }

 private:
  const BlobSource& inner_;
  mutable std::atomic<uint64_t> left_;
};

}  // namespace

bool FaultyStore::Happens(double chance) {
  std::lock_guard lock(mutex_);
  return std::uniform_real_distribution<double>(0, 1)(random_) < chance;
}

uint64_t FaultyStore::Below(uint64_t bound) {
  std::lock_guard lock(mutex_);
  return random_() % bound;
}

template <class Call>
auto FaultyStore::Disturb(const Call& call) -> decltype(call()) {
  if (Happens(chances_.slow)) {
    const auto longest = static_cast<uint64_t>(chances_.slow_longest.count());
    TM_TRYV(pause_.For(Micros(Below(longest + 1))));
  }
  if (Happens(chances_.before)) {
    ++faults_;
    return Fault("nothing was done");
  }
  auto result = call();
  if (Happens(chances_.after)) {
    ++faults_;
    return Fault("the answer is lost");
  }
  return result;
}

Result<BlobInfo> FaultyStore::Put(std::string_view name, const BlobSource& source,
                                  const PutOptions& options) {
  return Disturb([&]() -> Result<BlobInfo> {
    if (!Happens(chances_.torn)) return inner_.Put(name, source, options);
    ++faults_;
    // A store may read it twice, once for the checksum.
    return inner_.Put(name, TornSource(source, Below(2 * source.size() + 1)), options);
  });
}

Result<BlobPart> FaultyStore::Get(std::string_view name, ByteRange range) {
  return Disturb([&] { return inner_.Get(name, range); });
}

Result<BlobInfo> FaultyStore::Head(std::string_view name) {
  return Disturb([&] { return inner_.Head(name); });
}

Result<ListPage> FaultyStore::List(const ListQuery& query) {
  return Disturb([&] { return inner_.List(query); });
}

Result<void> FaultyStore::Delete(std::string_view name) {
  return Disturb([&] { return inner_.Delete(name); });
}

}  // namespace tidemark::blob
