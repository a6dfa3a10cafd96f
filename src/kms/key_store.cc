#include "kms/key_store.h"

#include <algorithm>

#include "codec/hex.h"
#include "kms/fault.h"

namespace tidemark::kms {
namespace {

// The system table that holds all records; an id that no random table gets.
TableId KeysTableId() { return *TableId::Parse("00000000-0000-4000-8000-000000000003"); }

// Row keys: key/<id>   alias/<account>/<region>/<name>   grant/<key id>/<grant id>
std::string KeyPath(const KeyId& id) { return "key/" + id.ToString(); }
std::string AliasPath(const AliasRecord& alias) {
  return fmt::format("alias/{}/{}/{}", alias.account.value, alias.region.value, alias.name);
}
std::string GrantPath(const GrantRecord& grant) {
  return fmt::format("grant/{}/{}", grant.key.ToString(), grant.id);
}

Unexpected NoSuchKey(const KeyId& id) {
  return FailWith(Fault::kNotFound, "Key '{}' does not exist", id.ToString());
}

bool IsUsable(const KeyRecord& key) { return key.state == KeyState::kEnabled; }

}  // namespace

Result<std::unique_ptr<KeyStore>> KeyStore::Open(shard::Shard& system, asio::io_context& context,
                                                 crypto::DataKeyProvider& root, Random& random) {
  TM_TRY(auto rows, catalog::SystemRows::Open(system, KeysTableId(),
                                              R"({"act":"create key store"})", context));
  std::unique_ptr<KeyStore> store(new KeyStore(std::move(rows), root, random));
  TM_TRYV(store->Load());
  return store;
}

Result<void> KeyStore::Load() {
  return rows_.ForEach([this](std::string_view path, BytesView value) -> Result<void> {
    if (path.starts_with("key/")) {
      TM_TRY(auto key, DecodeKey(value));
      const KeyId id = key.id;
      keys_[id] = std::make_shared<const KeyRecord>(std::move(key));
    } else if (path.starts_with("alias/")) {
      TM_TRY(auto alias, DecodeAlias(value));
      AliasKey name{alias.account.value, alias.region.value, alias.name};
      aliases_[std::move(name)] = std::make_shared<const AliasRecord>(std::move(alias));
    } else if (path.starts_with("grant/")) {
      TM_TRY(auto grant, DecodeGrant(value));
      auto shared = std::make_shared<const GrantRecord>(std::move(grant));
      grants_[shared->key][shared->id] = shared;
    }
    return {};
  });
}

KeyPtr KeyStore::Find(const KeyId& id) const {
  std::shared_lock lock(mutex_);
  const auto at = keys_.find(id);
  return at == keys_.end() ? nullptr : at->second;
}

std::vector<KeyPtr> KeyStore::Keys(const AccountId& account, const Region& region) const {
  std::shared_lock lock(mutex_);
  std::vector<KeyPtr> found;
  for (const auto& [id, key] : keys_) {
    if (key->account == account && key->region == region && key->state != KeyState::kDeleted)
      found.push_back(key);
  }
  return found;
}

std::vector<KeyPtr> KeyStore::AllKeys() const {
  std::shared_lock lock(mutex_);
  std::vector<KeyPtr> all;
  for (const auto& [id, key] : keys_) all.push_back(key);
  return all;
}

AliasPtr KeyStore::FindAlias(const AccountId& account, const Region& region,
                             std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto at = aliases_.find(AliasKey(account.value, region.value, std::string(name)));
  return at == aliases_.end() ? nullptr : at->second;
}

std::vector<AliasPtr> KeyStore::Aliases(const AccountId& account, const Region& region) const {
  std::shared_lock lock(mutex_);
  std::vector<AliasPtr> found;
  auto at = aliases_.lower_bound(AliasKey(account.value, region.value, ""));
  for (; at != aliases_.end(); ++at) {
    if (at->second->account != account || at->second->region != region) break;
    found.push_back(at->second);
  }
  return found;
}

std::vector<AliasPtr> KeyStore::AliasesOf(const KeyRecord& key) const {
  auto all = Aliases(key.account, key.region);
  std::erase_if(all, [&](const AliasPtr& alias) { return alias->key != key.id; });
  return all;
}

std::vector<GrantPtr> KeyStore::GrantsOf(const KeyId& key) const {
  std::shared_lock lock(mutex_);
  std::vector<GrantPtr> found;
  const auto at = grants_.find(key);
  if (at == grants_.end()) return found;
  for (const auto& [id, grant] : at->second) found.push_back(grant);
  return found;
}

Result<KeyMaterial> KeyStore::MakeMaterial(const KeyId& id, size_t number, RotationType type,
                                           Timestamp now) const {
  KeyMaterial material{
      .id = codec::EncodeHex(random_.String(32)), .created = now, .rotation = type};
  TM_TRY(auto made, root_.Generate(MaterialContext(id, number)));
  material.wrapped = std::move(made.wrapped);
  return material;
}

Result<crypto::Key256> KeyStore::Material(const KeyRecord& key, size_t number) const {
  if (number >= key.materials.size()) return FailWith(Fault::kInvalidCiphertext, "");
  return root_.Unwrap(key.materials[number].wrapped, MaterialContext(key.id, number));
}

Result<KeyPtr> KeyStore::Insert(KeyRecord record) {
  std::lock_guard writer(writer_mutex_);
  TM_TRY(auto material, MakeMaterial(record.id, 0, RotationType::kNone, record.created));
  record.materials = {std::move(material)};
  TM_TRYV(rows_.Store({{KeyPath(record.id), EncodeKey(record)}}));
  auto key = std::make_shared<const KeyRecord>(std::move(record));
  std::unique_lock lock(mutex_);
  keys_[key->id] = key;
  return key;
}

WholeKey KeyStore::Whole(const KeyRecord& key) const {
  WholeKey whole{.key = key, .aliases = {}, .grants = {}};
  for (const auto& alias : AliasesOf(key)) whole.aliases.push_back(*alias);
  for (const auto& grant : GrantsOf(key.id)) whole.grants.push_back(*grant);
  return whole;
}

Result<bool> KeyStore::Import(WholeKey whole) {
  std::lock_guard writer(writer_mutex_);
  const KeyId id = whole.key.id;
  if (Find(id)) {
    TM_TRYV(rows_.Settle());
    return false;
  }
  std::erase_if(whole.aliases, [this](const AliasRecord& alias) {
    return FindAlias(alias.account, alias.region, alias.name) != nullptr;
  });
  std::vector<catalog::RowEdit> edits{{KeyPath(id), EncodeKey(whole.key)}};
  for (const auto& alias : whole.aliases) edits.push_back({AliasPath(alias), EncodeAlias(alias)});
  for (const auto& grant : whole.grants) edits.push_back({GrantPath(grant), EncodeGrant(grant)});
  TM_TRYV(rows_.Store(std::move(edits)));
  std::unique_lock lock(mutex_);
  keys_[id] = std::make_shared<const KeyRecord>(std::move(whole.key));
  for (AliasRecord& alias : whole.aliases) {
    AliasKey name{alias.account.value, alias.region.value, alias.name};
    aliases_[std::move(name)] = std::make_shared<const AliasRecord>(std::move(alias));
  }
  for (GrantRecord& grant : whole.grants) {
    auto shared = std::make_shared<const GrantRecord>(std::move(grant));
    grants_[id][shared->id] = shared;
  }
  return true;
}

Result<KeyPtr> KeyStore::FindAlive(const KeyId& id) const {
  auto key = Find(id);
  if (!key || key->state == KeyState::kDeleted) return NoSuchKey(id);
  return key;
}

Result<KeyPtr> KeyStore::Replace(const KeyRecord& old, KeyRecord record,
                                 std::vector<catalog::RowEdit> edits) {
  const bool closes = IsUsable(old) && !IsUsable(record);
  if (closes && watcher_.closing) watcher_.closing(old);
  edits.push_back({KeyPath(record.id), EncodeKey(record)});
  auto stored = rows_.Store(std::move(edits));
  auto key = std::make_shared<const KeyRecord>(stored ? std::move(record) : old);
  if (stored) {
    std::unique_lock lock(mutex_);
    keys_[key->id] = key;
  }
  // Also when it stays as it was: `closing` has been told otherwise.
  const bool tell = closes || IsUsable(old) != IsUsable(*key) || old.state != key->state;
  if (tell && watcher_.changed) watcher_.changed(*key);
  if (!stored) return Fail(std::move(stored).error());
  return key;
}

Result<KeyPtr> KeyStore::Edit(const KeyId& id,
                              const std::function<Result<void>(KeyRecord&)>& edit) {
  std::lock_guard writer(writer_mutex_);
  TM_TRY(const KeyPtr old, FindAlive(id));
  KeyRecord record = *old;
  TM_TRYV(edit(record));
  if (record == *old) {
    TM_TRYV(rows_.Settle());
    return old;
  }
  return Replace(*old, std::move(record), {});
}

Result<KeyPtr> KeyStore::Rotate(const KeyId& id, RotationType type, Timestamp now,
                                const std::function<Result<void>(KeyRecord&)>& edit) {
  std::lock_guard writer(writer_mutex_);
  TM_TRY(const KeyPtr old, FindAlive(id));
  KeyRecord record = *old;
  TM_TRYV(edit(record));
  TM_TRY(auto material, MakeMaterial(id, record.materials.size(), type, now));
  record.materials.push_back(std::move(material));
  return Replace(*old, std::move(record), {});
}

Result<void> KeyStore::Destroy(const KeyId& id) {
  std::lock_guard writer(writer_mutex_);
  TM_TRY(const KeyPtr old, FindAlive(id));
  KeyRecord record = *old;
  record.state = KeyState::kDeleted;
  record.materials.clear();
  std::vector<catalog::RowEdit> edits;
  const auto aliases = AliasesOf(*old);
  for (const auto& alias : aliases) edits.push_back({AliasPath(*alias), std::nullopt});
  for (const auto& grant : GrantsOf(id)) edits.push_back({GrantPath(*grant), std::nullopt});
  TM_TRYV(Replace(*old, std::move(record), std::move(edits)));
  std::unique_lock lock(mutex_);
  for (const auto& alias : aliases)
    aliases_.erase(AliasKey(alias->account.value, alias->region.value, alias->name));
  grants_.erase(id);
  return {};
}

Result<void> KeyStore::PutAlias(AliasRecord alias,
                                const std::function<Result<void>(const AliasRecord*)>& check) {
  std::lock_guard writer(writer_mutex_);
  const auto old = FindAlias(alias.account, alias.region, alias.name);
  TM_TRYV(check(old.get()));
  TM_TRYV(FindAlive(alias.key));
  if (old) alias.created = old->created;
  TM_TRYV(rows_.Store({{AliasPath(alias), EncodeAlias(alias)}}));
  AliasKey name{alias.account.value, alias.region.value, alias.name};
  std::unique_lock lock(mutex_);
  aliases_[std::move(name)] = std::make_shared<const AliasRecord>(std::move(alias));
  return {};
}

Result<void> KeyStore::EraseAlias(const AliasRecord& alias) {
  std::lock_guard writer(writer_mutex_);
  TM_TRYV(rows_.Store({{AliasPath(alias), std::nullopt}}));
  std::unique_lock lock(mutex_);
  aliases_.erase(AliasKey(alias.account.value, alias.region.value, alias.name));
  return {};
}

Result<void> KeyStore::PutGrant(GrantRecord grant) {
  std::lock_guard writer(writer_mutex_);
  TM_TRYV(FindAlive(grant.key));
  TM_TRYV(rows_.Store({{GrantPath(grant), EncodeGrant(grant)}}));
  auto shared = std::make_shared<const GrantRecord>(std::move(grant));
  std::unique_lock lock(mutex_);
  grants_[shared->key][shared->id] = shared;
  return {};
}

Result<void> KeyStore::EraseGrant(const GrantRecord& grant) {
  std::lock_guard writer(writer_mutex_);
  TM_TRYV(rows_.Store({{GrantPath(grant), std::nullopt}}));
  std::unique_lock lock(mutex_);
  const auto at = grants_.find(grant.key);
  if (at != grants_.end()) at->second.erase(grant.id);
  return {};
}

}  // namespace tidemark::kms
