// The archive of one shard: its history sorted into runs, and up to where the log is in them.
//
// A thread of its own, at idle priority, takes what lies in the log behind the *mark*, keeps the
// changes of tables that have history, writes them as runs (docs/formats/run.md) and moves the
// mark. The log is needed by history from the mark on only.
//
// Every step is safe to be cut off: a run is durable under its name before the list names it, the
// list is replaced in one step, and what it does not name is removed at the next start.
//
// INVARIANT: a row change of a table with history lies in a run, behind the mark, or in a gap.
// Threads: any, unless it says otherwise.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "archive/run_list.h"
#include "crypto/data_key.h"
#include "log/commit_log.h"

namespace tidemark::archive {

// A table whose changes are to be kept, and the wrapped key of its history.
struct HistoryTable {
  TableId id;
  Bytes wrapped_key;
};
Bytes HistoryKeyContext(TableId table);  // of DataKeyProvider

struct ArchiveOptions {
  std::string directory;
  uint64_t unit_bytes = 256ull << 20;       // of log: so much behind the mark is sorted ...
  Micros unit_age = std::chrono::hours(1);  // ... or what is so old
  size_t batch_memory_bytes = 64ull << 20;  // of changes sorted at once: about one run
  bool by_itself = true;                    // false: only Drain sorts (tests)
  std::function<std::vector<HistoryTable>()> tables;  // now; must not call into the archive
  std::function<Timestamp()> now;                     // commit time of this instant
};

// For operators. Bytes and counts of this moment.
struct ArchiveStats {
  size_t runs = 0;
  uint64_t run_bytes = 0;
  size_t gaps = 0;
  uint64_t debt_bytes = 0;         // of log behind the mark
  Micros debt_age{};               // of the oldest change in there
  uint64_t sorted_log_bytes = 0;   // since the start
  double sorting_cpu_seconds = 0;  // spent on it
  std::string stuck;               // why sorting cannot go on; empty: it can
};

class Archive;

// Where reading the log from a mark begins: there or, when the segment that ended at the mark was
// dropped, where the log begins. kNotFound: what came behind the mark is gone.
Result<log::Position> ReadableFrom(const log::CommitLog& log, log::Position mark);

// The archive at one moment: its runs, and the log from `mark` on, stay readable while it exists.
class View {
 public:
  ~View();
  const std::vector<RunInfo>& runs() const { return runs_; }
  log::Position mark() const { return mark_; }
  const std::string& directory() const { return directory_; }
  crypto::DataKeyProvider& keys() const { return keys_; }

 private:
  friend class Archive;
  View(Archive& archive, crypto::DataKeyProvider& keys) : archive_(archive), keys_(keys) {}

  Archive& archive_;
  crypto::DataKeyProvider& keys_;
  std::string directory_;
  std::vector<RunInfo> runs_;
  log::Position mark_;
  log::Position hold_;
};

class Archive {
 public:
  // Removes what a crash left behind. Blocking. `log` and `keys` must outlive it.
  // Errors: kCorruption: the list is damaged or of another log; says what an operator can do.
  static Result<std::unique_ptr<Archive>> Open(ArchiveOptions options, log::CommitLog& log,
                                               crypto::DataKeyProvider& keys, Random& random);
  ~Archive();  // stops in the middle of what it does

  // Sorts everything that is durable in the log now, on the calling thread. Blocking, seconds.
  Result<void> Drain();
  // The same if a unit is due: what the thread does every second.
  Result<void> SortIfDue();
  // Makes a unit due, whatever its size: somebody holds in memory what lies behind the mark.
  void SortSoon() { wanted_ = true; }

  // The oldest log position that history needs from the log. Quick: no lock.
  log::Position Floor() const;

  // To switch a table's history on. While the lock is kept, no sorting begins; what has begun goes
  // on, and did not know of the table. Whatever begins afterwards begins at NextBegin() or before
  // it anew, and asks for the tables again.
  std::unique_lock<std::mutex> HoldSorting() { return std::unique_lock(begin_mutex_); }
  log::Position NextBegin() const;
  log::Position mark() const;

  // `hold_from`: the log stays readable from there on, too, if it is now. The view must not outlive
  // the archive.
  std::shared_ptr<const View> Look(std::optional<log::Position> hold_from = std::nullopt);

  // Drops the runs in which nothing is needed any more. `needs`: for each table with history the
  // position from which on it is needed; other tables need nothing. From the list durably, then the
  // files. Blocking.
  Result<void> DropRuns(const std::map<TableId, log::Position>& needs);

  TableSums SumsOf(TableId table) const;
  std::vector<Gap> Gaps() const;
  uint64_t generation() const { return generation_.load(); }  // grows when the runs change
  ArchiveStats Stats() const;

 private:
  friend class View;

  Archive(ArchiveOptions options, log::CommitLog& log, crypto::DataKeyProvider& keys,
          Random& random, RunList list);

  void Run();
  bool UnitIsDue();
  // Called often by the thread while it sorts. Rests between slices of work, the longer the less
  // there is behind the mark: so the requests beside it do not notice.
  void Rest();
  // Sorts in batches up to what is durable when it is called.
  Result<void> SortUnit(const std::function<bool()>& cancelled);
  Result<void> SortBatch(log::Position end, const std::function<bool()>& cancelled);
  // Applies `edit` to the list, stores it, then shows it.
  Result<void> EditList(const std::function<void(RunList&)>& edit);
  const std::vector<TableId>* TablesOf(const RunInfo& run);
  uint64_t DebtBytes() const;
  void PublishFloor();  // under mutex_
  void Release(const View& view);
  std::string ListPath() const { return options_.directory + "/LIST"; }

  const ArchiveOptions options_;
  log::CommitLog& log_;
  crypto::DataKeyProvider& keys_;
  Random& random_;

  std::mutex begin_mutex_;  // HoldSorting
  std::mutex work_mutex_;   // one sorts at a time
  std::mutex store_mutex_;  // one change of the list at a time, held over its sync

  mutable std::mutex mutex_;  // everything below
  RunList list_;
  log::Position sorting_to_;            // the batch under way ends there at the latest
  std::multiset<log::Position> holds_;  // of views
  std::map<RunId, size_t> viewed_;      // runs in views
  std::map<RunId, std::vector<TableId>> tables_of_;
  std::optional<log::Position> oldest_behind_;  // the mark for which `oldest_commit_` was found
  Timestamp oldest_commit_{};
  ArchiveStats sorting_;  // its figures since the start, and `stuck`

  std::atomic<uint64_t> floor_;  // segment << 32 | offset
  std::atomic<uint64_t> generation_{1};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> wanted_{false};
  std::atomic<int> waiting_{0};  // for the thread, in Drain: it does not rest
  double rested_at_cpu_ = 0;     // seconds of the thread's processor time; its own
  std::mutex wake_mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace tidemark::archive
