// All keys of customers, their aliases and grants: rows of a system table, held in memory as well.
// Reads never block and give immutable snapshots. Key material is in memory only while it is used.
//
// Threads: any. Changes block (they wait for the system shard), go one at a time, and are durable
// on return: call them from the blocking pool.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "catalog/system_rows.h"
#include "crypto/data_key.h"
#include "kms/key_record.h"
#include "shard/shard.h"

namespace tidemark::kms {

using KeyPtr = std::shared_ptr<const KeyRecord>;
using AliasPtr = std::shared_ptr<const AliasRecord>;
using GrantPtr = std::shared_ptr<const GrantRecord>;

// Told when a key stops being usable, or is again. Both may block, and must not change the store.
struct KeyWatcher {
  // It is about to be: while this runs, it still is.
  std::function<void(const KeyRecord&)> closing;
  // It is as the record says from now on.
  std::function<void(const KeyRecord&)> changed;
};

class KeyStore {
 public:
  // Reads everything. `root` seals key material; it must outlive this.
  static Result<std::unique_ptr<KeyStore>> Open(shard::Shard& system, asio::io_context& context,
                                                crypto::DataKeyProvider& root, Random& random);

  // Before there are requests.
  void Watch(KeyWatcher watcher) { watcher_ = std::move(watcher); }

  // Null: there never was such a key. Deleted ones too: see KeyState.
  KeyPtr Find(const KeyId& id) const;
  // In order of ids, without deleted ones.
  std::vector<KeyPtr> Keys(const AccountId& account, const Region& region) const;
  std::vector<KeyPtr> AllKeys() const;  // deleted ones too
  AliasPtr FindAlias(const AccountId& account, const Region& region, std::string_view name) const;
  std::vector<AliasPtr> Aliases(const AccountId& account, const Region& region) const;  // by name
  std::vector<AliasPtr> AliasesOf(const KeyRecord& key) const;
  std::vector<GrantPtr> GrantsOf(const KeyId& key) const;  // in order of ids

  // With its aliases and grants, as they stand.
  WholeKey Whole(const KeyRecord& key) const;
  // A key that another server with this root key had. False: there is, or was, such a key here;
  // nothing changes. Aliases that are taken are left out.
  Result<bool> Import(WholeKey whole);

  // Makes the first material. The id must be new.
  Result<KeyPtr> Insert(KeyRecord record);
  // Applies `edit` to the newest record, stores it, and tells the watcher. An error of `edit` is
  // returned and nothing changes. Fault::kNotFound: unknown, or deleted.
  Result<KeyPtr> Edit(const KeyId& id, const std::function<Result<void>(KeyRecord&)>& edit);
  // Adds a material and makes it the current one; `edit` as above, called before.
  Result<KeyPtr> Rotate(const KeyId& id, RotationType type, Timestamp now,
                        const std::function<Result<void>(KeyRecord&)>& edit);
  // Forgets the key's material for good, and its aliases and grants. What it sealed cannot be
  // opened by anybody once the server's own log has been truncated past the record.
  Result<void> Destroy(const KeyId& id);

  // `check` sees the alias there is, null if none; its error is returned and nothing changes.
  Result<void> PutAlias(AliasRecord alias,
                        const std::function<Result<void>(const AliasRecord*)>& check);
  Result<void> EraseAlias(const AliasRecord& alias);
  Result<void> PutGrant(GrantRecord grant);
  Result<void> EraseGrant(const GrantRecord& grant);

  // As catalog::SystemRows::Settle.
  Result<void> Settle() { return rows_.Settle(); }

  // The bytes of a key's material. kCorruption; Fault::kInvalidCiphertext: it has no such one.
  Result<crypto::Key256> Material(const KeyRecord& key, size_t number) const;
  Random& random() const { return random_; }

 private:
  using AliasKey = std::tuple<std::string, std::string, std::string>;  // account, Region, name

  KeyStore(catalog::SystemRows rows, crypto::DataKeyProvider& root, Random& random)
      : rows_(std::move(rows)), root_(root), random_(random) {}
  Result<void> Load();
  Result<KeyMaterial> MakeMaterial(const KeyId& id, size_t number, RotationType type,
                                   Timestamp now) const;
  Result<KeyPtr> FindAlive(const KeyId& id) const;
  // Tells the watcher, stores `edits` and the record; under writer_mutex_.
  Result<KeyPtr> Replace(const KeyRecord& old, KeyRecord record,
                         std::vector<catalog::RowEdit> edits);

  const catalog::SystemRows rows_;
  crypto::DataKeyProvider& root_;
  Random& random_;
  KeyWatcher watcher_;
  std::mutex writer_mutex_;  // one change at a time, held over its sync

  mutable std::shared_mutex mutex_;  // what follows
  std::map<KeyId, KeyPtr> keys_;
  std::map<AliasKey, AliasPtr> aliases_;
  std::map<KeyId, std::map<std::string, GrantPtr>> grants_;
};

}  // namespace tidemark::kms
