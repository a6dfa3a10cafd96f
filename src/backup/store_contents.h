// What a store holds, read whole: what a site is rebuilt from.
#pragma once
#include <string>
#include <vector>

#include "backup/store_copies.h"

namespace tidemark::backup {

struct StoreContents {
  struct Unopened {
    std::string manifest;
    Bytes wrapped_key;  // as it stands there; empty: it does not read
    std::string why;
  };
  std::vector<StoredBackup> backups;  // those that open, in order of manifests' names
  std::vector<Unopened> unopened;     // of another root key, or damaged
};

// Of all accounts. Errors: those of the store, not of single manifests.
Result<StoreContents> ReadContents(blob::BlobStore& store, crypto::DataKeyProvider& keys);

// Where a table stands in its newest backup, by account, Region and name; one name, one table, even
// if several had it. In that order.
std::vector<const StoredBackup*> NewestOfEachTable(const StoreContents& contents);

}  // namespace tidemark::backup
