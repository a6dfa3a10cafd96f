// Where access keys are looked up: root credentials, fixed at start, and those of users.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "iam/credential.h"
#include "iam/directory.h"

namespace tidemark::auth {

using iam::Credential;

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

// Root's keys, then users'.
class AllCredentials : public CredentialStore {
 public:
  AllCredentials(RootCredentials root, const iam::Directory& directory)
      : root_(std::move(root)), directory_(directory) {}
  std::shared_ptr<const Credential> Lookup(const AccessKeyId& access_key) const override {
    auto root = root_.Lookup(access_key);
    return root ? root : directory_.FindKey(access_key);
  }

 private:
  const RootCredentials root_;
  const iam::Directory& directory_;
};

}  // namespace tidemark::auth
