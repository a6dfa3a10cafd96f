// Aliases: second names of keys. Changing one needs the permission on the alias and on the keys.
#include "api/kms/handlers.h"
#include "api/kms/shapes_gen.h"

namespace tidemark::api::kms_json {

namespace {

std::string AliasArn(const KmsCall& call, std::string_view name) {
  return fmt::format("arn:aws:kms:{}:{}:{}", call.scope.region.value, call.scope.account.value,
                     name);
}

void WriteAlias(const kms::AliasRecord& alias, JsonWriter* w) {
  w->BeginObject().Field("AliasName", alias.name).Field("AliasArn", alias.Arn());
  w->Field("TargetKeyId", alias.key.ToString());
  w->Key("CreationDate").EpochMillis(alias.created);
  w->Key("LastUpdatedDate").EpochMillis(alias.updated);
  w->EndObject();
}

}  // namespace

Result<std::string> CreateAlias(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseCreateAlias(body));
  TM_TRYV(kms::CheckAliasName(*input.alias_name));
  TM_TRYV(AuthorizeResource(call, "CreateAlias", AliasArn(call, *input.alias_name)));
  TM_TRY(const auto key, FindKey(call, "CreateAlias", *input.target_key_id));
  TM_TRYV(kms::CreateAlias(call.scope, *input.alias_name, *key));
  return std::string();
}

Result<std::string> UpdateAlias(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseUpdateAlias(body));
  TM_TRYV(kms::CheckAliasName(*input.alias_name));
  TM_TRYV(AuthorizeResource(call, "UpdateAlias", AliasArn(call, *input.alias_name)));
  TM_TRYV(FindKey(call, "UpdateAlias", *input.alias_name));  // the key it names now
  TM_TRY(const auto key, FindKey(call, "UpdateAlias", *input.target_key_id));
  TM_TRYV(kms::UpdateAlias(call.scope, *input.alias_name, *key));
  return std::string();
}

Result<std::string> DeleteAlias(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteAlias(body));
  TM_TRYV(kms::CheckAliasName(*input.alias_name));
  TM_TRYV(AuthorizeResource(call, "DeleteAlias", AliasArn(call, *input.alias_name)));
  TM_TRYV(FindKey(call, "DeleteAlias", *input.alias_name));
  TM_TRYV(kms::DeleteAlias(call.scope, *input.alias_name));
  return std::string();
}

Result<std::string> ListAliases(const KmsCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListAliases(body));
  TM_TRYV(AuthorizeResource(call, "ListAliases", "*"));
  auto aliases = call.scope.store.Aliases(call.scope.account, call.scope.region);
  if (input.key_id) {
    TM_TRYV(RefuseForeign(call, "ListAliases", *input.key_id));
    TM_TRY(const auto key, kms::ResolveKey(call.scope, *input.key_id));
    std::erase_if(aliases, [&](const auto& alias) { return alias->key != key->id; });
  }
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  TM_TRYV(WritePage(
      "Aliases", aliases, {.limit = input.limit, .marker = input.marker, .limit_default = 50}, &w,
      [](const kms::AliasPtr& alias) { return alias->name; },
      [&](const kms::AliasPtr& alias) { WriteAlias(*alias, &w); }));
  w.EndObject();
  return answer;
}

}  // namespace tidemark::api::kms_json
