#include "iam/directory.h"

#include "crypto/aead.h"
#include "iam/entity_id.h"
#include "iam/managed_policies.h"

namespace tidemark::iam {
namespace {

// The system table that holds all records; an id that no random table gets.
TableId SystemTableId() { return *TableId::Parse("00000000-0000-4000-8000-000000000002"); }

// Row keys: <kind>/<account>/<id>
template <class Record>
constexpr std::string_view kKind = "";
template <>
constexpr std::string_view kKind<UserRecord> = "user";
template <>
constexpr std::string_view kKind<GroupRecord> = "group";
template <>
constexpr std::string_view kKind<PolicyRecord> = "policy";

std::string PathOf(std::string_view kind, const AccountId& account, std::string_view id) {
  return fmt::format("{}/{}/{}", kind, account.value, id);
}

std::string Encode(const UserRecord& record) { return EncodeUser(record); }
std::string Encode(const GroupRecord& record) { return EncodeGroup(record); }
std::string Encode(const PolicyRecord& record) { return EncodePolicy(record); }

auto& MapOf(Account& account, const UserRecord*) { return account.users; }
auto& MapOf(Account& account, const GroupRecord*) { return account.groups; }
auto& MapOf(Account& account, const PolicyRecord*) { return account.policies; }
std::string NameOf(const UserRecord& record) { return policy::Lower(record.name); }
std::string NameOf(const GroupRecord& record) { return policy::Lower(record.name); }
std::string NameOf(const PolicyRecord& record) { return record.Arn(); }

// Erases the record with this id; false: there is none in this map.
template <class Map>
bool EraseId(Map& map, std::string_view id) {
  return std::erase_if(map, [&](const auto& entry) { return entry.second->id == id; }) > 0;
}

template <class Record>
void Set(Account& account, Record record) {
  auto& map = MapOf(account, &record);
  EraseId(map, record.id);  // under its old name
  std::string name = NameOf(record);
  map[std::move(name)] = std::make_shared<const Record>(std::move(record));
}

template <class Map>
auto FindIn(const Map& map, std::string_view name) -> const typename Map::mapped_type* {
  const auto at = map.find(name);
  return at == map.end() ? nullptr : &at->second;
}

// A key is used for one secret only, so the nonce may be the same for all.
constexpr crypto::Nonce kNonce{};

std::string ContextOf(const AccessKeyId& id) { return "access key " + id.value; }

std::shared_ptr<const Identity> MakeIdentity(const Account& account, const UserPtr& user) {
  std::vector<GroupPtr> groups;
  std::vector<PolicyPtr> managed;
  const auto attach = [&](const std::vector<std::string>& arns) {
    for (const std::string& arn : arns) {
      if (auto policy = account.FindPolicy(arn)) managed.push_back(std::move(policy));
    }
  };
  attach(user->attached);
  for (const std::string& id : user->groups) {
    const GroupPtr* group = account.FindGroupById(id);
    if (!group) continue;
    groups.push_back(*group);
    attach((*group)->attached);
  }
  return std::make_shared<const Identity>(user, std::move(groups), std::move(managed),
                                          account.FindPolicy(user->boundary));
}

}  // namespace

const UserPtr* Account::FindUser(std::string_view name) const {
  return FindIn(users, policy::Lower(name));
}

const GroupPtr* Account::FindGroup(std::string_view name) const {
  return FindIn(groups, policy::Lower(name));
}

const GroupPtr* Account::FindGroupById(std::string_view id) const {
  for (const auto& [name, group] : groups) {
    if (group->id == id) return &group;
  }
  return nullptr;
}

PolicyPtr Account::FindPolicy(std::string_view arn) const {
  if (const PolicyPtr* policy = FindIn(policies, arn)) return *policy;
  return FindAwsPolicy(arn);
}

Result<std::unique_ptr<Directory>> Directory::Open(shard::Shard& system, asio::io_context& context,
                                                   crypto::DataKeyProvider& keys) {
  TM_TRY(auto rows, catalog::SystemRows::Open(system, SystemTableId(),
                                              R"({"act":"create directory"})", context));
  std::unique_ptr<Directory> directory(new Directory(std::move(rows), keys));
  TM_TRYV(directory->Load());
  return directory;
}

Result<void> Directory::Load() {
  std::map<AccountId, Account> accounts;
  TM_TRYV(rows_.ForEach([&](std::string_view path, BytesView value) -> Result<void> {
    if (path.starts_with("user/")) {
      TM_TRY(auto user, DecodeUser(value));
      TM_TRYV(Unseal(&user));
      Account& account = accounts[user.account];
      Set(account, std::move(user));
    } else if (path.starts_with("group/")) {
      TM_TRY(auto group, DecodeGroup(value));
      Account& account = accounts[group.account];
      Set(account, std::move(group));
    } else if (path.starts_with("policy/")) {
      TM_TRY(auto policy, DecodePolicy(value));
      Account& account = accounts[policy.account];
      Set(account, std::move(policy));
    }
    return {};
  }));
  std::map<AccountId, AccountPtr> loaded;
  for (auto& [id, account] : accounts)
    loaded[id] = std::make_shared<const Account>(std::move(account));
  Publish(std::move(loaded));
  return {};
}

Result<void> Directory::Unseal(UserRecord* user) {
  for (AccessKey& key : user->keys) {
    TM_TRY(const auto data_key, keys_.Unwrap(key.wrapped, ContextOf(key.id)));
    if (key.sealed.size() < crypto::kTagBytes) {
      return Fail(ErrorKind::kCorruption, "the secret of access key {} is cut off", key.id.value);
    }
    key.secret.resize(key.sealed.size() - crypto::kTagBytes);
    auto opened = crypto::Aead(data_key).Open(kNonce, key.id.value, key.sealed, key.secret.data());
    if (!opened) return Fail(WithContext(opened.error(), "access key {}", key.id.value));
  }
  return {};
}

Result<AccessKey> Directory::MakeKey(Random& random, Timestamp now) {
  AccessKey key;
  key.id = AccessKeyId(MakeId("AKIA", 20, random));
  key.secret = MakeSecret(random);
  key.created = now;
  TM_TRY(auto data_key, keys_.Generate(ContextOf(key.id)));
  key.sealed.resize(key.secret.size() + crypto::kTagBytes);
  crypto::Aead(data_key.key).Seal(kNonce, key.id.value, key.secret, key.sealed.data());
  key.wrapped = std::move(data_key.wrapped);
  return key;
}

Result<void> Directory::Apply(const AccountId& id,
                              const std::function<Result<Change>(const Account&)>& act) {
  std::lock_guard writer(writer_mutex_);
  const auto old = state();
  const AccountPtr before = Find(id);
  TM_TRY(auto change, act(*before));
  Account account = *before;
  if (const auto* erase = std::get_if<Erase>(&change)) {
    std::string_view kind = kKind<PolicyRecord>;
    if (EraseId(account.users, erase->id)) {
      kind = kKind<UserRecord>;
    } else if (EraseId(account.groups, erase->id)) {
      kind = kKind<GroupRecord>;
    } else {
      EraseId(account.policies, erase->id);
    }
    TM_TRYV(rows_.Store({{PathOf(kind, id, erase->id), std::nullopt}}));
  } else {
    auto stored = std::visit(
        [&]<class Record>(Record& record) -> Result<void> {
          if constexpr (!std::is_same_v<Record, Erase>) {
            TM_TRYV(rows_.Store({{PathOf(kKind<Record>, id, record.id), Encode(record)}}));
            Set(account, std::move(record));
          }
          return {};
        },
        change);
    TM_TRYV(std::move(stored));
  }
  auto accounts = old->accounts;
  accounts[id] = std::make_shared<const Account>(std::move(account));
  Publish(std::move(accounts));
  return {};
}

void Directory::Publish(std::map<AccountId, AccountPtr> accounts) {
  auto next = std::make_shared<State>();
  for (const auto& [id, account] : accounts) {
    for (const auto& [name, user] : account->users) {
      const auto identity = MakeIdentity(*account, user);
      next->identities[user->id] = identity;
      for (const AccessKey& key : user->keys) {
        auto& last_use = last_uses_[key.id];
        if (!last_use) last_use = std::make_shared<LastUse>();
        next->keys[key.id] = std::make_shared<const Credential>(Credential{.secret = key.secret,
                                                                           .account = id,
                                                                           .arn = identity->arn(),
                                                                           .active = key.active,
                                                                           .identity = identity,
                                                                           .last_use = last_use});
      }
    }
  }
  std::erase_if(last_uses_, [&](const auto& entry) { return !next->keys.contains(entry.first); });
  next->accounts = std::move(accounts);
  std::lock_guard lock(state_mutex_);
  state_ = std::move(next);
}

std::shared_ptr<const Directory::State> Directory::state() const {
  std::lock_guard lock(state_mutex_);
  return state_;
}

AccountPtr Directory::Find(const AccountId& account) const {
  static const AccountPtr kEmpty = std::make_shared<const Account>();
  const auto now = state();
  const auto at = now->accounts.find(account);
  return at == now->accounts.end() ? kEmpty : at->second;
}

std::shared_ptr<const Credential> Directory::FindKey(const AccessKeyId& id) const {
  const auto now = state();
  const auto at = now->keys.find(id);
  return at == now->keys.end() ? nullptr : at->second;
}

std::shared_ptr<const Identity> Directory::FindIdentity(const AccountId& account,
                                                        std::string_view user) const {
  const auto now = state();
  const auto in = now->accounts.find(account);
  const UserPtr* found = in == now->accounts.end() ? nullptr : in->second->FindUser(user);
  if (!found) return nullptr;
  return now->identities.find((*found)->id)->second;
}

std::optional<LastUse::Value> Directory::LastUseOf(const AccessKeyId& id) const {
  const auto credential = FindKey(id);
  return credential ? credential->last_use->Get() : std::nullopt;
}

}  // namespace tidemark::iam
