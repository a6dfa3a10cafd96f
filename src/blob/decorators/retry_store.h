// Tries again what failed with kUnavailable, with growing random waits between.
#pragma once
#include "blob/backoff.h"
#include "blob/decorators/forwarding_store.h"

namespace tidemark::blob {

// Borrows everything. A put is repeated under the same writer, so a conditional one whose first
// attempt had worked, though it was told otherwise, knows its blob again.
class RetryStore final : public ForwardingStore {
 public:
  RetryStore(BlobStore& inner, RetryPolicy policy, Random& random, Pause& pause)
      : ForwardingStore(inner), policy_(policy), random_(random), pause_(pause) {}

  Result<BlobInfo> Put(std::string_view name, const BlobSource& source,
                       const PutOptions& options) override;
  Result<BlobPart> Get(std::string_view name, ByteRange range) override;
  Result<BlobInfo> Head(std::string_view name) override;
  Result<ListPage> List(const ListQuery& query) override;
  Result<void> Delete(std::string_view name) override;

 private:
  template <class Call>
  auto Repeat(const Call& call) -> decltype(call());

  const RetryPolicy policy_;
  Random& random_;
  Pause& pause_;
};

}  // namespace tidemark::blob
