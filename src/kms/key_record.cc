#include "kms/key_record.h"

#include <algorithm>
#include <array>

#include "catalog/json_fields.h"
#include "codec/base64.h"

namespace tidemark::kms {
namespace {

namespace json = boost::json;
using catalog::Fields;

constexpr int64_t kRecordVersion = 1;
constexpr std::array<std::string_view, 4> kStateNames = {"Enabled", "Disabled", "PendingDeletion",
                                                         "Deleted"};
constexpr std::array<std::string_view, 3> kRotationNames = {"NONE", "AUTOMATIC", "ON_DEMAND"};

using TextMap = std::map<std::string, std::string>;

json::string ToText(std::string_view text) {
  return json::string(json::string_view(text.data(), text.size()));
}

json::object ToJson(const TextMap& texts) {
  json::object out;
  for (const auto& [key, value] : texts) out.emplace(key, ToText(value));
  return out;
}

TextMap ReadTexts(Fields fields) {
  TextMap texts;
  for (const std::string& name : fields.Names()) texts[name] = fields.Text(name);
  return texts;
}

json::object ToJson(const KeyMaterial& material) {
  return {{"id", material.id},
          {"wrapped", codec::EncodeBase64(material.wrapped)},
          {"created", ToMicros(material.created)},
          {"rotation", static_cast<int64_t>(material.rotation)}};
}

KeyMaterial ReadMaterial(Fields fields) {
  return {.id = fields.Text("id"),
          .wrapped = fields.Binary("wrapped"),
          .created = fields.Time("created"),
          .rotation = static_cast<RotationType>(
              fields.Int("rotation", 0, static_cast<int64_t>(RotationType::kOnDemand)))};
}

KeyRecord ReadKeyRecord(Fields fields) {
  KeyRecord key;
  key.account = AccountId(fields.Text("account"));
  key.region = Region(fields.Text("region"));
  key.id = fields.Id<KeyId>("id");
  key.state =
      static_cast<KeyState>(fields.Int("state", 0, static_cast<int64_t>(KeyState::kDeleted)));
  key.of_service = fields.Bool("of_service");
  key.description = fields.Text("description");
  key.created = fields.Time("created");
  if (fields.Has("deletion")) key.deletion = fields.Time("deletion");
  key.policy = fields.Text("policy");
  key.tags = ReadTexts(fields.Object("tags"));
  const Fields rotation = fields.Object("rotation");
  key.rotation = {.enabled = rotation.Bool("enabled"),
                  .period_days = static_cast<int>(rotation.Int("period_days", 1, 100'000)),
                  .from = rotation.Time("from")};
  for (const Fields& material : fields.Objects("materials"))
    key.materials.push_back(ReadMaterial(material));
  if (key.materials.empty() && key.state != KeyState::kDeleted)
    throw std::invalid_argument("a key without material");
  return key;
}

AliasRecord ReadAliasRecord(Fields fields) {
  return {.account = AccountId(fields.Text("account")),
          .region = Region(fields.Text("region")),
          .name = fields.Text("name"),
          .key = fields.Id<KeyId>("key"),
          .created = fields.Time("created"),
          .updated = fields.Time("updated")};
}

GrantRecord ReadGrantRecord(Fields fields) {
  GrantRecord grant;
  grant.id = fields.Text("id");
  grant.key = fields.Id<KeyId>("key");
  grant.name = fields.Text("name");
  grant.created = fields.Time("created");
  grant.grantee = fields.Text("grantee");
  grant.retiring = fields.Text("retiring");
  grant.issuer = fields.Text("issuer");
  grant.operations = fields.Texts("operations");
  grant.has_subset = fields.Has("context_subset");
  grant.has_equals = fields.Has("context_equals");
  if (grant.has_subset) grant.context_subset = ReadTexts(fields.Object("context_subset"));
  if (grant.has_equals) grant.context_equals = ReadTexts(fields.Object("context_equals"));
  return grant;
}

WholeKey ReadWholeKey(Fields fields) {
  WholeKey whole{.key = ReadKeyRecord(fields.Object("key")), .aliases = {}, .grants = {}};
  for (const Fields& alias : fields.Objects("aliases"))
    whole.aliases.push_back(ReadAliasRecord(alias));
  for (const Fields& grant : fields.Objects("grants"))
    whole.grants.push_back(ReadGrantRecord(grant));
  return whole;
}

}  // namespace

std::string_view ToString(KeyState state) { return kStateNames[static_cast<size_t>(state)]; }
std::string_view ToString(RotationType type) { return kRotationNames[static_cast<size_t>(type)]; }

std::string KeyRecord::Arn() const {
  return fmt::format("arn:aws:kms:{}:{}:key/{}", region.value, account.value, id.ToString());
}

std::optional<Timestamp> KeyRecord::NextRotation() const {
  if (!rotation.enabled) return std::nullopt;
  Timestamp from = rotation.from;
  for (const KeyMaterial& material : materials) {
    if (material.rotation == RotationType::kAutomatic) from = std::max(from, material.created);
  }
  return from + std::chrono::hours(24) * rotation.period_days;
}

std::string AliasRecord::Arn() const {
  return fmt::format("arn:aws:kms:{}:{}:{}", region.value, account.value, name);
}

bool GrantRecord::Allows(std::string_view operation) const {
  return std::ranges::find(operations, operation) != operations.end();
}

bool GrantRecord::Fits(const EncryptionContext& context) const {
  if (has_equals && context != context_equals) return false;
  return std::ranges::all_of(context_subset, [&](const auto& pair) {
    const auto at = context.find(pair.first);
    return at != context.end() && at->second == pair.second;
  });
}

std::string MaterialContext(const KeyId& key, size_t number) {
  return fmt::format("kms key {} {}", key.ToString(), number);
}

std::string EncodeKey(const KeyRecord& key) {
  json::array materials;
  for (const KeyMaterial& material : key.materials) materials.push_back(ToJson(material));
  json::object out{{"version", kRecordVersion},
                   {"account", key.account.value},
                   {"region", key.region.value},
                   {"id", key.id.ToString()},
                   {"state", static_cast<int64_t>(key.state)},
                   {"of_service", key.of_service},
                   {"description", ToText(key.description)},
                   {"created", ToMicros(key.created)},
                   {"policy", ToText(key.policy)},
                   {"tags", ToJson(key.tags)},
                   {"rotation", json::object{{"enabled", key.rotation.enabled},
                                             {"period_days", key.rotation.period_days},
                                             {"from", ToMicros(key.rotation.from)}}},
                   {"materials", std::move(materials)}};
  if (key.deletion) out.emplace("deletion", ToMicros(*key.deletion));
  return json::serialize(out);
}

std::string EncodeAlias(const AliasRecord& alias) {
  return json::serialize(json::object{{"version", kRecordVersion},
                                      {"account", alias.account.value},
                                      {"region", alias.region.value},
                                      {"name", alias.name},
                                      {"key", alias.key.ToString()},
                                      {"created", ToMicros(alias.created)},
                                      {"updated", ToMicros(alias.updated)}});
}

std::string EncodeGrant(const GrantRecord& grant) {
  json::array operations;
  for (const std::string& operation : grant.operations) operations.emplace_back(operation);
  json::object out{{"version", kRecordVersion},          {"id", grant.id},
                   {"key", grant.key.ToString()},        {"name", grant.name},
                   {"created", ToMicros(grant.created)}, {"grantee", grant.grantee},
                   {"retiring", grant.retiring},         {"issuer", grant.issuer},
                   {"operations", std::move(operations)}};
  if (grant.has_subset) out.emplace("context_subset", ToJson(grant.context_subset));
  if (grant.has_equals) out.emplace("context_equals", ToJson(grant.context_equals));
  return json::serialize(out);
}

Result<KeyRecord> DecodeKey(std::string_view text) {
  return catalog::DecodeRecord<KeyRecord>(text, kRecordVersion, "key", ReadKeyRecord);
}
Result<AliasRecord> DecodeAlias(std::string_view text) {
  return catalog::DecodeRecord<AliasRecord>(text, kRecordVersion, "alias", ReadAliasRecord);
}
Result<GrantRecord> DecodeGrant(std::string_view text) {
  return catalog::DecodeRecord<GrantRecord>(text, kRecordVersion, "grant", ReadGrantRecord);
}

std::string EncodeWholeKey(const WholeKey& whole) {
  std::string aliases, grants;
  for (const auto& alias : whole.aliases)
    aliases.append(aliases.empty() ? "" : ",").append(EncodeAlias(alias));
  for (const auto& grant : whole.grants)
    grants.append(grants.empty() ? "" : ",").append(EncodeGrant(grant));
  return fmt::format(R"({{"version":{},"key":{},"aliases":[{}],"grants":[{}]}})", kRecordVersion,
                     EncodeKey(whole.key), aliases, grants);
}

Result<WholeKey> DecodeWholeKey(std::string_view text) {
  return catalog::DecodeRecord<WholeKey>(text, kRecordVersion, "whole key", ReadWholeKey);
}

}  // namespace tidemark::kms
