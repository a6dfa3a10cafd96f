// What an access key stands for.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "iam/identity.h"

namespace tidemark::iam {

// When and for what a key was used last, since the server's start. Thread-safe.
class LastUse {
 public:
  struct Value {
    Timestamp time{};
    std::string service;
    std::string region;
  };
  // Kept to the minute, so a busy key takes no lock.
  void Note(Timestamp now, std::string_view service, std::string_view region);
  std::optional<Value> Get() const;

 private:
  std::atomic<int64_t> minute_{-1};
  mutable std::mutex mutex_;
  Value value_;
};

struct Credential {
  std::string secret;
  AccountId account;
  std::string arn;
  bool is_root = false;
  bool active = true;
  std::string session_token;                 // empty: a long-term key, which comes without a token
  SessionPtr session;                        // null: a long-term key
  std::shared_ptr<const Identity> identity;  // null: root
  std::shared_ptr<LastUse> last_use;         // shared by all states of the key; null: root
};

}  // namespace tidemark::iam
