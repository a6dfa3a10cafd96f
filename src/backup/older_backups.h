// What a copy of a backup in a store may be made of: the newest older backup of the same table.
#pragma once
#include <optional>
#include <string>

#include "catalog/catalog.h"

namespace tidemark::backup {

struct OlderBackup {
  catalog::BackupPtr backup;
  std::string image;  // its directory
};

// Whether `one`, if its files are here and in the store, may be built upon; pure.
bool MayBeBuiltUpon(const catalog::BackupRecord& one, const catalog::BackupRecord& backup);

// One whose image is here, not in cold storage, that was copied to the store, and is under the same
// key. Nothing: there is none.
std::optional<OlderBackup> FindOlder(const catalog::Catalog& catalog, catalog::Shards& shards,
                                     const catalog::BackupRecord& backup);

// Where what is written for a copy lies until it has ended, in the Region of its image.
std::string StoringDirectory(const shard::Shard& shard);
// Of copies that a crash cut off. At start, also where there is no store any more.
void RemoveStoringLeftovers(catalog::Shards& shards);

}  // namespace tidemark::backup
