#include "server/backup_store.h"

#include <sys/stat.h>

#include <cstdlib>

#include "base/log.h"
#include "base/random.h"
#include "blob/local/local_store.h"
#include "blob/s3/s3_store.h"

namespace tidemark::server {
namespace {

constexpr std::string_view kS3Scheme = "s3://";

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

bool AreOnOneFileSystem(const std::string& a, const std::string& b) {
  struct stat first, second;
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev;
}

}  // namespace

Result<void> BackupStore::OpenS3(const BackupStoreConfig& config, const Clock& clock) {
  const std::string place = config.place.substr(kS3Scheme.size());
  const size_t slash = std::min(place.find('/'), place.size());
  blob::S3Config s3{.endpoint = config.endpoint,
                    .region = config.region,
                    .bucket = place.substr(0, slash),
                    .prefix = place.substr(std::min(slash + 1, place.size())),
                    .credentials = {.access_key = Environment("TIDEMARK_STORE_ACCESS_KEY_ID"),
                                    .secret = Environment("TIDEMARK_STORE_SECRET_ACCESS_KEY"),
                                    .session_token = Environment("TIDEMARK_STORE_SESSION_TOKEN")}};
  if (s3.credentials.access_key.empty() || s3.credentials.secret.empty()) {
    return Fail(ErrorKind::kValidation,
                "a backup store in S3 needs TIDEMARK_STORE_ACCESS_KEY_ID and "
                "TIDEMARK_STORE_SECRET_ACCESS_KEY");
  }
  if (!s3.prefix.empty() && !s3.prefix.ends_with('/')) s3.prefix.push_back('/');
  if (s3.endpoint.empty()) {
    s3.endpoint = fmt::format("https://s3.{}.amazonaws.com", s3.region);
    s3.path_style = false;
  }
  TM_TRY(inner_,
         blob::S3Store::Open(std::move(s3), blob::NewCurlTransport({.ca_file = config.ca_file}),
                             clock, TheSystemRandom(), pause_));
  return {};
}

Result<std::unique_ptr<BackupStore>> BackupStore::Open(const BackupStoreConfig& config,
                                                       const std::string& data,
                                                       const Clock& clock) {
  std::unique_ptr<BackupStore> opened(new BackupStore);
  if (config.place.starts_with(kS3Scheme)) {
    TM_TRYV(opened->OpenS3(config, clock));
  } else {
    TM_TRY(opened->inner_, blob::LocalStore::Open(config.place));
    if (AreOnOneFileSystem(config.place, data)) {
      LogWarn("the backup store {} is on the file system of the data: what takes one takes both",
              config.place);
    }
  }
  blob::BlobStore* store = &opened->metered_.emplace(*opened->inner_, clock);
  if (config.bytes_per_second > 0) {
    store = &opened->throttled_.emplace(*store, config.bytes_per_second, clock, opened->pause_);
  }
  opened->retry_.emplace(*store, blob::RetryPolicy{}, TheSystemRandom(), opened->pause_);
  return opened;
}

}  // namespace tidemark::server
