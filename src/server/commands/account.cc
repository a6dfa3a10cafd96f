#include <cstdio>
#include <memory>

#include "server/commands/past_commands.h"

namespace tidemark::server {
namespace {

struct AccountOptions {
  ClientOptions client;
  std::string id, name, key;
};

Result<codec::JsonValue> CallAccounts(ApiClient& client, const char* operation,
                                      const std::function<void(codec::JsonWriter*)>& fill) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject();
  fill(&w);
  w.EndObject();
  return client.Call(std::string(kTidemark) + operation, std::move(body));
}

void ShowNewKey(const AccountOptions& options, codec::JsonValue answer) {
  if (options.client.json()) {
    fmt::print("{}\n", simdjson::minify(answer));
    return;
  }
  fmt::print("account            {}\naccess key id      {}\nsecret access key  {}\n",
             TextOf(answer, "AccountId"), TextOf(answer, "AccessKeyId"),
             TextOf(answer, "SecretAccessKey"));
  fmt::print("The secret is shown this once.\n");
}

Result<void> CreateOne(ApiClient& client, const AccountOptions& options) {
  TM_TRY(const auto answer, CallAccounts(client, "CreateAccount", [&](codec::JsonWriter* w) {
           if (!options.id.empty()) w->Field("AccountId", options.id);
           w->Field("Name", options.name);
         }));
  ShowNewKey(options, answer);
  return {};
}

Result<void> CreateKey(ApiClient& client, const AccountOptions& options) {
  TM_TRY(const auto answer, CallAccounts(client, "CreateAccountKey", [&](codec::JsonWriter* w) {
           w->Field("AccountId", options.id);
         }));
  ShowNewKey(options, answer);
  return {};
}

Result<void> DeleteKey(ApiClient& client, const AccountOptions& options) {
  TM_TRYV(CallAccounts(client, "DeleteAccountKey", [&](codec::JsonWriter* w) {
    w->Field("AccountId", options.id).Field("AccessKeyId", options.key);
  }));
  return {};
}

Result<void> ListAll(ApiClient& client, const AccountOptions& options) {
  TM_TRY(const auto answer, CallAccounts(client, "ListAccounts", [](codec::JsonWriter*) {}));
  if (options.client.json()) {
    fmt::print("{}\n", simdjson::minify(answer));
    return {};
  }
  for (auto account : answer["Accounts"].get_array()) {
    bool is_operator = false;
    if (account["Operator"].get(is_operator) != simdjson::SUCCESS) is_operator = false;
    std::string keys;
    codec::JsonArray ids;
    if (account["AccessKeyIds"].get(ids) == simdjson::SUCCESS) {
      for (auto id : ids) keys.append("  ").append(id.get_string().value());
    }
    fmt::print("{}  {}{}\n", TextOf(account, "AccountId"),
               is_operator ? "the operator's" : TextOf(account, "Name"), keys);
  }
  return {};
}

}  // namespace

Subcommand AddAccount(Command app) {
  Command command = app.Add("account", "Make accounts and keys of their root users (operator)");
  const auto options = std::make_shared<AccountOptions>();  // shared: by the parser and what runs
  using Act = Result<void>(ApiClient&, const AccountOptions&);
  std::vector<std::pair<Command, Act*>> acts;
  const auto add = [&](const char* name, const char* help, Act* act) {
    Command sub = command.Add(name, help);
    AddClientOptions(sub, &options->client);
    acts.emplace_back(sub, act);
    return sub;
  };
  Command create = add("create", "Make an account and its first root key", CreateOne);
  create.Text("--id", &options->id, "12 digits; else random ones");
  create.Text("--name", &options->name, "for people");
  add("list", "Print all accounts and the ids of their root keys", ListAll);
  Command create_key = add("create-key", "Make a further root key of an account", CreateKey);
  create_key.Text("ACCOUNT", &options->id, "the account's id").Required();
  Command delete_key = add("delete-key", "Delete a root key of an account", DeleteKey);
  delete_key.Text("ACCOUNT", &options->id, "the account's id").Required();
  delete_key.Text("KEY", &options->key, "the access key's id").Required();
  return {command, [options, acts = std::move(acts)] {
            for (const auto& [sub, act] : acts) {
              if (!sub.given()) continue;
              return WithClient(options->client,
                                [&](ApiClient& client) { return act(client, *options); });
            }
            return kExitUsage;
          }};
}

}  // namespace tidemark::server
