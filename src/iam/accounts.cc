#include "iam/accounts.h"

#include <algorithm>

namespace tidemark::iam {
namespace {

constexpr size_t kDigits = 12;
constexpr uint64_t kAccountsMax = 1'000'000'000'000;

AccountId RandomAccount(Random& random) {
  // The remainder favours some by one in 10^7, which harms nobody.
  return AccountId(fmt::format("{:012}", random.Next() % kAccountsMax));
}

Result<Change> EditAccount(const Account& account, const AccountId& id,
                           const std::function<Result<void>(AccountRecord&)>& edit) {
  if (!account.record)
    return Fail(ErrorKind::kResourceNotFound, "Account {} cannot be found.", id.value);
  AccountRecord record = *account.record;
  TM_TRYV(edit(record));
  return Change(std::move(record));
}

}  // namespace

Result<std::shared_ptr<const AccountRecord>> CreateAccount(Directory& directory, Random& random,
                                                           Timestamp now, const AccountId& first,
                                                           std::optional<AccountId> id,
                                                           std::string name) {
  AccountRecord record{.account = id ? *id : RandomAccount(random), .name = std::move(name)};
  record.id = record.account.value;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (record.id.size() != kDigits || !std::ranges::all_of(record.id, digit))
    return Fail(ErrorKind::kValidation, "An account's id is 12 digits: {}", record.id);
  record.created = now;
  TM_TRYV(directory.Apply(record.account, [&](const Account& account) -> Result<Change> {
    if (account.record || record.account == first)
      return Fail(ErrorKind::kResourceInUse, "Account {} already exists.", record.id);
    return Change(record);
  }));
  return directory.Find(record.account)->record;
}

Result<AccessKey> CreateRootKey(const Scope& scope) {
  TM_TRY(AccessKey key, scope.directory.MakeKey(scope.random, scope.now));
  TM_TRYV(scope.directory.Apply(scope.account, [&](const Account& account) {
    return EditAccount(account, scope.account, [&](AccountRecord& record) -> Result<void> {
      if (record.keys.size() >= kKeysMax) {
        return Fail(ErrorKind::kLimitExceeded,
                    "Cannot exceed quota for root keys of an account: {}", kKeysMax);
      }
      record.keys.push_back(key);
      return {};
    });
  }));
  return key;
}

Result<void> DeleteRootKey(const Scope& scope, std::string_view key) {
  return scope.directory.Apply(scope.account, [&](const Account& account) {
    return EditAccount(account, scope.account, [&](AccountRecord& record) -> Result<void> {
      const auto gone =
          std::erase_if(record.keys, [&](const AccessKey& one) { return one.id.value == key; });
      if (gone > 0) return {};
      return Fail(ErrorKind::kResourceNotFound, "The Access Key with id {} cannot be found.", key);
    });
  });
}

}  // namespace tidemark::iam
