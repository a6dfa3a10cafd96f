// Whose a table, index or stream is that a request names by ARN, and the policy it has.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"
#include "catalog/catalog.h"
#include "policy/document.h"

namespace tidemark::api::dynamodb {

struct OwnedResource {
  AccountId account;                                // empty: the ARN names none
  catalog::TablePtr table;                          // null: there is none, or it is not about one
  const catalog::ResourcePolicy* policy = nullptr;  // in `table`; null: it has none
};

// Of any text. Quick.
OwnedResource FindOwned(std::string_view arn, const catalog::Catalog& catalog);

// Policies of resources, compiled: each revision once. Thread-safe; bounded, when full it starts
// again.
class CompiledPolicies {
 public:
  // Null: `policy` is null, or does not parse, which was checked when it was put.
  std::shared_ptr<const policy::Document> Find(const catalog::ResourcePolicy* policy) const;

 private:
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, std::shared_ptr<const policy::Document>> by_revision_;
};

}  // namespace tidemark::api::dynamodb
