// Our own operations on accounts: for the root user of the account that the server began with, who
// is its operator.
#pragma once
#include <vector>

#include "api/operation.h"
#include "base/clock.h"
#include "base/random.h"
#include "iam/directory.h"
#include "runtime/blocking.h"

namespace tidemark::api::accounts {

// All of it lives as long as the server.
struct AccountServices {
  iam::Directory& directory;
  AccountId first;  // the operator's
  runtime::BlockingPool& pool;
  const Clock& real_clock;
  Random& random;
};

// `services` must outlive what is returned. No policy grants them, and they refuse every account
// but the first.
std::vector<Operation> Operations(const AccountServices& services);

}  // namespace tidemark::api::accounts
