// Tables and the keys of KMS they are under.
//
// A table's data keys are wrapped by its key (kms/table_key_provider.h). While that is disabled,
// pending deletion or deleted, the table's record says so (SseSettings::inaccessible), requests are
// refused by that alone, and the table's store is closed, so that its data keys are not in memory.
//
// Threads: any; everything but KeyOf blocks.
#pragma once
#include <map>
#include <optional>

#include "base/clock.h"
#include "catalog/catalog.h"
#include "crypto/data_key.h"
#include "engine/table_store.h"
#include "kms/keys.h"
#include "pitr/window.h"

namespace tidemark::sse {

class TableKeys {
 public:
  TableKeys(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine,
            pitr::Recovery& recovery, kms::KeyStore& store, crypto::DataKeyProvider& keys,
            const Clock& clock);

  // Nothing: under the server's root key.
  static std::optional<kms::KeyId> KeyOf(const catalog::SseSettings& settings);

  // Puts the ARN of the key that is meant by the name in `settings`; DynamoDB's own is made if
  // there is none yet. kValidation: no such key. kKeyDisabled.
  Result<void> Resolve(const AccountId& account, const Region& region,
                       catalog::SseSettings* settings);
  // kKeyDisabled: what is under that key cannot be read.
  Result<void> CheckUsable(const catalog::SseSettings& settings) const;

  // What follows when a key stops being usable or is again: for KeyStore::Watch.
  kms::KeyWatcher Watcher();

  // Wraps the data keys of the table, its history and its images of history by the key that its
  // record names. No data is sealed anew; backups stay under the key they were made with. Durable
  // on return; what fails is tried again by Maintain. Does nothing if nothing is to be done.
  Result<void> Move(TableId table);

  // Makes what the records say agree with the keys. At start.
  void Resume();
  // Goes on with moves that were cut short. Regularly, one thread.
  void Maintain();

 private:
  std::vector<catalog::TablePtr> TablesOf(const kms::KeyId& key) const;
  // Sets or clears the table's flag.
  void Mark(const catalog::TableRecord& table, bool inaccessible);
  void Close(const kms::KeyRecord& key);
  void Follow(const kms::KeyRecord& key);
  Result<void> RewrapHistory(const catalog::TableRecord& table);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  engine::Engine& engine_;
  pitr::Recovery& recovery_;
  kms::KeyStore& store_;
  crypto::DataKeyProvider& keys_;
  const Clock& clock_;
  std::map<TableId, std::string> told_;  // by Maintain: why a move does not go on
};

}  // namespace tidemark::sse
