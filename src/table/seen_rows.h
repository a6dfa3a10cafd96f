// Rows that a request has named so far, over all its tables: a table may come twice, by name and by
// ARN.
#pragma once
#include <unordered_set>

#include "base/bytes.h"
#include "base/ids.h"

namespace tidemark::table {

class SeenRows {
 public:
  // False: it was named before.
  bool Add(TableId table, const Bytes& row) {
    return seen_.insert(Bytes(table.AsBytes()) + row).second;
  }

 private:
  std::unordered_set<Bytes> seen_;
};

}  // namespace tidemark::table
