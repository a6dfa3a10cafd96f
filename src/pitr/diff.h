// What differs between a table at two instants: reads only what was changed between them, and for
// each such row what it was before. And what differs between any two sources of rows: reads both.
#pragma once
#include <optional>
#include <vector>

#include "pitr/past.h"

namespace tidemark::pitr {

struct DiffRequest {
  Timestamp from, until;    // `until` in the future means now
  Bytes begin, end;         // of row keys, end exclusive
  size_t changes_max = 0;   // of a page; one at least
  size_t bytes_max = 0;     // of rows in a page; the one that reaches it is the last
  size_t examined_max = 0;  // rows looked at for a page
};

struct RowChange {
  Bytes key;
  std::optional<Bytes> before, after;  // never equal; none: no such row
  // The last change up to `until`: when, and who.
  Timestamp time{};
  Bytes access_key, request_id;
};

struct DiffPage {
  Timestamp from, until;           // as they were taken; further pages ask for these
  std::vector<RowChange> changes;  // in order of keys
  Bytes next;                      // where the next page begins; empty: there is none
};

// Blocking. Errors: those of Past::Between.
Result<DiffPage> Diff(Past& past, const catalog::TableRecord& table, const DiffRequest& request);

// Of two sources, in the request's range, whatever its instants are: they are the answer's. Nobody
// is told to have made the changes. Blocking.
Result<DiffPage> DiffRows(const engine::RowReader& before, const engine::RowReader& after,
                          const DiffRequest& request);

}  // namespace tidemark::pitr
