// The environment of one table's database: its sealing file system, and short waits.
#pragma once
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <memory>

namespace tidemark::engine {

std::unique_ptr<rocksdb::Env> MakeTableEnv(std::shared_ptr<rocksdb::FileSystem> files);

}  // namespace tidemark::engine
