#include "shard/admission.h"

#include "base/log.h"

namespace tidemark::shard {

Result<void> Admission::Refuse(Error error) {
  ++refused_;
  return Fail(std::move(error));
}

Task<void> Admission::Enter(TableId table) {
  while (true) {
    if (auto space = reserve_.Check(); !space) co_return Refuse(std::move(space).error());
    bool closed = false;
    size_t waiting = 0;
    std::string log_bound;
    {
      std::lock_guard lock(mutex_);
      log_bound = log_bound_;
      const auto at = closed_.find(table);
      closed = at != closed_.end();
      if (closed) waiting = at->second.size();
    }
    if (!log_bound.empty() && options_.has_history && options_.has_history(table)) {
      co_return Refuse(MakeError(ErrorKind::kThrottled, "{}", log_bound));
    }
    if (!closed) co_return Result<void>();
    if (waiting >= options_.waiting_max) {
      co_return Refuse(MakeError(
          ErrorKind::kUnavailable,
          "Nothing was written: the disk falls behind with this table, and {} of its writes wait "
          "already. Retry later, and more slowly.",
          waiting));
    }
    ++waited_;
    TM_CO_TRYV(co_await runtime::Await<void>([&](runtime::Completion<void> turn) {
      std::lock_guard lock(mutex_);
      const auto at = closed_.find(table);
      if (at == closed_.end()) {
        std::move(turn).Post({});  // opened meanwhile
      } else {
        at->second.push_back(std::move(turn));
      }
    }));
  }
}

void Admission::Close(TableId table) {
  std::lock_guard lock(mutex_);
  if (closed_.try_emplace(table).second) ++restrictions_;
}

void Admission::Open(TableId table) {
  Waiting waiting;
  {
    std::lock_guard lock(mutex_);
    const auto at = closed_.find(table);
    if (at == closed_.end()) return;
    waiting = std::move(at->second);
    closed_.erase(at);
    --restrictions_;
  }
  for (auto& turn : waiting) std::move(turn).Post({});
}

void Admission::LookAtLog(uint64_t log_bytes) {
  if (options_.log_bytes_max == 0) return;
  std::lock_guard lock(mutex_);
  const bool was_over = !log_bound_.empty();
  const uint64_t bound = options_.log_bytes_max - (was_over ? options_.log_bytes_max / 10 : 0);
  const bool over = log_bytes > bound;
  if (over == was_over) return;
  restrictions_ += over ? 1 : -1;
  log_bound_.clear();
  if (!over) {
    LogInfo(
        "log_within_bound: {} MB of commit log are kept; tables with point-in-time recovery "
        "take writes again",
        log_bytes / 1'000'000);
    return;
  }
  log_bound_ = fmt::format(
      "Nothing was written: more than {} MB of commit log wait to be archived, so tables with "
      "point-in-time recovery take no writes for now. Retry later.",
      options_.log_bytes_max / 1'000'000);
  LogError(
      "log_bound: {} MB of commit log are kept, the bound is {} MB: writes of tables with "
      "point-in-time recovery are refused. See to what holds the log: history that cannot be "
      "archived, or a table that cannot be flushed",
      log_bytes / 1'000'000, options_.log_bytes_max / 1'000'000);
}

Admission::Stats Admission::stats() const {
  std::lock_guard lock(mutex_);
  Stats stats{.closed_tables = closed_.size(),
              .waiting = 0,
              .waited = waited_,
              .refused = refused_,
              .log_bound = log_bound_};
  for (const auto& [table, waiting] : closed_) stats.waiting += waiting.size();
  return stats;
}

}  // namespace tidemark::shard
