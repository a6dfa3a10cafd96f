// Ends calls with kCancelled once a flag is set, also in the midst of a put.
#pragma once
#include <atomic>

#include "blob/decorators/forwarding_store.h"

namespace tidemark::blob {

// Borrows both. A get under way is ended by the next one.
class StoppableStore final : public ForwardingStore {
 public:
  StoppableStore(BlobStore& inner, const std::atomic<bool>& stop)
      : ForwardingStore(inner), stop_(stop) {}

  Result<BlobInfo> Put(std::string_view name, const BlobSource& source,
                       const PutOptions& options) override;
  Result<BlobPart> Get(std::string_view name, ByteRange range) override;
  Result<BlobInfo> Head(std::string_view name) override;
  Result<ListPage> List(const ListQuery& query) override;
  Result<void> Delete(std::string_view name) override;

 private:
  const std::atomic<bool>& stop_;
};

// A source that reads so.
class StoppableSource final : public BlobSource {
 public:
  StoppableSource(const BlobSource& inner, const std::atomic<bool>& stop)
      : inner_(inner), stop_(stop) {}
  uint64_t size() const override { return inner_.size(); }
  Result<void> Read(uint64_t offset, size_t bytes, char* out) const override;
  const OpenFile* sealed_file() const override { return inner_.sealed_file(); }

 private:
  const BlobSource& inner_;
  const std::atomic<bool>& stop_;
};

}  // namespace tidemark::blob
