// What an account's protection lacks, and the command that mends it. Looks at records only.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "kms/key_store.h"
#include "vault/vault_store.h"

namespace tidemark::advice {

enum class Severity { kHigh, kMedium, kLow };
std::string_view ToString(Severity severity);  // "HIGH"

struct Finding {
  Severity severity = Severity::kLow;
  std::string_view check;  // "RECOVERY_OFF"; static
  Region region;
  std::string resource;  // ARN of what it is about
  std::string text;      // what is wrong, in one sentence
  std::string command;   // what mends it
};

struct Sources {
  const catalog::Catalog& catalog;
  const vault::VaultStore& vaults;
  const kms::KeyStore& keys;
  bool has_store;  // the server was started with a backup store
};

struct Question {
  AccountId account;
  Timestamp now;
  std::chrono::days backup_age_max{7};  // an older last backup is found too old
};

// Of all Regions, the gravest first, then by check and resource. Any thread; does not block.
std::vector<Finding> Examine(const Sources& sources, const Question& question);

}  // namespace tidemark::advice
