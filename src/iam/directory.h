// All users, groups, roles and policies: rows of a system table, held in memory as one immutable
// state that every act of administration replaces. Reads never block.
//
// Threads: any. Change blocks (it waits for the system shard): call it from the blocking pool.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/random.h"
#include "catalog/system_rows.h"
#include "crypto/aead.h"
#include "crypto/data_key.h"
#include "iam/credential.h"
#include "iam/identity.h"
#include "iam/records.h"
#include "shard/shard.h"

namespace tidemark::iam {

// One account at one moment. Users, groups and roles by name in lower case (names are unique
// without case), policies by ARN.
struct Account {
  std::shared_ptr<const AccountRecord> record;  // null: the first account, or one nobody made
  std::map<std::string, UserPtr, std::less<>> users;
  std::map<std::string, GroupPtr, std::less<>> groups;
  std::map<std::string, RolePtr, std::less<>> roles;
  std::map<std::string, PolicyPtr, std::less<>> policies;

  const UserPtr* FindUser(std::string_view name) const;  // null: not there
  const GroupPtr* FindGroup(std::string_view name) const;
  const GroupPtr* FindGroupById(std::string_view id) const;
  const RolePtr* FindRole(std::string_view name) const;
  // Those that come with the server too.
  PolicyPtr FindPolicy(std::string_view arn) const;
  std::vector<PolicyPtr> FindPolicies(
      const std::vector<std::string>& arns) const;  // that are there
};
using AccountPtr = std::shared_ptr<const Account>;

// What an act stores: one record, or that one goes.
struct Erase {
  std::string id;
};
using Change =
    std::variant<AccountRecord, UserRecord, GroupRecord, RoleRecord, PolicyRecord, Erase>;

class Directory {
 public:
  // Reads everything. `keys` seals the secrets of access keys.
  static Result<std::unique_ptr<Directory>> Open(shard::Shard& system, asio::io_context& context,
                                                 crypto::DataKeyProvider& keys);

  AccountPtr Find(const AccountId& account) const;  // never null
  // Those that were made, in order of ids.
  std::vector<std::shared_ptr<const AccountRecord>> Accounts() const;
  // Null: unknown. Quick.
  std::shared_ptr<const Credential> FindKey(const AccessKeyId& id) const;
  // By the id of a user or role. Null: there is none.
  std::shared_ptr<const Identity> FindIdentity(const AccountId& account, std::string_view id) const;
  // Another number whenever anything has changed.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  // What session tokens are sealed under: made at the first start, stored wrapped.
  const crypto::Aead& session_key() const { return *session_key_; }
  std::optional<LastUse::Value> LastUseOf(const AccessKeyId& id) const;

  // Runs `act` on the newest state, one act at a time, and stores what it gives; durable, and seen
  // by everybody, on return. An error of `act` is returned and nothing changes.
  Result<void> Apply(const AccountId& account,
                     const std::function<Result<Change>(const Account&)>& act);

  // As catalog::SystemRows::Settle.
  Result<void> Settle() { return rows_.Settle(); }

  // A new access key, its secret sealed for storing.
  Result<AccessKey> MakeKey(Random& random, Timestamp now);

 private:
  struct State {
    std::map<AccountId, AccountPtr> accounts;
    std::unordered_map<AccessKeyId, std::shared_ptr<const Credential>> keys;
    std::map<std::string, std::shared_ptr<const Identity>, std::less<>> identities;  // by user id
  };

  Directory(catalog::SystemRows rows, crypto::DataKeyProvider& keys)
      : rows_(std::move(rows)), keys_(keys) {}
  Result<void> Load();
  Result<void> LoadSessionKey(const std::optional<Bytes>& wrapped);
  Result<void> Unseal(std::vector<AccessKey>* keys);
  Credential CredentialOf(const AccessKey& key, const AccountId& account);
  void Publish(std::map<AccountId, AccountPtr> accounts);
  std::shared_ptr<const State> state() const;

  const catalog::SystemRows rows_;
  crypto::DataKeyProvider& keys_;
  std::mutex writer_mutex_;  // one change at a time, held over its sync
  std::unordered_map<AccessKeyId, std::shared_ptr<LastUse>> last_uses_;  // under writer_mutex_
  std::unique_ptr<const crypto::Aead> session_key_;
  std::atomic<uint64_t> generation_{0};
  mutable std::mutex state_mutex_;  // held for a copy only
  std::shared_ptr<const State> state_;
};

}  // namespace tidemark::iam
