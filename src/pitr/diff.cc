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

}  // namespace tidemark::pitr
