#include "api/accounts/operations.h"

#include "api/dynamodb/shapes_gen.h"
#include "codec/json_writer.h"
#include "iam/accounts.h"

namespace tidemark::api::accounts {
namespace {

using codec::JsonValue;
using table::Caller;

constexpr std::string_view kAccountsPrefix = "Tidemark_20261101.";

Result<void> CheckOperator(const AccountServices& services, const Caller& caller) {
  if (caller.account == services.first) return {};
  return Fail(ErrorKind::kAccessDenied, "Accounts are for the server's operator");
}

iam::Scope ScopeOf(const AccountServices& services, std::string account) {
  return {services.directory, AccountId(std::move(account)), services.random,
          services.real_clock.Now()};
}

void WriteKey(const iam::AccessKey& key, codec::JsonWriter* w) {
  w->Field("AccessKeyId", key.id.value).Field("SecretAccessKey", key.secret);
}

Result<std::string> MakeAccount(const AccountServices& services, std::optional<std::string> id,
                                std::string name) {
  std::optional<AccountId> given;
  if (id) given = AccountId(*std::move(id));
  TM_TRY(const auto made,
         iam::CreateAccount(services.directory, services.random, services.real_clock.Now(),
                            services.first, std::move(given), std::move(name)));
  TM_TRY(const auto key, iam::CreateRootKey(ScopeOf(services, made->id)));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Field("AccountId", made->id).Field("Name", made->name);
  WriteKey(key, &w);
  w.EndObject();
  return answer;
}

Task<std::string> CreateAccount(const AccountServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseCreateAccount(body));
  TM_CO_TRYV(CheckOperator(services, caller));
  auto make = [&services, input = std::move(input)] {
    return MakeAccount(services, input.account_id, input.name.value_or(""));
  };
  co_return co_await runtime::Blocking(services.pool, std::move(make));
}

Task<std::string> CreateAccountKey(const AccountServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseCreateAccountKey(body));
  TM_CO_TRYV(CheckOperator(services, caller));
  auto make = [&services, id = *input.account_id]() -> Result<std::string> {
    TM_TRY(const auto key, iam::CreateRootKey(ScopeOf(services, id)));
    std::string answer;
    codec::JsonWriter w(&answer);
    w.BeginObject().Field("AccountId", id);
    WriteKey(key, &w);
    w.EndObject();
    return answer;
  };
  co_return co_await runtime::Blocking(services.pool, std::move(make));
}

Task<std::string> DeleteAccountKey(const AccountServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseDeleteAccountKey(body));
  TM_CO_TRYV(CheckOperator(services, caller));
  auto erase = [&services, input = std::move(input)]() -> Result<std::string> {
    TM_TRYV(iam::DeleteRootKey(ScopeOf(services, *input.account_id), *input.access_key_id));
    return std::string("{}");
  };
  co_return co_await runtime::Blocking(services.pool, std::move(erase));
}

// All in one answer. The first account has no record, and its keys are not told.
Task<std::string> ListAccounts(const AccountServices& services, Caller caller, JsonValue) {
  TM_CO_TRYV(CheckOperator(services, caller));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("Accounts").BeginArray();
  w.BeginObject().Field("AccountId", services.first.value).FieldBool("Operator", true).EndObject();
  for (const auto& account : services.directory.Accounts()) {
    w.BeginObject().Field("AccountId", account->id).Field("Name", account->name);
    w.FieldBool("Operator", false).Key("CreationDateTime").EpochSeconds(account->created);
    w.Key("AccessKeyIds").BeginArray();
    for (const auto& key : account->keys) w.String(key.id.value);
    w.EndArray().EndObject();
  }
  w.EndArray().EndObject();
  co_return answer;
}

}  // namespace

std::vector<Operation> Operations(const AccountServices& services) {
  using Handler = Task<std::string>(const AccountServices&, Caller, JsonValue);
  auto bound = [&services](std::string_view name, Handler* handler) {
    return Operation{.name = name,
                     .prefix = kAccountsPrefix,
                     .run = [&services, handler](Caller caller, JsonValue body) {
                       return handler(services, std::move(caller), body);
                     }};
  };
  return {bound("CreateAccount", CreateAccount), bound("CreateAccountKey", CreateAccountKey),
          bound("DeleteAccountKey", DeleteAccountKey), bound("ListAccounts", ListAccounts)};
}

}  // namespace tidemark::api::accounts
