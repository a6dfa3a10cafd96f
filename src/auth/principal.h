#pragma once
#include <string>

#include "base/ids.h"

namespace tidemark::auth {

// Who sent a request, and for which Region: the result of checking its signature.
struct Principal {
  AccountId account;
  Region region;  // of the credential scope
  AccessKeyId access_key;
  std::string arn;  // "arn:aws:iam::123456789012:root"
  bool is_root = false;
};

}  // namespace tidemark::auth
