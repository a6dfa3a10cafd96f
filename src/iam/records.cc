#include "iam/records.h"

#include <algorithm>

#include "base/assert.h"
#include "catalog/json_fields.h"
#include "codec/base64.h"

namespace tidemark::iam {
namespace {

namespace json = boost::json;
using catalog::Fields;

constexpr int64_t kVersion = 1;

std::string ArnOf(const AccountId& account, std::string_view kind, std::string_view path,
                  std::string_view name) {
  return fmt::format("arn:aws:iam::{}:{}{}{}", account.value, kind, path, name);
}

json::string Text(std::string_view text) {
  return json::string(json::string_view(text.data(), text.size()));
}

json::array ToJson(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(Text(text));
  return out;
}

json::object ToJson(const Tags& tags) {
  json::object out;
  for (const auto& [key, value] : tags) out.emplace(key, Text(value));
  return out;
}

json::object ToJson(const InlinePolicies& policies) {
  json::object out;
  for (const auto& [name, policy] : policies) out.emplace(name, Text(policy.text));
  return out;
}

json::object ToJson(const AccessKey& key) {
  return {{"id", key.id.value},
          {"wrapped", codec::EncodeBase64(key.wrapped)},
          {"sealed", codec::EncodeBase64(key.sealed)},
          {"active", key.active},
          {"created", ToMicros(key.created)}};
}

AccessKey ReadKey(Fields fields) {
  AccessKey key;
  key.id = AccessKeyId(fields.Text("id"));
  key.wrapped = fields.Binary("wrapped");
  key.sealed = fields.Binary("sealed");
  key.active = fields.Bool("active");
  key.created = fields.Time("created");
  return key;
}

// What was accepted once is accepted still: else the record is damaged.
PolicyText ReadPolicy(std::string text,
                      policy::DocumentKind kind = policy::DocumentKind::kIdentity) {
  auto policy = PolicyText::Parse(std::move(text), kind);
  if (!policy) throw std::invalid_argument(policy.error().message);
  return *std::move(policy);
}

InlinePolicies ReadInline(Fields fields) {
  InlinePolicies policies;
  for (const std::string& name : fields.Names()) policies[name] = ReadPolicy(fields.Text(name));
  return policies;
}

Tags ReadTags(Fields fields) {
  Tags tags;
  for (const std::string& name : fields.Names()) tags[name] = fields.Text(name);
  return tags;
}

AccountRecord ReadAccount(Fields fields) {
  AccountRecord account;
  account.account = AccountId(fields.Text("account"));
  account.id = account.account.value;
  account.name = fields.Text("name");
  account.created = fields.Time("created");
  for (const Fields key : fields.Objects("keys")) account.keys.push_back(ReadKey(key));
  return account;
}

UserRecord ReadUser(Fields fields) {
  UserRecord user;
  user.account = AccountId(fields.Text("account"));
  user.id = fields.Text("id");
  user.name = fields.Text("name");
  user.path = fields.Text("path");
  user.created = fields.Time("created");
  user.tags = ReadTags(fields.Object("tags"));
  user.inline_policies = ReadInline(fields.Object("inline"));
  user.attached = fields.Texts("attached");
  user.boundary = fields.Text("boundary");
  user.groups = fields.Texts("groups");
  for (const Fields key : fields.Objects("keys")) user.keys.push_back(ReadKey(key));
  return user;
}

GroupRecord ReadGroup(Fields fields) {
  GroupRecord group;
  group.account = AccountId(fields.Text("account"));
  group.id = fields.Text("id");
  group.name = fields.Text("name");
  group.path = fields.Text("path");
  group.created = fields.Time("created");
  group.inline_policies = ReadInline(fields.Object("inline"));
  group.attached = fields.Texts("attached");
  return group;
}

RoleRecord ReadRole(Fields fields) {
  RoleRecord role;
  role.account = AccountId(fields.Text("account"));
  role.id = fields.Text("id");
  role.name = fields.Text("name");
  role.path = fields.Text("path");
  role.description = fields.Text("description");
  role.created = fields.Time("created");
  role.session_max = std::chrono::seconds(fields.Int("session_max"));
  role.trust = ReadPolicy(fields.Text("trust"), policy::DocumentKind::kTrust);
  role.tags = ReadTags(fields.Object("tags"));
  role.inline_policies = ReadInline(fields.Object("inline"));
  role.attached = fields.Texts("attached");
  role.boundary = fields.Text("boundary");
  return role;
}

PolicyRecord ReadManaged(Fields fields) {
  PolicyRecord policy;
  policy.account = AccountId(fields.Text("account"));
  policy.id = fields.Text("id");
  policy.name = fields.Text("name");
  policy.path = fields.Text("path");
  policy.description = fields.Text("description");
  policy.tags = ReadTags(fields.Object("tags"));
  policy.created = fields.Time("created");
  policy.updated = fields.Time("updated");
  policy.default_version = fields.Int("default_version");
  policy.last_version = fields.Int("last_version");
  for (const Fields version : fields.Objects("versions")) {
    policy.versions.push_back(
        {version.Int("number"), ReadPolicy(version.Text("document")), version.Time("created")});
  }
  if (!policy.Find(policy.default_version)) throw std::out_of_range("default_version");
  return policy;
}

}  // namespace

Result<PolicyText> PolicyText::Parse(std::string text, policy::DocumentKind kind) {
  TM_TRY(auto document, policy::ParseDocument(text, kind));
  return PolicyText{std::move(text), std::make_shared<const policy::Document>(std::move(document))};
}

std::string UserRecord::Arn() const { return ArnOf(account, "user", path, name); }
std::string GroupRecord::Arn() const { return ArnOf(account, "group", path, name); }
std::string RoleRecord::Arn() const { return ArnOf(account, "role", path, name); }
std::string PolicyRecord::Arn() const { return ArnOf(account, "policy", path, name); }

const PolicyVersion* PolicyRecord::Find(int64_t number) const {
  const auto at = std::ranges::find(versions, number, &PolicyVersion::number);
  return at == versions.end() ? nullptr : &*at;
}

const PolicyVersion& PolicyRecord::Default() const {
  const PolicyVersion* version = Find(default_version);
  TM_ASSERT(version);
  return *version;
}

std::string EncodeAccount(const AccountRecord& account) {
  json::array keys;
  for (const AccessKey& key : account.keys) keys.push_back(ToJson(key));
  return json::serialize(json::object{{"version", kVersion},
                                      {"account", account.account.value},
                                      {"name", Text(account.name)},
                                      {"created", ToMicros(account.created)},
                                      {"keys", std::move(keys)}});
}

std::string EncodeUser(const UserRecord& user) {
  json::array keys;
  for (const AccessKey& key : user.keys) keys.push_back(ToJson(key));
  return json::serialize(json::object{{"version", kVersion},
                                      {"account", user.account.value},
                                      {"id", user.id},
                                      {"name", user.name},
                                      {"path", user.path},
                                      {"created", ToMicros(user.created)},
                                      {"tags", ToJson(user.tags)},
                                      {"inline", ToJson(user.inline_policies)},
                                      {"attached", ToJson(user.attached)},
                                      {"boundary", user.boundary},
                                      {"groups", ToJson(user.groups)},
                                      {"keys", std::move(keys)}});
}

std::string EncodeGroup(const GroupRecord& group) {
  return json::serialize(json::object{{"version", kVersion},
                                      {"account", group.account.value},
                                      {"id", group.id},
                                      {"name", group.name},
                                      {"path", group.path},
                                      {"created", ToMicros(group.created)},
                                      {"inline", ToJson(group.inline_policies)},
                                      {"attached", ToJson(group.attached)}});
}

std::string EncodeRole(const RoleRecord& role) {
  return json::serialize(json::object{{"version", kVersion},
                                      {"account", role.account.value},
                                      {"id", role.id},
                                      {"name", role.name},
                                      {"path", role.path},
                                      {"description", Text(role.description)},
                                      {"created", ToMicros(role.created)},
                                      {"session_max", role.session_max.count()},
                                      {"trust", Text(role.trust.text)},
                                      {"tags", ToJson(role.tags)},
                                      {"inline", ToJson(role.inline_policies)},
                                      {"attached", ToJson(role.attached)},
                                      {"boundary", role.boundary}});
}

std::string EncodePolicy(const PolicyRecord& policy) {
  json::array versions;
  for (const PolicyVersion& version : policy.versions) {
    versions.push_back(json::object{{"number", version.number},
                                    {"document", version.text.text},
                                    {"created", ToMicros(version.created)}});
  }
  return json::serialize(json::object{{"version", kVersion},
                                      {"account", policy.account.value},
                                      {"id", policy.id},
                                      {"name", policy.name},
                                      {"path", policy.path},
                                      {"description", policy.description},
                                      {"tags", ToJson(policy.tags)},
                                      {"created", ToMicros(policy.created)},
                                      {"updated", ToMicros(policy.updated)},
                                      {"default_version", policy.default_version},
                                      {"last_version", policy.last_version},
                                      {"versions", std::move(versions)}});
}

Result<AccountRecord> DecodeAccount(std::string_view text) {
  return catalog::DecodeRecord<AccountRecord>(text, kVersion, "account", ReadAccount);
}
Result<UserRecord> DecodeUser(std::string_view text) {
  return catalog::DecodeRecord<UserRecord>(text, kVersion, "user", ReadUser);
}
Result<GroupRecord> DecodeGroup(std::string_view text) {
  return catalog::DecodeRecord<GroupRecord>(text, kVersion, "group", ReadGroup);
}
Result<RoleRecord> DecodeRole(std::string_view text) {
  return catalog::DecodeRecord<RoleRecord>(text, kVersion, "role", ReadRole);
}
Result<PolicyRecord> DecodePolicy(std::string_view text) {
  return catalog::DecodeRecord<PolicyRecord>(text, kVersion, "policy", ReadManaged);
}

}  // namespace tidemark::iam
