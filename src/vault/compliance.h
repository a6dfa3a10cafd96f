// What controls find of an account's tables, plans, vaults and recovery points, as they are now.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "iam/directory.h"
#include "kms/key_store.h"
#include "vault/framework_records.h"
#include "vault/vault_store.h"

namespace tidemark::vault {

// What controls look at. Any thread.
struct ControlFacts {
  VaultStore& store;  // read alone
  const catalog::Catalog& catalog;
  const kms::KeyStore& keys;
  const iam::Directory& directory;
};

// Of one resource.
struct Finding {
  std::string type;  // "AWS::DynamoDB::Table"
  std::string id;    // a table's or vault's name, a plan's id, a recovery point's ARN
  std::string arn;
  std::string lacks;  // and what mends it; empty: it complies
};

// All that the control judges in an account and Region, in order of ARNs.
std::vector<Finding> Evaluate(const ControlFacts& facts, const Place& place, const Control& control,
                              Timestamp now);

struct Compliance {
  size_t compliant = 0, others = 0;
  // "COMPLIANT", "NON_COMPLIANT", or "INSUFFICIENT_DATA": there was nothing to judge.
  std::string_view status() const;
};
Compliance Count(const std::vector<Finding>& findings);

}  // namespace tidemark::vault
