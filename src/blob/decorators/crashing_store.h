// A store whose user dies at a chosen call, for tests of what a crash leaves.
#pragma once
#include "blob/decorators/forwarding_store.h"

namespace tidemark::blob {

// The call number `at` (from 0) that changes something, and every call behind it, gives kCancelled;
// that one has its effect first if `with_effect`. Borrows the inner store. For one thread.
class CrashingStore final : public ForwardingStore {
 public:
  CrashingStore(BlobStore& inner, size_t at, bool with_effect)
      : ForwardingStore(inner), left_(at), with_effect_(with_effect) {}

  Result<BlobInfo> Put(std::string_view name, const BlobSource& source,
                       const PutOptions& options) override {
    return Change([&] { return inner_.Put(name, source, options); });
  }
  Result<void> Delete(std::string_view name) override {
    return Change([&] { return inner_.Delete(name); });
  }
  Result<BlobPart> Get(std::string_view name, ByteRange range) override {
    if (dead_) return Dead();
    return inner_.Get(name, range);
  }
  Result<BlobInfo> Head(std::string_view name) override {
    if (dead_) return Dead();
    return inner_.Head(name);
  }
  Result<ListPage> List(const ListQuery& query) override {
    if (dead_) return Dead();
    return inner_.List(query);
  }
  Result<size_t> Sweep(Timestamp before) override {
    if (dead_) return Dead();
    return inner_.Sweep(before);
  }

  bool dead() const { return dead_; }

 private:
  static Unexpected Dead() { return Fail(ErrorKind::kCancelled, "a crash of the test"); }

  template <class Call>
  auto Change(const Call& call) -> decltype(call()) {
    if (dead_) return Dead();
    if (left_-- > 0) return call();
    dead_ = true;
    if (with_effect_) (void)call();
    return Dead();
  }

  size_t left_;
  const bool with_effect_;
  bool dead_ = false;
};

}  // namespace tidemark::blob
