// Where access keys are looked up: a set of root credentials now, users, roles and sessions later.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace tidemark::auth {

struct Credential {
  std::string secret;
  AccountId account;
  std::string arn;
  bool is_root = false;
  bool active = true;
  std::string session_token;         // empty: a long-term key, which comes without a token
  std::optional<Timestamp> expires;  // of a session
};

class CredentialStore {
 public:
  virtual ~CredentialStore() = default;
  // Null when the key is unknown. Called on I/O threads: quick, never blocks. Thread-safe. Shared,
  // because the store may replace the credential while a request still looks at it.
  virtual std::shared_ptr<const Credential> Lookup(const AccessKeyId& access_key) const = 0;
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
  std::shared_ptr<const Credential> Lookup(const AccessKeyId& access_key) const override;

 private:
  std::unordered_map<AccessKeyId, std::shared_ptr<const Credential>> credentials_;
};

}  // namespace tidemark::auth
