// The seam through which tests fail writes, syncs and renames of a local log.
#pragma once
#include <memory>

#include "log/local/disk.h"
#include "log/local/local_log.h"

namespace tidemark::log {

Result<std::unique_ptr<CommitLog>> OpenLocalLogWithFaults(const LocalLogOptions& options,
                                                          crypto::DataKeyProvider& keys,
                                                          Random& random, DiskFaults faults);

}  // namespace tidemark::log
