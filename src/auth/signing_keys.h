// Signing keys already derived: a client's key is the same for a day, deriving it costs as much as
// all the rest of a check.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "crypto/hash.h"

namespace tidemark::auth {

// Thread-safe. Holds at most `keys_max`; when full it starts again from nothing.
class SigningKeys {
 public:
  explicit SigningKeys(size_t keys_max) : keys_max_(keys_max) {}

  // `credential` is the whole "keyid/date/region/service/aws4_request". Null when absent, or when
  // the access key has another secret now.
  std::shared_ptr<const crypto::HmacKey> Find(std::string_view credential,
                                              std::string_view secret) const;
  // Only after a signature was right: so strangers cannot fill the table.
  void Add(std::string_view credential, std::string_view secret,
           std::shared_ptr<const crypto::HmacKey> key);
  size_t size() const;

 private:
  struct Entry {
    std::string secret;
    std::shared_ptr<const crypto::HmacKey> key;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  const size_t keys_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> keys_;
};

}  // namespace tidemark::auth
