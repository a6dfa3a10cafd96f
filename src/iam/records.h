// What is stored of accounts, users, groups, roles and managed policies: one record each, replaced
// whole, so every act of administration is one durable row. Values.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "policy/document.h"

namespace tidemark::iam {

// A policy's text as it was given, and compiled.
struct PolicyText {
  std::string text;
  std::shared_ptr<const policy::Document> document;  // shared: records are copied, it never changes

  // kSerialization.
  static Result<PolicyText> Parse(std::string text,
                                  policy::DocumentKind kind = policy::DocumentKind::kIdentity);
};

struct AccessKey {
  AccessKeyId id;
  std::string secret;  // in memory only
  Bytes wrapped;       // the key its secret is sealed under
  Bytes sealed;
  bool active = true;
  Timestamp created{};
};

using InlinePolicies = std::map<std::string, PolicyText>;  // by name
using Tags = std::map<std::string, std::string>;

struct UserRecord {
  AccountId account;
  std::string id;  // AIDA...: stays when the name changes
  std::string name;
  std::string path = "/";
  Timestamp created{};
  Tags tags;
  InlinePolicies inline_policies;
  std::vector<std::string> attached;  // ARNs, in the order of attaching
  std::string boundary;               // an ARN; empty: none
  std::vector<std::string> groups;    // ids
  std::vector<AccessKey> keys;

  std::string Arn() const;  // arn:aws:iam::ACCOUNT:user/path/name
};

// An account beside the first one, and the keys of its root user.
struct AccountRecord {
  AccountId account;
  std::string id;    // the same: records are found by it
  std::string name;  // for people
  Timestamp created{};
  std::vector<AccessKey> keys;
};

struct GroupRecord {
  AccountId account;
  std::string id;  // AGPA...
  std::string name;
  std::string path = "/";
  Timestamp created{};
  InlinePolicies inline_policies;
  std::vector<std::string> attached;

  std::string Arn() const;
};

struct RoleRecord {
  AccountId account;
  std::string id;  // AROA...
  std::string name;
  std::string path = "/";
  std::string description;
  Timestamp created{};
  std::chrono::seconds session_max{3600};  // how long its sessions may last
  PolicyText trust;                        // who may assume it
  Tags tags;
  InlinePolicies inline_policies;
  std::vector<std::string> attached;
  std::string boundary;

  std::string Arn() const;  // arn:aws:iam::ACCOUNT:role/path/name
};

struct PolicyVersion {
  int64_t number = 1;  // "v1"
  PolicyText text;
  Timestamp created{};
};

// A managed policy. Never empty of versions.
struct PolicyRecord {
  AccountId account;  // "aws": one that comes with the server
  std::string id;     // ANPA...
  std::string name;
  std::string path = "/";
  std::string description;
  Tags tags;
  Timestamp created{};
  Timestamp updated{};
  int64_t default_version = 1;
  int64_t last_version = 1;  // numbers are not used again
  std::vector<PolicyVersion> versions;

  std::string Arn() const;
  const PolicyVersion* Find(int64_t number) const;
  const PolicyVersion& Default() const;
};

std::string EncodeAccount(const AccountRecord& account);
std::string EncodeUser(const UserRecord& user);
std::string EncodeGroup(const GroupRecord& group);
std::string EncodeRole(const RoleRecord& role);
std::string EncodePolicy(const PolicyRecord& policy);
// kCorruption. Secrets are still sealed.
Result<AccountRecord> DecodeAccount(std::string_view json);
Result<UserRecord> DecodeUser(std::string_view json);
Result<GroupRecord> DecodeGroup(std::string_view json);
Result<RoleRecord> DecodeRole(std::string_view json);
Result<PolicyRecord> DecodePolicy(std::string_view json);

}  // namespace tidemark::iam
