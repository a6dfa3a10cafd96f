// The commit log in memory, for tests and simulation: the same promises, nothing durable.
#pragma once
#include <memory>

#include "log/commit_log.h"

namespace tidemark::log {

std::unique_ptr<CommitLog> MakeMemLog(uint64_t log_id = 1);

}  // namespace tidemark::log
