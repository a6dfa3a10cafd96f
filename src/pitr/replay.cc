#include "pitr/replay.h"

#include "archive/history.h"

namespace tidemark::pitr {
namespace {

using SortedRows = std::map<Bytes, std::optional<Bytes>>;

Result<void> Give(const SortedRows& rows, const RowSink& sink) {
  auto next = rows.begin();
  return sink([&]() -> Result<std::optional<engine::RowWrite>> {
    if (next == rows.end()) return std::nullopt;
    const auto& [key, value] = *next++;
    return engine::RowWrite{key, value ? std::optional<BytesView>(*value) : std::nullopt};
  });
}

// Gives the newest versions of a group of runs, if there are any; counts those seen.
Result<uint64_t> GiveGroup(const archive::TableHistory& history, size_t group, Timestamp until,
                           const RowSink& sink) {
  TM_TRY(auto versions, history.Versions(group));
  archive::NewestVersions newest(std::move(versions), until);
  TM_TRY(const archive::RowVersion* version, newest.Next());
  if (!version) return 0;
  bool first = true;
  TM_TRYV(sink([&]() -> Result<std::optional<engine::RowWrite>> {
    if (!first) {
      TM_TRY(version, newest.Next());
    }
    first = false;
    if (!version) return std::nullopt;
    return engine::RowWrite{version->key, version->value};
  }));
  return newest.seen();
}

// Where `at` is between two instants, 0 to 1.
double PartOf(Timestamp begin, Timestamp at, Timestamp end) {
  if (end <= begin) return 1;
  return static_cast<double>((at - begin).count()) / static_cast<double>((end - begin).count());
}

}  // namespace

Result<ReplayResult> Replay(log::CommitLog& log, const Slice& slice, size_t portion_bytes,
                            const RowSink& sink, const ReadSoFar& so_far) {
  ReplayResult result;
  SortedRows rows;
  size_t bytes = 0;
  std::optional<Timestamp> begin;
  TM_TRY(const log::Position from, archive::ReadableFrom(log, slice.from));
  TM_TRY(auto reader, log.Read(from));
  while (true) {
    TM_TRY(auto frame, reader->Next());
    if (!frame || frame->header.first_commit > slice.until) break;
    if (!begin) begin = frame->header.first_commit;
    if (so_far) TM_TRYV(so_far(PartOf(*begin, frame->header.first_commit, slice.until)));
    shard::ChangeReader changes(frame->payload);
    while (true) {
      auto next = changes.Next();
      if (!next) return Fail(WithContext(next.error(), "{}", frame->header.position.ToString()));
      if (!*next || (*next)->commit_time > slice.until) break;
      for (shard::TableChange& change : (*next)->tables) {
        if (change.table != slice.table || change.rows.empty()) continue;
        result.totals = change.totals;
        for (shard::RowImage& row : change.rows) {
          ++result.changes;
          bytes += row.key.size() + (row.value ? row.value->size() : 0);
          rows.insert_or_assign(std::move(row.key), std::move(row.value));
        }
      }
      if (bytes >= portion_bytes) {
        TM_TRYV(Give(rows, sink));
        rows.clear();
        bytes = 0;
      }
    }
  }
  if (!rows.empty()) TM_TRYV(Give(rows, sink));
  return result;
}

Result<ReplayResult> ReadHistory(const HistorySource& source, const Slice& slice,
                                 size_t portion_bytes, const RowSink& sink,
                                 const ReadSoFar& so_far) {
  ReplayResult result;
  double from_runs = 0;  // a group of runs and the log behind them count the same
  Slice rest = slice;
  if (!source.from_log && slice.from < source.view->mark()) {
    TM_TRY(const auto history,
           archive::TableHistory::Open(source.view, source.history, slice.from, slice.until));
    from_runs = static_cast<double>(history.groups()) / static_cast<double>(history.groups() + 1);
    for (size_t group = 0; group < history.groups(); ++group) {
      if (so_far)
        TM_TRYV(so_far(static_cast<double>(group) / static_cast<double>(history.groups() + 1)));
      TM_TRY(const uint64_t seen, GiveGroup(history, group, slice.until, sink));
      result.changes += seen;
    }
    TM_TRY(result.totals, history.TotalsAt(slice.until));
    rest.from = source.view->mark();
  }
  const auto log_so_far = [&](double part) {
    return so_far ? so_far(from_runs + (1 - from_runs) * part) : Result<void>();
  };
  TM_TRY(const auto replayed, Replay(source.log, rest, portion_bytes, sink, log_so_far));
  result.changes += replayed.changes;
  if (replayed.totals) result.totals = replayed.totals;
  return result;
}

}  // namespace tidemark::pitr
