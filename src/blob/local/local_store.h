// Blobs as files of a directory, which several processes may use at the same time
// (docs/formats/blob_store.md). A blob is a directory with one file, whose name holds its size,
// checksum and writer: the whole appears by one rename, and `sha256sum` can check it.
#pragma once
#include <memory>
#include <string>

#include "blob/blob_store.h"
#include "blob/local/incoming.h"

namespace tidemark::blob {

class LocalStore final : public BlobStore {
 public:
  // Makes the directory, if it is missing or empty, a store. kCorruption: it holds something else,
  // or a version of the format that is not known.
  static Result<std::unique_ptr<LocalStore>> Open(const std::string& directory);

  Capabilities capabilities() const override { return {}; }
  Result<BlobInfo> Put(std::string_view name, const BlobSource& source,
                       const PutOptions& options) override;
  Result<BlobPart> Get(std::string_view name, ByteRange range) override;
  Result<BlobInfo> Head(std::string_view name) override;
  Result<ListPage> List(const ListQuery& query) override;
  Result<void> Delete(std::string_view name) override;
  Result<size_t> Sweep(Timestamp) override { return size_t{0}; }  // Open has done it

 private:
  LocalStore(std::string blobs, Incoming incoming)
      : blobs_(std::move(blobs)), incoming_(std::move(incoming)) {}
  std::string DirectoryOf(std::string_view name) const;
  Result<BlobInfo> MakeAside(std::string_view name, const BlobSource& source,
                             const PutOptions& options, const std::string& aside);
  Result<void> MoveIn(std::string_view name, const std::string& aside, bool only_if_absent);
  Result<void> SyncAbove(const std::string& directory) const;
  void RemoveEmptyAbove(const std::string& directory) const;

  std::string blobs_;
  Incoming incoming_;
};

}  // namespace tidemark::blob
