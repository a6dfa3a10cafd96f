// What all tables of one engine share, and the options of a table's database.
#pragma once
#include <rocksdb/cache.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <atomic>
#include <memory>
#include <string>

#include "base/random.h"
#include "crypto/data_key.h"
#include "engine/rocks/descriptor_pool.h"
#include "engine/table_store.h"

namespace tidemark::engine {

// Outlived by nothing of the engine: every store holds on to it.
struct RocksShared {
  RocksShared(const EngineOptions& options, crypto::DataKeyProvider& keys, Random& random);

  EngineOptions options;
  crypto::DataKeyProvider& keys;
  Random& random;
  std::shared_ptr<rocksdb::Cache> block_cache;
  std::shared_ptr<rocksdb::TableFactory> table_factory, cold_table_factory;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers;
  std::shared_ptr<DescriptorPool> descriptors;
  mutable std::atomic<uint64_t> open_tables{0};
};

// Memtables of a table, full ones included, before its writers would have to wait.
inline constexpr int kMemtablesMax = 3;

// `env` must outlive the database; `name` stands in log lines.
rocksdb::Options TableOptions(const RocksShared& shared, rocksdb::Env* env,
                              const std::string& name);

// The same for files of images in cold storage, which are written once and read whole.
rocksdb::Options ColdOptions(const RocksShared& shared, rocksdb::Env* env, const std::string& name);

}  // namespace tidemark::engine
