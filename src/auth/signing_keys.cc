#include "auth/signing_keys.h"

#include <utility>

namespace tidemark::auth {

std::shared_ptr<const crypto::HmacKey> SigningKeys::Find(std::string_view credential,
                                                         std::string_view secret) const {
  std::lock_guard lock(mutex_);
  auto found = keys_.find(credential);
  if (found == keys_.end() || found->second.secret != secret) return nullptr;
  return found->second.key;
}

void SigningKeys::Add(std::string_view credential, std::string_view secret,
                      std::shared_ptr<const crypto::HmacKey> key) {
  std::lock_guard lock(mutex_);
  if (keys_.size() >= keys_max_) keys_.clear();
  keys_.insert_or_assign(std::string(credential), Entry{std::string(secret), std::move(key)});
}

size_t SigningKeys::size() const {
  std::lock_guard lock(mutex_);
  return keys_.size();
}

}  // namespace tidemark::auth
