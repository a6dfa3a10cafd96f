// A request to AWS Backup that is authenticated and allowed, and what its answers are made of.
#pragma once
#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/vaults/backup_api.h"
#include "auth/principal.h"
#include "codec/json_reader.h"
#include "codec/json_writer.h"
#include "policy/actions.h"
#include "vault/plans.h"
#include "vault/vaults.h"

namespace tidemark::api::vault_rest {

using codec::JsonValue;
using codec::JsonWriter;
using TextPairs = std::vector<std::pair<std::string, std::string>>;

struct VaultCall {
  const VaultServices& services;
  const auth::Principal& principal;
  const http::Request& request;
  vault::VaultScope scope;
};

// Whether the caller may do that: its policies, those of the vault the request is about, which also
// bind an account's root user, and iam:PassRole on the role it names. `body`: the request's
// document. kAccessDenied.
Result<void> AuthorizeCall(const VaultCall& call, const policy::Action& action, JsonValue body);

// Whether the caller may read items of that backup or recovery point, of the account in the call's
// scope: likewise, of the vault that it is in.
Result<void> AuthorizeRead(const VaultCall& call, std::string_view arn, JsonValue body);

// Of a request whose subject is in another account, as `account` says, if that is given: a
// logically air-gapped vault which the caller is let into, as AuthorizeCall has found.
vault::VaultScope OwnerScope(const VaultCall& call, const std::optional<std::string>& account);
// Those of other accounts into which the caller is let. `body`: the request's document.
std::vector<vault::Ptr<vault::VaultRecord>> SharedVaults(const VaultCall& call, JsonValue body);

// iam:PassRole on it, to AWS Backup. kAccessDenied.
Result<void> AuthorizePassRole(const VaultCall& call, const std::string& role);

// Makes the vault Default if rules of the plan name it and it is not there, under the account's key
// of AWS Backup, as AWS's console does; not for who may not create vaults.
Result<void> EnsureDefaultVault(const VaultCall& call, const vault::PlanDocument& document);

// Whether the role may put a table under the key that the metadata of a restore names, if it names
// one. kAccessDenied.
Result<void> AuthorizeKeyOfTable(const VaultCall& call, const std::string& role_arn,
                                 const vault::Tags& metadata);

vault::Tags ToTags(const std::optional<TextPairs>& pairs);

// Null: there is no such plan, or it is deleted.
vault::Ptr<vault::PlanRecord> FindPlanByArn(const vault::VaultScope& scope, std::string_view arn);

// A plan's document, as it is at the member BackupPlan of a request. Errors of its form.
Result<vault::PlanDocument> ReadPlanDocument(JsonValue json);
void WritePlanDocument(const vault::PlanDocument& document, JsonWriter* w);  // a value

void WriteTexts(std::string_view name, const std::vector<std::string>& texts, JsonWriter* w);
void WriteTextMap(std::string_view name, const vault::Tags& tags, JsonWriter* w);
void WriteVault(const VaultCall& call, const vault::VaultRecord& vault, JsonWriter* w);  // members
void WritePoint(const VaultCall& call, const vault::PointRecord& point, JsonWriter* w);  // members
void WriteLifecycle(std::string_view name, const vault::Lifecycle& lifecycle, JsonWriter* w);
void WriteCreator(const vault::Place& place, const std::optional<vault::PlanOrigin>& by,
                  JsonWriter* w);
void WriteLifecycles(const vault::PointRecord& point, JsonWriter* w);   // also the calculated one
void WriteBackupJob(const vault::BackupJobRecord& job, JsonWriter* w);  // members
// Members.
void WriteCopyJob(const VaultCall& call, const vault::CopyJobRecord& job, JsonWriter* w);
// Of a key, whose ARN is not told if it is of no account.
void WriteKey(std::string_view name, const std::string& key_arn, JsonWriter* w);
// Members.
void WriteRestoreJob(const VaultCall& call, const vault::RestoreJobRecord& job, JsonWriter* w);

struct PageRequest {
  const std::optional<int64_t>& limit;
  const std::optional<std::string>& token;
};
// What a list goes on behind; empty: it begins. vault::Fault::kInvalidParameter.
Result<std::string> ReadToken(const std::optional<std::string>& token);
std::string MakeToken(std::string_view last);
// A text that sorts the newest first.
inline std::string NewestFirst(Timestamp time, std::string_view id) {
  return fmt::format("{:019}/{}", std::numeric_limits<int64_t>::max() - ToMicros(time), id);
}

// One page of `all` in order of `key_of`, which no two have alike, as an answer's whole body: the
// list, and NextToken.
template <class T, class KeyOf, class Write>
Result<std::string> PageAnswer(std::string_view list, std::vector<T> all, const PageRequest& page,
                               KeyOf key_of, Write write) {
  constexpr int64_t kLimitDefault = 1000;
  TM_TRY(const std::string after, ReadToken(page.token));
  const auto limit = static_cast<size_t>(page.limit.value_or(kLimitDefault));
  std::vector<std::pair<std::string, T>> due;
  for (T& one : all) {
    std::string key = key_of(one);
    if (key > after) due.emplace_back(std::move(key), std::move(one));
  }
  std::ranges::sort(due, {}, [](const auto& one) -> const std::string& { return one.first; });
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key(list).BeginArray();
  for (size_t i = 0; i < std::min(limit, due.size()); ++i) {
    w.BeginObject();
    write(due[i].second, &w);
    w.EndObject();
  }
  w.EndArray();
  if (due.size() > limit) w.Field("NextToken", MakeToken(due[limit - 1].first));
  w.EndObject();
  return answer;
}

}  // namespace tidemark::api::vault_rest
