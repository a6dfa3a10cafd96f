#include "pitr/replay.h"

namespace tidemark::pitr {

Result<ReplayResult> Replay(log::CommitLog& log, const Slice& slice, size_t portion_bytes,
                            const std::function<Result<void>(const SortedRows&)>& sink) {
  ReplayResult result;
  SortedRows rows;
  size_t bytes = 0;
  if (slice.from < log.begin()) {
    return Fail(ErrorKind::kNotFound, "the commit log begins at {}, the history needed at {}",
                log.begin().ToString(), slice.from.ToString());
  }
  TM_TRY(auto reader, log.Read(slice.from));
  while (true) {
    TM_TRY(auto frame, reader->Next());
    if (!frame || frame->header.first_commit > slice.until) break;
    shard::ChangeReader changes(frame->payload);
    while (true) {
      auto next = changes.Next();
      if (!next) return Fail(WithContext(next.error(), "{}", frame->header.position.ToString()));
      if (!*next || (*next)->commit_time > slice.until) break;
      for (shard::TableChange& change : (*next)->tables) {
        if (change.table != slice.table || change.rows.empty()) continue;
        ++result.changes;
        result.totals = change.totals;
        for (shard::RowImage& row : change.rows) {
          bytes += row.key.size() + (row.value ? row.value->size() : 0);
          rows.insert_or_assign(std::move(row.key), std::move(row.value));
        }
      }
      if (bytes >= portion_bytes) {
        TM_TRYV(sink(rows));
        rows.clear();
        bytes = 0;
      }
    }
  }
  if (!rows.empty()) TM_TRYV(sink(rows));
  return result;
}

Result<std::optional<engine::RowWrite>> RowSource::operator()() {
  if (next_ == end_) return std::nullopt;
  const auto& [key, value] = *next_++;
  return engine::RowWrite{key, value ? std::optional<BytesView>(*value) : std::nullopt};
}

}  // namespace tidemark::pitr
