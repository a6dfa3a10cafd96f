#include "engine/rocks/rocks_options.h"

#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <utility>

#include "base/log.h"

namespace tidemark::engine {
namespace {

constexpr size_t kColdBlockBytes = 1 << 20;
constexpr int kColdLevel = 12;  // of zstd; docs/performance.md has what others give

// Warnings about what is as we want it: no options files, and ingested files, whose tags vouch for
// them better than RocksDB's ids.
bool IsExpected(BytesView text) {
  for (BytesView expected : {"to persist options", "opened without unique ID to verify"}) {
    if (text.find(expected) != BytesView::npos) return true;
  }
  return false;
}

// RocksDB's warnings and errors among ours; the rest it has to say goes nowhere.
class WarningsOnly : public rocksdb::Logger {
 public:
  explicit WarningsOnly(std::string name)
      : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), name_(std::move(name)) {}

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::INFO_LEVEL, format, arguments);
  }
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level == rocksdb::InfoLogLevel::HEADER_LEVEL) {
      return;
    }
    char line[1024];
    std::vsnprintf(line, sizeof line, format, arguments);
    BytesView text = line;
    if (IsExpected(text)) return;
    if (level == rocksdb::InfoLogLevel::WARN_LEVEL) {
      LogWarn("table {}: {}", name_, text);
    } else {
      LogError("table {}: {}", name_, text);
    }
  }
  void LogHeader(const char*, va_list) override {}

 private:
  std::string name_;
};

std::shared_ptr<rocksdb::Cache> MakeBlockCache(const EngineOptions& options) {
  rocksdb::LRUCacheOptions cache;
  cache.capacity = options.block_cache_bytes;
  cache.high_pri_pool_ratio = 0.3;
  return rocksdb::NewLRUCache(cache);
}

std::shared_ptr<rocksdb::TableFactory> MakeTableFactory(std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = std::move(cache);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = true;
  table.format_version = 5;
  table.block_size = 8 << 10;
  // Thousands of tables: indexes and filters are bounded by the cache too, and not read at open.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

// Nobody looks for single rows there: no filters, and blocks as large as compression gains by.
std::shared_ptr<rocksdb::TableFactory> MakeColdTableFactory(std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = std::move(cache);
  table.format_version = 5;
  table.block_size = kColdBlockBytes;
  table.cache_index_and_filter_blocks = true;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

}  // namespace

RocksShared::RocksShared(const EngineOptions& engine_options, crypto::DataKeyProvider& key_provider,
                         Random& key_random)
    : options(engine_options),
      keys(key_provider),
      random(key_random),
      block_cache(MakeBlockCache(engine_options)),
      table_factory(MakeTableFactory(block_cache)),
      cold_table_factory(MakeColdTableFactory(block_cache)),
      // The last resort only: at its bound RocksDB flushes whoever happens to write. The shard's
      // flush scheduler is meant to act long before.
      write_buffers(std::make_shared<rocksdb::WriteBufferManager>(
          std::max<uint64_t>(2ull << 30, 8 * engine_options.write_buffer_bytes))),
      descriptors(std::make_shared<DescriptorPool>(engine_options.descriptor_budget)) {
  rocksdb::Env* env = rocksdb::Env::Default();
  // With one thread a tiny flush or a close waits behind a big flush.
  env->SetBackgroundThreads(std::max(2, options.background_threads), rocksdb::Env::HIGH);
  env->SetBackgroundThreads(std::max(1, options.background_threads), rocksdb::Env::LOW);
}

rocksdb::Options TableOptions(const RocksShared& shared, rocksdb::Env* env,
                              const std::string& name) {
  rocksdb::Options options;
  options.env = env;
  options.info_log = std::make_shared<WarningsOnly>(name);
  // The default depends on how the *caller* was compiled.
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.table_factory = shared.table_factory;
  options.write_buffer_manager = shared.write_buffers;
  options.write_buffer_size = shared.options.write_buffer_bytes;
  options.max_write_buffer_number = kMemtablesMax;
  // What a table costs that is open and idle, or has few rows in memory: 2,500 of them count.
  options.arena_block_size = 16 << 10;
  // Two files (MANIFEST and the unused log) keep a buffer of this size as long as the table is
  // open. Nothing is lost: what the sealed files give to the operating system is batched there.
  options.writable_file_max_buffer_size = 4 << 10;
  options.compression = rocksdb::kLZ4Compression;
  options.level_compaction_dynamic_level_bytes = true;
  options.compaction_readahead_size = 512 << 10;
  options.bytes_per_sync = 1 << 20;
  options.max_background_jobs = std::max(2, shared.options.background_threads);
  options.allow_concurrent_memtable_write = false;  // one applier
  options.enable_write_thread_adaptive_yield = false;
  // The memtable would be lost silently at close.
  options.avoid_flush_during_shutdown = false;
  options.avoid_unnecessary_blocking_io = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.table_cache_numshardbits = 0;
  options.skip_stats_update_on_db_open = true;
  options.skip_checking_sst_file_sizes_on_db_open = true;
  options.max_file_opening_threads = 1;
  // Copied whole by every pin.
  options.max_manifest_file_size = 1 << 20;
  return options;
}

rocksdb::Options ColdOptions(const RocksShared& shared, rocksdb::Env* env,
                             const std::string& name) {
  rocksdb::Options options = TableOptions(shared, env, name);
  options.table_factory = shared.cold_table_factory;
  options.compression = rocksdb::kZSTD;
  options.compression_opts.level = kColdLevel;
  return options;
}

}  // namespace tidemark::engine
