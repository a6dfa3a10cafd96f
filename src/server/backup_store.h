// The store for copies of backups that the server was told of, opened.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "blob/backoff.h"
#include "blob/blob_store.h"
#include "blob/decorators/metered_store.h"
#include "blob/decorators/retry_store.h"
#include "blob/decorators/throttled_store.h"

namespace tidemark::server {

struct BackupStoreConfig {
  std::string place;     // a directory, or "s3://BUCKET/PREFIX"; empty: none
  std::string endpoint;  // of S3; empty: Amazon's, of the region
  std::string region = "us-east-1";
  std::string ca_file;            // empty: the system's authorities
  uint64_t bytes_per_second = 0;  // 0: no bound
  bool copy_all = false;          // copy every backup by itself
};

// A store with what lies around it: retries over the rate over the meter over the store.
class BackupStore {
 public:
  // Credentials of S3: TIDEMARK_STORE_ACCESS_KEY_ID, TIDEMARK_STORE_SECRET_ACCESS_KEY and, if there
  // is one, TIDEMARK_STORE_SESSION_TOKEN. Borrows the clock. Errors: kValidation; those of the
  // directory. Of S3 nothing is asked yet.
  // `data`: the server's own directory; a store on the same file system is worth a warning.
  static Result<std::unique_ptr<BackupStore>> Open(const BackupStoreConfig& config,
                                                   const std::string& data, const Clock& clock);

  blob::BlobStore& store() { return *retry_; }
  const blob::MeteredStore& figures() const { return *metered_; }
  void Cancel() { pause_.Cancel(); }  // ends waits, also those to come

 private:
  BackupStore() = default;
  Result<void> OpenS3(const BackupStoreConfig& config, const Clock& clock);

  blob::SystemPause pause_;
  std::unique_ptr<blob::BlobStore> inner_;
  std::optional<blob::MeteredStore> metered_;
  std::optional<blob::ThrottledStore> throttled_;
  std::optional<blob::RetryStore> retry_;
};

}  // namespace tidemark::server
