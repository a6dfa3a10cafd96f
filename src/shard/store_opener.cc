#include "shard/store_opener.h"

#include <algorithm>

#include "base/log.h"
#include "shard/owed_run.h"

namespace tidemark::shard {

std::string StoreOpener::PathOf(TableId table) const {
  return options_.tables_directory + "/" + table.ToString();
}

StoreOpener::Outcome StoreOpener::Open(const Request& request) const {
  const auto unreadable = [&](const Error& error) {
    if (error.kind == ErrorKind::kKeyDisabled) {
      return Fence{FenceReason::kUnreadable,
                   fmt::format("table {} stays closed while its key cannot be used: {}",
                               request.table.ToString(), error.message),
                   std::nullopt};
    }
    return Fence{
        FenceReason::kUnreadable,
        fmt::format("table {} cannot be opened: {}. Put {} back as it was, it is tried again by "
                    "itself; or delete the table and restore it from a backup",
                    request.table.ToString(), error.message, PathOf(request.table)),
        std::nullopt};
  };
  auto store = engine_.Open(PathOf(request.table), request.table);
  if (!store) return unreadable(store.error());
  if (request.first) {
    log::Position complete = (*store)->Flushed();
    if (request.owed) complete = std::max(complete, request.owed->through);
    if (auto fence = CheckAgainstLog(request.table, complete)) return *std::move(fence);
  }
  Opened opened{std::move(*store), {}, false};
  if (auto done = Complete(request, &opened); !done) return unreadable(done.error());
  ++opened_;
  return opened;
}

Result<void> StoreOpener::Complete(const Request& request, Opened* opened) const {
  engine::TableStore& store = *opened->store;
  if (request.owed) TM_TRYV(options_.owed->Apply(*request.owed, request.table, store));
  const Backlog& backlog = *request.backlog;
  const log::Position flushed = store.Flushed();
  if (!backlog.empty() && (flushed.log_id != backlog.last().log_id || flushed < backlog.last())) {
    auto applied = backlog.ApplyTo(store);
    if (!applied) return Fail(WithContext(applied.error(), "replaying the commit log"));
    opened->totals = backlog.totals();
    opened->replayed = true;
  } else {
    TM_TRY(opened->totals, DecodeTotals(store.Note()));
  }
  // Last, so that a failure before finds it again.
  if (request.owed) TM_TRYV(options_.owed->Remove(request.table));
  return {};
}

std::optional<Fence> StoreOpener::CheckAgainstLog(TableId table, log::Position complete) const {
  const bool of_this_log = complete.log_id == options_.log_id;
  if (complete.log_id != 0 && !of_this_log) {
    return Fence{
        FenceReason::kNotOfThisLog,
        fmt::format("table {} holds changes up to {}, but this commit log is number {}: the "
                    "log's directory was replaced. Stop the server and put the log back "
                    "that belongs to the tables",
                    table.ToString(), complete.ToString(), options_.log_id),
        std::nullopt};
  }
  // New frames would come to stand at positions the table takes for applied, and be lost at the
  // next start.
  if (of_this_log && complete >= options_.log_end) {
    return Fence{FenceReason::kNotOfThisLog,
                 fmt::format("table {} holds changes up to {}, but the commit log ended at {}: its "
                             "newest part is missing or was replaced by an older copy. Stop the "
                             "server and put the log's newest segment back",
                             table.ToString(), complete.ToString(), options_.log_end.ToString()),
                 options_.all_flushed_before};
  }
  for (const log::DamagedRange& range : options_.damage) {
    if (range.to <= options_.all_flushed_before || (of_this_log && complete >= range.to)) continue;
    if (range.accepted) {
      LogWarn(
          "table {} may lack changes that lay in the damaged part of the commit log from {} to "
          "{}, which was accepted: {}",
          table.ToString(), range.from.ToString(), range.to.ToString(), range.what);
      continue;
    }
    return Fence{
        FenceReason::kLogDamage,
        fmt::format("table {} may lack changes that lay in the damaged part of the commit "
                    "log from {} to {}: {}",
                    table.ToString(), range.from.ToString(), range.to.ToString(), range.what),
        range.from};
  }
  return std::nullopt;
}

}  // namespace tidemark::shard
