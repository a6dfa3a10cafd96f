#include "table/past_reads.h"

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

}  // namespace tidemark::table
