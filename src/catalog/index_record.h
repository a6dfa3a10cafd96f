// A secondary index as the catalog knows it. A value, part of its table's record.
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "catalog/throughput.h"
#include "index/definition.h"

namespace tidemark::catalog {

// An index of a live table is CREATING while it is waited for requests that do not know it
// (definition.deletes_only), older items are put into it (definition.building) and all are counted,
// DELETING until its rows are gone for good. Only changes keep up indexes that are
// not DELETING, only ACTIVE ones are read.
enum class IndexStatus { kCreating, kActive, kDeleting };

std::string_view ToString(IndexStatus status);  // "CREATING", ...

struct IndexRecord {
  std::string name;
  bool local = false;  // its rows count towards the table's item collections
  index::Definition definition;
  IndexStatus status = IndexStatus::kActive;
  // Since when its rows are complete, for restores: zero, with the table; else the commit time from
  // which on nothing was missing.
  Timestamp ready_at{};
  // How far a build has come: key of the last of the table's rows that is in the index. For
  // resuming.
  Bytes built_to;
  Throughput throughput;  // global ones
  std::optional<OnDemandThroughput> on_demand;
  bool operator==(const IndexRecord&) const = default;

  bool IsKept() const { return status != IndexStatus::kDeleting; }  // by changes of items
};

}  // namespace tidemark::catalog
