// Where access keys are looked up: root credentials, fixed at start, and those of users.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "iam/credential.h"
#include "iam/directory.h"
#include "iam/sessions.h"

namespace tidemark::auth {

using iam::Credential;

class CredentialStore {
 public:
  virtual ~CredentialStore() = default;
  // Null when the key is unknown. Called on I/O threads: quick, never blocks. Thread-safe. Shared,
  // because the store may replace the credential while a request still looks at it. Sessions are
  // known by their token, which long-term keys come without ("").
  virtual std::shared_ptr<const Credential> Lookup(const AccessKeyId& access_key,
                                                   std::string_view session_token) const = 0;
};

// The root credentials of one or more accounts, fixed at start.
class RootCredentials : public CredentialStore {
 public:
  struct Entry {
    AccessKeyId access_key;
    std::string secret;
    AccountId account;
  };
  explicit RootCredentials(const std::vector<Entry>& entries);
  std::shared_ptr<const Credential> Lookup(const AccessKeyId& access_key,
                                           std::string_view session_token) const override;

 private:
  std::unordered_map<AccessKeyId, std::shared_ptr<const Credential>> credentials_;
};

// Root's keys, then users', and sessions by their tokens.
class AllCredentials : public CredentialStore {
 public:
  AllCredentials(RootCredentials root, const iam::Directory& directory,
                 const iam::Sessions& sessions)
      : root_(std::move(root)), directory_(directory), sessions_(sessions) {}
  std::shared_ptr<const Credential> Lookup(const AccessKeyId& access_key,
                                           std::string_view session_token) const override {
    auto found = root_.Lookup(access_key, session_token);
    if (!found) found = directory_.FindKey(access_key);
    if (!found && !session_token.empty()) found = sessions_.Find(access_key, session_token);
    return found;
  }

 private:
  const RootCredentials root_;
  const iam::Directory& directory_;
  const iam::Sessions& sessions_;
};

}  // namespace tidemark::auth
