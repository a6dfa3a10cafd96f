// Building and removing global indexes of live tables: jobs that a restart takes up where the
// catalog says they stand.
//
//   added    CREATING, building, deletes_only: some requests do not know the index yet, so changes
//            put no row that those would leave behind; they take rows out
//   known    CREATING, building: from now on changes write the index's rows, whether they are there
//            or not; the job puts in those of older items, each under its row's latch
//   counted  CREATING: changes count; the job counts what is there at one instant of the log, and
//            sets the index's totals right
//   ready    ACTIVE
//   removed  DELETING: changes leave the index alone; its totals go, its rows go, its record goes
//
// INVARIANT: a step begins when no request works with the table as it was before (IndexesSettled).
//
// One thread of its own, so that a long build keeps nothing else waiting; indexes of several tables
// come one after another. What fails is tried again.
#pragma once
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "catalog/catalog.h"
#include "runtime/io_threads.h"

namespace tidemark::table {

class IndexJobs {
 public:
  // All must outlive it; `context` runs the writes.
  IndexJobs(catalog::Catalog& catalog, catalog::Shards& shards, asio::io_context& context);
  ~IndexJobs() { Stop(); }

  // Ends the step at hand as soon as it can, and takes up no other. Once or more often.
  void Stop();
  // Takes up what a stop or crash cut off. At start.
  void Resume();
  // Something is to be done for indexes of this table. Any thread, quick.
  void Queue(TableId table);

 private:
  // A table's index as a step found it, and where its rows are.
  struct Work {
    TableId table;
    item::KeySchema keys;
    catalog::IndexRecord index;
    shard::Shard* shard = nullptr;
    shard::TableHandle handle;
  };
  struct Chunk;

  void Run();
  // One step for one index of the table; false: nothing is left to do.
  Result<bool> Step(TableId table);
  Result<void> AwaitSettled(TableId table);
  Result<void> AwaitApplied(const Work& work);
  Result<void> Build(const Work& work);
  Result<Chunk> ReadChunk(const Work& work, const Bytes& after) const;
  Result<void> Count(const Work& work);
  Result<void> Remove(const Work& work);
  // Moves the index's totals in log order; gives the commit time.
  Result<Timestamp> MoveTotals(const Work& work, shard::IndexDelta delta);
  // Edits the index while it is there still; false: it is not, or it is to go and was not before.
  Result<bool> Edit(const Work& work, const std::function<void(catalog::IndexRecord&)>& edit);
  bool stopping() const;

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  asio::io_context& context_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::deque<TableId> queued_;
  std::map<TableId, std::string> failed_;  // to be tried again: with what was told in the log
  std::thread thread_;
};

}  // namespace tidemark::table
