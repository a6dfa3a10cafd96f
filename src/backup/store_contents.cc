#include "backup/store_contents.h"

#include <map>
#include <tuple>

#include "blob/transfer.h"

namespace tidemark::backup {

Result<StoreContents> ReadContents(blob::BlobStore& store, crypto::DataKeyProvider& keys) {
  StoreContents contents;
  TM_TRY(const auto manifests, blob::ListAll(store, kManifests));
  for (const blob::ListedBlob& listed : manifests) {
    const auto manifest = blob::GetSmall(store, listed.name, kManifestBytesMax);
    const ErrorKind kind = manifest ? ErrorKind::kInternal : manifest.error().kind;
    if (kind == ErrorKind::kNotFound) continue;  // removed meanwhile
    if (!manifest && kind != ErrorKind::kCorruption && kind != ErrorKind::kValidation)
      return Fail(manifest.error());
    if (!manifest) {
      contents.unopened.push_back({listed.name, {}, manifest.error().message});
      continue;
    }
    auto opened = OpenManifest(*manifest, listed.name, keys);
    if (opened) {
      contents.backups.push_back(std::move(*opened));
    } else {
      contents.unopened.push_back(
          {listed.name, WrappedKeyOf(*manifest).value_or(Bytes()), opened.error().message});
    }
  }
  return contents;
}

std::vector<const StoredBackup*> NewestOfEachTable(const StoreContents& contents) {
  std::map<std::tuple<std::string, std::string, std::string>, const StoredBackup*> newest;
  for (const StoredBackup& stored : contents.backups) {
    const catalog::TableRecord& table = stored.backup.source;
    if (!stored.backup.copied_from_table.empty()) continue;  // no table was ever there
    const StoredBackup*& kept = newest[{table.account.value, table.region.value, table.name}];
    if (!kept || kept->backup.created < stored.backup.created) kept = &stored;
  }
  std::vector<const StoredBackup*> all;
  for (const auto& [table, stored] : newest) all.push_back(stored);
  return all;
}

}  // namespace tidemark::backup
