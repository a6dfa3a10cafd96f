// Sessions: temporary credentials of roles, users and federated users. Nothing is stored of them;
// a session ends with its time, or with the role or user it is of.
#pragma once
#include <mutex>
#include <unordered_map>

#include "iam/directory.h"
#include "iam/session.h"

namespace tidemark::iam {

struct IssuedSession {
  SessionPtr session;
  std::string token;
};

// Thread-safe; lives as long as the server. Does not block.
class Sessions {
 public:
  Sessions(const Directory& directory, Random& random) : directory_(directory), random_(random) {}

  // Gives `session` an access key and a secret. kRequestTooLarge: policies and tags.
  Result<IssuedSession> Issue(Session session) const;
  // What a token of this server stands for, judged by the policies of this moment. Null: it is no
  // such token, is of another access key, or its role or user is gone. Whether it has expired is
  // for the caller to look at.
  std::shared_ptr<const Credential> Find(const AccessKeyId& access_key,
                                         std::string_view token) const;
  // When and where a session of the role with this id was used last, since the start.
  std::optional<LastUse::Value> LastUseOf(const std::string& entity_id) const;
  // The account in the id of a session's access key, if `id` looks like one.
  static std::optional<AccountId> AccountOf(std::string_view id);

 private:
  struct Opened {
    SessionPtr session;
    uint64_t generation = 0;  // of the directory that `credential` was made from
    std::shared_ptr<const Credential> credential;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::shared_ptr<const Credential> MakeCredential(const SessionPtr& session,
                                                   std::string_view token) const;

  const Directory& directory_;
  Random& random_;
  mutable std::mutex mutex_;
  // By token; only tokens that opened, so strangers cannot fill it. When full it starts again.
  mutable std::unordered_map<std::string, Opened, Hash, std::equal_to<>> opened_;
  mutable std::unordered_map<std::string, std::shared_ptr<LastUse>> last_uses_;  // by role
};

}  // namespace tidemark::iam
