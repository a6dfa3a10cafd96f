// The door between RocksDB's statuses and our errors; nothing of either passes it unchanged.
#pragma once
#include <rocksdb/io_status.h>
#include <rocksdb/status.h>

#include <string_view>

#include "base/result.h"

namespace tidemark::engine {

// kCorruption, kNoSpace, kIo, kNotFound, kUnavailable (not in the cache, busy), else kInternal.
// `what`: what was being done, and to which directory.
Error FromRocks(const rocksdb::Status& status, std::string_view what);
Result<void> CheckRocks(const rocksdb::Status& status, std::string_view what);
rocksdb::IOStatus ToIoStatus(const Error& error);
rocksdb::IOStatus ToIoStatus(const Result<void>& result);

}  // namespace tidemark::engine
