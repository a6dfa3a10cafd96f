#pragma once
#include <memory>
#include <string>

#include "base/ids.h"
#include "iam/identity.h"

namespace tidemark::auth {

// Who sent a request, and for which Region: the result of checking its signature.
struct Principal {
  AccountId account;
  Region region;  // of the credential scope
  AccessKeyId access_key;
  std::string arn;  // "arn:aws:iam::123456789012:root"
  bool is_root = false;
  // Of a user or session: what it may do. Null: root.
  std::shared_ptr<const iam::Identity> identity;
  iam::SessionPtr session;  // null: a long-term key
};

}  // namespace tidemark::auth
