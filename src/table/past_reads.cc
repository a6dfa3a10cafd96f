#include "table/past_reads.h"

#include "table/table_name.h"

namespace tidemark::table {

Task<RowReaderPtr> PastReads::Open(catalog::TablePtr table, Timestamp time) const {
  auto open = [&] { return at_(*table, time); };
  co_return co_await runtime::Blocking(pool_, std::move(open));
}

Task<catalog::TablePtr> PastReads::Table(catalog::TablePtr table, Timestamp time) const {
  auto find = [&] { return table_at_(*table, time); };
  co_return co_await runtime::Blocking(pool_, std::move(find));
}

Task<std::optional<Bytes>> PastReads::Get(catalog::TablePtr table, Timestamp time,
                                          Bytes row) const {
  auto get = [&]() -> Result<std::optional<Bytes>> {
    TM_TRY(const auto rows, at_(*table, time));
    return rows->Get(row);
  };
  co_return co_await runtime::Blocking(pool_, std::move(get));
}

Task<OpenTable> PastReads::OpenBackup(const Caller& caller, std::string_view name) const {
  TM_CO_TRY(const std::string_view plain, TableNameOf(caller, name));
  auto open = [&] { return in_backup_(caller); };
  TM_CO_TRY(auto table, co_await runtime::Blocking(pool_, std::move(open)));
  if (table.record->name == plain) co_return table;
  co_return Fail(ErrorKind::kResourceNotFound,
                 "Requested resource not found: the backup {} is of the table {}",
                 caller.from_backup, table.record->name);
}

Task<std::optional<Bytes>> PastReads::Get(RowReaderPtr rows, Bytes row) const {
  auto get = [&] { return rows->Get(row); };
  co_return co_await runtime::Blocking(pool_, std::move(get));
}

}  // namespace tidemark::table
