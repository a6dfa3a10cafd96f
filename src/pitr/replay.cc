#include "pitr/replay.h"

#include <algorithm>
#include <atomic>

#include "archive/history.h"
#include "pitr/log_stretch.h"
#include "runtime/side_by_side.h"

namespace tidemark::pitr {
namespace {

constexpr uint64_t kVersionsBetween = 4096;  // tellings of how far it is
constexpr size_t kStretchBytesMax = 16 << 20;
constexpr size_t kStretchesOfPortion = 8;
constexpr size_t kStretchesAtOnce = 4;  // at least: fewer leave cores without work

using VersionsOf =
    std::function<std::unique_ptr<archive::VersionStream>(const Bytes& begin, const Bytes& end)>;

// Gives the newest of these versions, one portion; counts those seen.
Result<uint64_t> Give(const VersionsOf& versions_of, const Slice& slice, const RowSink& sink,
                      const std::function<Result<void>()>& goes_on) {
  std::atomic<uint64_t> seen = 0;
  std::vector<RowSource> parts;
  for (size_t part = 0; part <= slice.cuts.size(); ++part) {
    const Bytes begin = part == 0 ? Bytes() : slice.cuts[part - 1];
    const Bytes end = part == slice.cuts.size() ? Bytes() : slice.cuts[part];
    auto versions = std::make_shared<archive::NewestVersions>(versions_of(begin, end), slice.until);
    parts.push_back([&goes_on, &seen, versions,
                     given = uint64_t{0}]() mutable -> Result<std::optional<engine::RowWrite>> {
      if (!versions) return std::nullopt;
      if (given++ % kVersionsBetween == 0) TM_TRYV(goes_on());
      TM_TRY(const archive::RowVersion* version, versions->Next());
      if (version) return engine::RowWrite{version->key, version->value};
      seen += versions->seen();
      versions.reset();  // other parts are still read, and it holds a block of each run
      return std::nullopt;
    });
  }
  TM_TRYV(sink(parts));
  return seen.load();
}

}  // namespace

Result<ReplayResult> Replay(log::CommitLog& log, const Slice& slice, size_t portion_bytes,
                            const RowSink& sink, const ReadSoFar& so_far) {
  ReplayResult result;
  TM_TRY(const log::Position from, archive::ReadableFrom(log, slice.from));
  const size_t bytes = std::clamp<size_t>(portion_bytes / kStretchesOfPortion, 1, kStretchBytesMax);
  const std::vector<log::Position> begins = StretchesOf(log, from, slice.until, bytes);
  std::atomic<size_t> read = 0;
  const auto goes_on = [&]() -> Result<void> {
    if (!so_far) return {};
    return so_far(static_cast<double>(read) / static_cast<double>(begins.size()));
  };
  std::vector<LogStretch> portion;
  size_t room = portion_bytes;  // for what is read next
  bool ended = false;
  for (size_t next = 0; !ended;) {
    std::vector<std::optional<Result<LogStretch>>> stretches(
        std::min(std::max(room / bytes, kStretchesAtOnce), begins.size() - next));
    const auto read_one = [&](size_t i) -> Result<void> {
      const size_t number = next + i;
      const bool is_last = number + 1 == begins.size();
      stretches[i] = LogStretch::Read(log, slice.table, begins[number],
                                      is_last ? std::nullopt : std::optional(begins[number + 1]),
                                      slice.until, goes_on);
      ++read;
      return {};  // what fails behind the slice's end is nothing to it
    };
    // Twice as many as there are cores: they wait for the disk as long as they work.
    TM_TRYV(runtime::SideBySide(stretches.size(), read_one, 2 * runtime::PartsOfWork()));
    next += stretches.size();
    ended = next == begins.size();
    for (auto& one : stretches) {
      TM_TRY(auto stretch, std::move(*one));
      const bool last = stretch.ends_it();
      result.changes += stretch.changes();
      if (stretch.totals()) result.totals = stretch.totals();
      if (stretch.changes() > 0) {
        room -= std::min(room, stretch.memory_bytes());
        portion.push_back(std::move(stretch));
      }
      ended = ended || last;
      if (last) break;
    }
    if (!ended && room >= bytes) continue;  // most was of other tables, or of nobody
    if (!portion.empty()) {
      const auto versions_of = [&](const Bytes& begin, const Bytes& end) {
        std::vector<std::unique_ptr<archive::VersionStream>> rows;
        for (const LogStretch& stretch : portion) rows.push_back(stretch.Rows(begin, end));
        return archive::MergeVersions(std::move(rows));
      };
      TM_TRYV(Give(versions_of, slice, sink, goes_on));
    }
    portion.clear();
    room = portion_bytes;
  }
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
    const auto groups = static_cast<double>(history.groups());
    from_runs = groups / (groups + 1);
    for (size_t number = 0; number < history.groups(); ++number) {
      const auto goes_on = [&]() -> Result<void> {
        return so_far ? so_far(static_cast<double>(number) / (groups + 1)) : Result<void>();
      };
      TM_TRY(const auto group, history.OpenGroup(number));
      const auto versions_of = [&](const Bytes& begin, const Bytes& end) {
        return group.Versions(begin, end);
      };
      TM_TRY(const uint64_t seen, Give(versions_of, slice, sink, goes_on));
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
