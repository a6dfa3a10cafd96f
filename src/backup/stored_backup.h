// A backup in a store: its manifest and the names of its blobs (docs/formats/stored_backup.md).
// Pure but for the key provider.
#pragma once
#include <string>
#include <vector>

#include "blob/blob_store.h"
#include "catalog/backup_record.h"
#include "crypto/data_key.h"

namespace tidemark::backup {

constexpr uint64_t kManifestBytesMax = 64 << 20;

struct StoredFile {
  std::string name;  // in the image's directory
  uint64_t bytes = 0;
  crypto::Digest256 sha256{};
  bool operator==(const StoredFile&) const = default;
};

struct StoredBackup {
  catalog::BackupRecord backup;
  Timestamp copied{};
  std::vector<StoredFile> files;
  uint64_t Bytes() const;  // of all files
};

inline constexpr std::string_view kManifests = "manifests/";
inline constexpr std::string_view kVerdicts = "verdicts/";  // then as behind kManifests
std::string ManifestPrefix(const AccountId& account);
std::string ManifestName(const catalog::BackupRecord& backup);
std::string FileBlobName(const crypto::Digest256& sha256);

// `name`: of the blob it is for, which is authenticated with it.
Result<Bytes> SealManifest(const StoredBackup& stored, std::string_view name,
                           crypto::DataKeyProvider& keys);
// Foreign bytes. kCorruption: not a manifest of this name, or of another root key.
Result<StoredBackup> OpenManifest(BytesView manifest, std::string_view name,
                                  crypto::DataKeyProvider& keys);

// The wrapped key of a manifest, unchecked: it names its root key. kCorruption.
Result<Bytes> WrappedKeyOf(BytesView manifest);

}  // namespace tidemark::backup
