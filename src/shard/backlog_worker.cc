#include "shard/backlog_worker.h"

#include <utility>

#include "base/log.h"

namespace tidemark::shard {

BacklogWorker::BacklogWorker(std::vector<OpenTablePtr> owed)
    : owed_(std::move(owed)), thread_([this] { Work(); }) {}

BacklogWorker::~BacklogWorker() {
  stopping_ = true;
  thread_.join();
}

void BacklogWorker::Work() {
  size_t fenced = 0;
  const size_t count = owed_.size();
  for (OpenTablePtr& table : owed_) {
    if (stopping_) return;
    // Also what a touch has opened already: then this is quick. Why one cannot be opened is in the
    // log.
    if (!table->OpenStore() && !table->dropped) ++fenced;
    table.reset();
  }
  if (count > 0) LogInfo("{} tables have what the commit log held for them", count - fenced);
}

}  // namespace tidemark::shard
