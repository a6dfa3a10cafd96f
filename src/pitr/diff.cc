#include "pitr/diff.h"

namespace tidemark::pitr {

Result<DiffPage> Diff(Past& past, const catalog::TableRecord& table, const DiffRequest& request) {
  TM_TRY(const auto between, past.Between(table, request.from, request.until));
  DiffPage page{.from = between.from(), .until = between.until()};
  TM_TRY(const auto before, past.At(table, page.from));
  TM_TRY(const auto versions,
         between.Newest({.begin = request.begin, .end = request.end, .after = page.from}));
  size_t bytes = 0, examined = 0;
  while (true) {
    TM_TRY(const archive::RowVersion* version, versions->Next());
    if (!version) return page;
    if (examined == request.examined_max || bytes >= request.bytes_max ||
        page.changes.size() == request.changes_max) {
      page.next = version->key;
      return page;
    }
    ++examined;
    if (version->time <= page.from) continue;
    TM_TRY(auto old, before->Get(version->key));
    archive::KeptVersion kept(*version);
    if (old == kept.value) continue;  // changed, and changed back
    bytes += (old ? old->size() : 0) + (kept.value ? kept.value->size() : 0);
    page.changes.push_back({.key = std::move(kept.key),
                            .before = std::move(old),
                            .after = std::move(kept.value),
                            .time = kept.time,
                            .access_key = std::move(kept.access_key),
                            .request_id = std::move(kept.request_id)});
  }
}

Result<DiffPage> DiffRows(const engine::RowReader& before, const engine::RowReader& after,
                          const DiffRequest& request) {
  const engine::ScanOptions range{.begin = request.begin, .end = request.end, .fill_cache = false};
  TM_TRY(const auto old_rows, before.Scan(range));
  TM_TRY(const auto new_rows, after.Scan(range));
  DiffPage page{.from = request.from, .until = request.until};
  size_t bytes = 0, examined = 0;
  while (true) {
    // Before an order is told: a source that failed looks like one at its end.
    if (!old_rows->Valid()) TM_TRYV(old_rows->status());
    if (!new_rows->Valid()) TM_TRYV(new_rows->status());
    if (!old_rows->Valid() && !new_rows->Valid()) return page;
    const int order = !new_rows->Valid()   ? -1
                      : !old_rows->Valid() ? 1
                                           : old_rows->key().compare(new_rows->key());
    const BytesView key = order <= 0 ? old_rows->key() : new_rows->key();
    if (examined == request.examined_max || bytes >= request.bytes_max ||
        page.changes.size() == request.changes_max) {
      page.next = key;
      return page;
    }
    ++examined;
    if (order != 0 || old_rows->value() != new_rows->value()) {
      RowChange change{.key = Bytes(key)};
      if (order <= 0) change.before = Bytes(old_rows->value());
      if (order >= 0) change.after = Bytes(new_rows->value());
      bytes +=
          (change.before ? change.before->size() : 0) + (change.after ? change.after->size() : 0);
      page.changes.push_back(std::move(change));
    }
    if (order <= 0) old_rows->Next();
    if (order >= 0) new_rows->Next();
  }
}

}  // namespace tidemark::pitr
