#include "iam/directory.h"

#include <algorithm>
#include <iterator>

#include "iam/entity_id.h"
#include "iam/managed_policies.h"

namespace tidemark::iam {
namespace {

// The system table that holds all records; an id that no random table gets.
TableId SystemTableId() { return *TableId::Parse("00000000-0000-4000-8000-000000000002"); }

// Row keys: <kind>/<account>/<id>, and one alone.
constexpr char kSessionKeyPath[] = "session-key";
constexpr char kSessionKeyContext[] = "session tokens";

template <class Record>
constexpr std::string_view kKind = "";
template <>
constexpr std::string_view kKind<AccountRecord> = "account";
template <>
constexpr std::string_view kKind<UserRecord> = "user";
template <>
constexpr std::string_view kKind<GroupRecord> = "group";
template <>
constexpr std::string_view kKind<RoleRecord> = "role";
template <>
constexpr std::string_view kKind<PolicyRecord> = "policy";

std::string PathOf(std::string_view kind, const AccountId& account, std::string_view id) {
  return fmt::format("{}/{}/{}", kind, account.value, id);
}

std::string Encode(const AccountRecord& record) { return EncodeAccount(record); }
std::string Encode(const UserRecord& record) { return EncodeUser(record); }
std::string Encode(const GroupRecord& record) { return EncodeGroup(record); }
std::string Encode(const RoleRecord& record) { return EncodeRole(record); }
std::string Encode(const PolicyRecord& record) { return EncodePolicy(record); }

auto& MapOf(Account& account, const UserRecord*) { return account.users; }
auto& MapOf(Account& account, const GroupRecord*) { return account.groups; }
auto& MapOf(Account& account, const RoleRecord*) { return account.roles; }
auto& MapOf(Account& account, const PolicyRecord*) { return account.policies; }
std::string NameOf(const UserRecord& record) { return policy::Lower(record.name); }
std::string NameOf(const GroupRecord& record) { return policy::Lower(record.name); }
std::string NameOf(const RoleRecord& record) { return policy::Lower(record.name); }
std::string NameOf(const PolicyRecord& record) { return record.Arn(); }

// Erases the record with this id; false: there is none in this map.
template <class Map>
bool EraseId(Map& map, std::string_view id) {
  return std::erase_if(map, [&](const auto& entry) { return entry.second->id == id; }) > 0;
}

// The kind of what had this id; empty: there was nothing.
std::string_view EraseRecord(Account& account, std::string_view id) {
  if (EraseId(account.users, id)) return kKind<UserRecord>;
  if (EraseId(account.groups, id)) return kKind<GroupRecord>;
  if (EraseId(account.roles, id)) return kKind<RoleRecord>;
  if (EraseId(account.policies, id)) return kKind<PolicyRecord>;
  return "";
}

template <class Record>
void Set(Account& account, Record record) {
  auto& map = MapOf(account, &record);
  EraseId(map, record.id);  // under its old name
  std::string name = NameOf(record);
  map[std::move(name)] = std::make_shared<const Record>(std::move(record));
}

void Set(Account& account, AccountRecord record) {
  account.record = std::make_shared<const AccountRecord>(std::move(record));
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
  std::vector<PolicyPtr> managed = account.FindPolicies(user->attached);
  for (const std::string& id : user->groups) {
    const GroupPtr* group = account.FindGroupById(id);
    if (!group) continue;
    groups.push_back(*group);
    std::ranges::move(account.FindPolicies((*group)->attached), std::back_inserter(managed));
  }
  return Identity::OfUser(user, std::move(groups), std::move(managed),
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

const RolePtr* Account::FindRole(std::string_view name) const {
  return FindIn(roles, policy::Lower(name));
}

std::vector<PolicyPtr> Account::FindPolicies(const std::vector<std::string>& arns) const {
  std::vector<PolicyPtr> found;
  for (const std::string& arn : arns) {
    if (auto policy = FindPolicy(arn)) found.push_back(std::move(policy));
  }
  return found;
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
  std::optional<Bytes> session_key;
  TM_TRYV(rows_.ForEach([&](std::string_view path, BytesView value) -> Result<void> {
    if (path.starts_with("account/")) {
      TM_TRY(auto record, DecodeAccount(value));
      TM_TRYV(Unseal(&record.keys));
      Account& account = accounts[record.account];
      Set(account, std::move(record));
    } else if (path.starts_with("user/")) {
      TM_TRY(auto user, DecodeUser(value));
      TM_TRYV(Unseal(&user.keys));
      Account& account = accounts[user.account];
      Set(account, std::move(user));
    } else if (path.starts_with("group/")) {
      TM_TRY(auto group, DecodeGroup(value));
      Account& account = accounts[group.account];
      Set(account, std::move(group));
    } else if (path.starts_with("role/")) {
      TM_TRY(auto role, DecodeRole(value));
      Account& account = accounts[role.account];
      Set(account, std::move(role));
    } else if (path == kSessionKeyPath) {
      session_key = Bytes(value);
    } else if (path.starts_with("policy/")) {
      TM_TRY(auto policy, DecodePolicy(value));
      Account& account = accounts[policy.account];
      Set(account, std::move(policy));
    }
    return {};
  }));
  TM_TRYV(LoadSessionKey(session_key));
  std::map<AccountId, AccountPtr> loaded;
  for (auto& [id, account] : accounts)
    loaded[id] = std::make_shared<const Account>(std::move(account));
  Publish(std::move(loaded));
  return {};
}

Result<void> Directory::LoadSessionKey(const std::optional<Bytes>& wrapped) {
  crypto::Key256 key;
  if (wrapped) {
    TM_TRY(key, keys_.Unwrap(*wrapped, kSessionKeyContext));
  } else {
    TM_TRY(auto made, keys_.Generate(kSessionKeyContext));
    TM_TRYV(rows_.Store({{kSessionKeyPath, made.wrapped}}));
    key = made.key;
  }
  session_key_ = std::make_unique<const crypto::Aead>(key);
  return {};
}

Result<void> Directory::Unseal(std::vector<AccessKey>* keys) {
  for (AccessKey& key : *keys) {
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
    const std::string_view kind = EraseRecord(account, erase->id);
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

// Of root, until the identity is set.
Credential Directory::CredentialOf(const AccessKey& key, const AccountId& account) {
  auto& last_use = last_uses_[key.id];
  if (!last_use) last_use = std::make_shared<LastUse>();
  return {.secret = key.secret,
          .account = account,
          .arn = fmt::format("arn:aws:iam::{}:root", account.value),
          .is_root = true,
          .active = key.active,
          .last_use = last_use};
}

void Directory::Publish(std::map<AccountId, AccountPtr> accounts) {
  auto next = std::make_shared<State>();
  for (const auto& [id, account] : accounts) {
    if (account->record) {
      for (const AccessKey& key : account->record->keys)
        next->keys[key.id] = std::make_shared<const Credential>(CredentialOf(key, id));
    }
    for (const auto& [name, user] : account->users) {
      const auto identity = MakeIdentity(*account, user);
      next->identities[user->id] = identity;
      for (const AccessKey& key : user->keys) {
        Credential credential = CredentialOf(key, id);
        credential.is_root = false;
        credential.arn = identity->arn();
        credential.identity = identity;
        next->keys[key.id] = std::make_shared<const Credential>(std::move(credential));
      }
    }
    for (const auto& [name, role] : account->roles) {
      next->identities[role->id] = Identity::OfRole(role, account->FindPolicies(role->attached),
                                                    account->FindPolicy(role->boundary));
    }
  }
  std::erase_if(last_uses_, [&](const auto& entry) { return !next->keys.contains(entry.first); });
  next->accounts = std::move(accounts);
  std::lock_guard lock(state_mutex_);
  state_ = std::move(next);
  generation_.fetch_add(1, std::memory_order_release);
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

std::vector<std::shared_ptr<const AccountRecord>> Directory::Accounts() const {
  std::vector<std::shared_ptr<const AccountRecord>> made;
  for (const auto& [id, account] : state()->accounts) {
    if (account->record) made.push_back(account->record);
  }
  return made;
}

std::shared_ptr<const Credential> Directory::FindKey(const AccessKeyId& id) const {
  const auto now = state();
  const auto at = now->keys.find(id);
  return at == now->keys.end() ? nullptr : at->second;
}

std::shared_ptr<const Identity> Directory::FindIdentity(const AccountId& account,
                                                        std::string_view id) const {
  const auto now = state();
  const auto at = now->identities.find(id);
  if (at == now->identities.end() || at->second->facts().account != account) return nullptr;
  return at->second;
}

std::optional<LastUse::Value> Directory::LastUseOf(const AccessKeyId& id) const {
  const auto credential = FindKey(id);
  return credential ? credential->last_use->Get() : std::nullopt;
}

}  // namespace tidemark::iam
