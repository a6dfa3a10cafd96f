// A store that hands every call on to another: what decorators begin from.
#pragma once
#include "blob/blob_store.h"

namespace tidemark::blob {

class ForwardingStore : public BlobStore {
 public:
  explicit ForwardingStore(BlobStore& inner) : inner_(inner) {}

  Capabilities capabilities() const override { return inner_.capabilities(); }
  Result<BlobInfo> Put(std::string_view name, const BlobSource& source,
                       const PutOptions& options) override {
    return inner_.Put(name, source, options);
  }
  Result<BlobPart> Get(std::string_view name, ByteRange range) override {
    return inner_.Get(name, range);
  }
  Result<BlobInfo> Head(std::string_view name) override { return inner_.Head(name); }
  Result<ListPage> List(const ListQuery& query) override { return inner_.List(query); }
  Result<void> Delete(std::string_view name) override { return inner_.Delete(name); }
  Result<size_t> Sweep(Timestamp before) override { return inner_.Sweep(before); }

 protected:
  BlobStore& inner_;
};

}  // namespace tidemark::blob
