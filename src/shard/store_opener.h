// How the store of a table is opened so that it can be shown: the engine opens it, then the log has
// its say: nothing it needs may lie in a damaged part, it must not know more than the log, and what
// the log holds beyond it is applied.
//
// Threads: any; one opening per table at a time.
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "engine/table_store.h"
#include "log/commit_log.h"
#include "shard/backlog.h"

namespace tidemark::shard {

enum class FenceReason {
  // The store refused a change: what was applied before can be read, nothing can be written.
  kStoreRefuses,
  // It cannot be opened: its directory is missing or damaged, or the machine refused. Neither read
  // nor written; tried again at a touch some seconds later.
  kUnreadable,
  // Changes of it may have been in a damaged part of the log that no operator has accepted. Neither
  // read nor written; only a restart can change that.
  kLogDamage,
  // It holds changes that the log does not have. As kLogDamage.
  kNotOfThisLog,
};

// Why a table is fenced off.
struct Fence {
  FenceReason reason = FenceReason::kUnreadable;
  std::string text;                   // cause and next step, for the operator
  std::optional<log::Position> from;  // the log must keep what lies from here on for the table
};

// The rows a table is owed in a sealed file beside it, so that the log need not keep them.
struct OwedRun {
  std::string path;
  log::Position through;  // it holds everything of the table up to this frame
};
class OwedRuns;

struct StoreOpenerOptions {
  std::string tables_directory;
  uint64_t log_id = 0;
  // Just after the newest frame there was when the log was opened: a table cannot know more.
  log::Position log_end;
  // Every table holds everything before this (REPLAY), so damage there concerns none.
  log::Position all_flushed_before;
  std::vector<log::DamagedRange> damage;
  const OwedRuns* owed = nullptr;  // where the requests' runs are
};

class StoreOpener {
 public:
  StoreOpener(StoreOpenerOptions options, engine::Engine& engine, const Clock& clock)
      : options_(std::move(options)), engine_(engine), clock_(clock) {}

  struct Request {
    TableId table;
    const Backlog* backlog;
    std::optional<OwedRun> owed;  // given to the store first; removed once that is durable
    bool first = true;            // the first opening in this life of the shard
  };
  struct Opened {
    std::unique_ptr<engine::TableStore> store;
    Totals totals;
    bool replayed = false;  // the backlog was applied; else the store had all of it
  };
  // The store, complete, or why there is none.
  using Outcome = std::variant<Opened, Fence>;
  Outcome Open(const Request& request) const;

  std::string PathOf(TableId table) const;
  Micros Now() const { return clock_.Monotonic(); }
  uint64_t opened() const { return opened_; }  // stores, so far

 private:
  // `complete`: the position up to which the table lacks nothing, whatever the log says.
  std::optional<Fence> CheckAgainstLog(TableId table, log::Position complete) const;
  // Gives the store what it is owed.
  Result<void> Complete(const Request& request, Opened* opened) const;

  const StoreOpenerOptions options_;
  engine::Engine& engine_;
  const Clock& clock_;
  mutable std::atomic<uint64_t> opened_{0};
};

}  // namespace tidemark::shard
