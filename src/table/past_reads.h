// Reading tables as of an instant, or in a backup: who gives their rows. What gives them is above
// this module (pitr::Past, pitr::BackupReads), so it comes in by this seam.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "catalog/catalog.h"
#include "engine/table_store.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "table/open_table.h"

namespace tidemark::table {

class PastReads {
 public:
  // The table's rows after the last commit at or before the instant. Blocking.
  using At = std::function<Result<RowReaderPtr>(const catalog::TableRecord&, Timestamp)>;
  // The table with its settings of that instant. Blocking. Errors: as At.
  using TableAt = std::function<Result<catalog::TablePtr>(const catalog::TableRecord&, Timestamp)>;
  // The table in the backup Caller::from_backup, as `record` and `backup_rows`. Blocking.
  using InBackup = std::function<Result<OpenTable>(const Caller&)>;
  PastReads(At at, TableAt table_at, InBackup in_backup, runtime::BlockingPool& pool)
      : at_(std::move(at)),
        table_at_(std::move(table_at)),
        in_backup_(std::move(in_backup)),
        pool_(pool) {}

  Task<RowReaderPtr> Open(catalog::TablePtr table, Timestamp time) const;
  Task<catalog::TablePtr> Table(catalog::TablePtr table, Timestamp time) const;
  Task<std::optional<Bytes>> Get(catalog::TablePtr table, Timestamp time, Bytes row) const;

  // `name`: as the request names the table; kResourceNotFound: the backup is of another one.
  Task<OpenTable> OpenBackup(const Caller& caller, std::string_view name) const;
  Task<std::optional<Bytes>> Get(RowReaderPtr rows, Bytes row) const;

 private:
  const At at_;
  const TableAt table_at_;
  const InBackup in_backup_;
  runtime::BlockingPool& pool_;
};

}  // namespace tidemark::table
