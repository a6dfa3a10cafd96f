// Reading tables as of an instant: who gives their rows. What gives them is above this module
// (pitr::Past), so it comes in by this seam.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "catalog/catalog.h"
#include "engine/table_store.h"
#include "runtime/blocking.h"
#include "runtime/task.h"

namespace tidemark::table {

using RowReaderPtr = std::shared_ptr<const engine::RowReader>;

class PastReads {
 public:
  // The table's rows after the last commit at or before the instant. Blocking.
  using At = std::function<Result<RowReaderPtr>(const catalog::TableRecord&, Timestamp)>;
  // The table with its settings of that instant. Blocking. Errors: as At.
  using TableAt = std::function<Result<catalog::TablePtr>(const catalog::TableRecord&, Timestamp)>;
  PastReads(At at, TableAt table_at, runtime::BlockingPool& pool)
      : at_(std::move(at)), table_at_(std::move(table_at)), pool_(pool) {}

  Task<RowReaderPtr> Open(catalog::TablePtr table, Timestamp time) const;
  Task<catalog::TablePtr> Table(catalog::TablePtr table, Timestamp time) const;
  Task<std::optional<Bytes>> Get(catalog::TablePtr table, Timestamp time, Bytes row) const;

 private:
  const At at_;
  const TableAt table_at_;
  runtime::BlockingPool& pool_;
};

}  // namespace tidemark::table
