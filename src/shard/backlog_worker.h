// Gives the tables, one after another, what the log's tail owes them, so that it is out of memory
// and out of the log some time after the start, whoever touches them or not.
#pragma once
#include <atomic>
#include <thread>
#include <vector>

#include "shard/open_table.h"

namespace tidemark::shard {

class BacklogWorker {
 public:
  explicit BacklogWorker(std::vector<OpenTablePtr> owed);
  ~BacklogWorker();  // finishes the table at hand, not the others

 private:
  void Work();

  std::vector<OpenTablePtr> owed_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tidemark::shard
