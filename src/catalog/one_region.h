// A server with one shard, for tests.
#pragma once
#include <vector>

#include "catalog/catalog.h"

namespace tidemark::catalog {

// Whatever Region is asked for.
class OneRegion : public Shards {
 public:
  shard::Shard* shard = nullptr;
  shard::Shard* Find(const Region&) const override { return shard; }
  Result<shard::Shard*> Ensure(const Region&) override { return shard; }
  std::vector<shard::Shard*> All() const override { return {shard}; }
};

}  // namespace tidemark::catalog
