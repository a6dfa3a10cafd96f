// The commit log in memory, for tests and simulation: the same promises, nothing durable.
#pragma once
#include <functional>
#include <memory>

#include "log/commit_log.h"

namespace tidemark::log {

struct MemLogOptions {
  uint64_t log_id = 1;
  uint32_t segment_bytes = 64 << 20;  // multiple of 4 KiB; frames take the room they would on disk
  // Called in Append before the frame exists; may block (a slow disk) or fail (which poisons the
  // log).
  std::function<Result<void>()> before_append;
};

std::unique_ptr<CommitLog> MakeMemLog(uint64_t log_id = 1);
std::unique_ptr<CommitLog> MakeMemLog(MemLogOptions options);

}  // namespace tidemark::log
