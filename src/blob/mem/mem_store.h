// Blobs in memory, for tests and simulations: gone with the object.
#pragma once
#include <map>
#include <memory>
#include <mutex>

#include "blob/blob_store.h"

namespace tidemark::blob {

class MemStore final : public BlobStore {
 public:
  Capabilities capabilities() const override { return {}; }
  Result<BlobInfo> Put(std::string_view name, const BlobSource& source,
                       const PutOptions& options) override;
  Result<BlobPart> Get(std::string_view name, ByteRange range) override;
  Result<BlobInfo> Head(std::string_view name) override;
  Result<ListPage> List(const ListQuery& query) override;
  Result<void> Delete(std::string_view name) override;
  Result<size_t> Sweep(Timestamp) override { return size_t{0}; }

  // For tests: changes one byte of the blob, not its checksum. It must be there and not be empty.
  void Damage(std::string_view name);

 private:
  struct Blob {
    BlobInfo info;
    Bytes bytes;
  };
  using BlobPtr = std::shared_ptr<const Blob>;  // shared: a get goes on while it is deleted
  Result<BlobPtr> Find(std::string_view name) const;

  mutable std::mutex mutex_;
  std::map<std::string, BlobPtr, std::less<>> blobs_;
};

}  // namespace tidemark::blob
