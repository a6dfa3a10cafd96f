// Blobs as objects of an S3-compatible store; signed by our own sigv4. Size, checksum and writer
// stand in the object's metadata (docs/formats/blob_store.md); every request's body is signed, so
// that the store checks it.
#pragma once
#include <memory>

#include "blob/blob_store.h"
#include "blob/s3/s3_client.h"

namespace tidemark::blob {

class S3Store final : public BlobStore {
 public:
  // Borrows clock, random and pause. kValidation: what the configuration lacks. Sends nothing yet.
  static Result<std::unique_ptr<S3Store>> Open(S3Config config,
                                               std::unique_ptr<HttpTransport> transport,
                                               const Clock& clock, Random& random, Pause& pause);

  // Retention as configured; a conditional put is one request, of 5 GiB at most, because not every
  // store can put parts on a condition.
  Capabilities capabilities() const override;
  Result<BlobInfo> Put(std::string_view name, const BlobSource& source,
                       const PutOptions& options) override;
  Result<BlobPart> Get(std::string_view name, ByteRange range) override;
  Result<BlobInfo> Head(std::string_view name) override;
  Result<ListPage> List(const ListQuery& query) override;
  Result<void> Delete(std::string_view name) override;  // with object lock: all its versions

  Result<size_t> Sweep(Timestamp before) override;  // multipart uploads, which cost space

 private:
  S3Store(S3Config config, std::unique_ptr<HttpTransport> transport, const Clock& clock,
          Random& random, Pause& pause)
      : transport_(std::move(transport)),
        client_(std::move(config), *transport_, clock, random, pause) {}
  size_t NameBytesMax() const { return kNameBytesMax - client_.config().prefix.size(); }
  Result<S3Answer> PutWhole(std::string_view name, const BlobSource& source, bool only_if_absent,
                            const HttpHeaders& headers, const crypto::Digest256& sha256);
  Result<void> DeleteOnce(std::string_view name, std::string_view version);
  Result<void> DeleteVersions(std::string_view name);

  std::unique_ptr<HttpTransport> transport_;
  S3Client client_;
};

}  // namespace tidemark::blob
