// What a session token says, and the token: a value sealed under a key of the server, so that
// nothing is stored of sessions and nobody but the server can read or make one.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "iam/records.h"

namespace tidemark::iam {

struct Session {
  enum class Kind {
    kRole,
    kUser,
    kFederatedUser
  };  // AssumeRole, GetSessionToken, ...Federation...
  Kind kind = Kind::kRole;
  AccountId account;
  std::string entity_id;  // of the role or user; empty: the account's root user
  std::string name;       // RoleSessionName, or the federated user's name
  AccessKeyId access_key;
  std::string secret;
  Timestamp issued{};
  Timestamp expires{};
  PolicyText policy;                     // without a document: none was given
  std::vector<std::string> policy_arns;  // managed session policies
  Tags tags;                             // inherited ones among them
  std::vector<std::string> transitive;   // keys of tags that the next role in a chain gets too
  std::string source_identity;

  // A federated user has no more than its session policies allow, so none allow nothing.
  bool has_policies() const {
    return kind == Kind::kFederatedUser || policy.document || !policy_arns.empty();
  }
  // What policies and tags take of kPackedMax.
  size_t PackedBytes() const;
};
using SessionPtr = std::shared_ptr<const Session>;

inline constexpr size_t kPackedMax = 4096;  // so that tokens fit into a request's head

// token := base64(version:u8 nonce:12 sealed); sealed holds JSON. The version is authenticated.
std::string SealSession(const Session& session, const crypto::Aead& key, Random& random);
// kUnrecognizedClient: no token of this server. Whether it has expired is not looked at.
Result<Session> OpenSession(std::string_view token, const crypto::Aead& key);

}  // namespace tidemark::iam
