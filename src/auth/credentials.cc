#include "auth/credentials.h"

namespace tidemark::auth {

RootCredentials::RootCredentials(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    credentials_[entry.access_key] = std::make_shared<const Credential>(
        Credential{.secret = entry.secret,
                   .account = entry.account,
                   .arn = "arn:aws:iam::" + entry.account.value + ":root",
                   .is_root = true});
  }
}

std::shared_ptr<const Credential> RootCredentials::Lookup(const AccessKeyId& access_key,
                                                          std::string_view) const {
  auto found = credentials_.find(access_key);
  return found == credentials_.end() ? nullptr : found->second;
}

}  // namespace tidemark::auth
