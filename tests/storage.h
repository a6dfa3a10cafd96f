// Everything of a server but its front door, for tests that go further than one module: tables
// without HTTP and signatures, on the real log and the real table engine.
#pragma once
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "backup/backup.h"
#include "engine/rocks/rocks_engine.h"
#include "item/item_codec.h"
#include "item/row_key.h"
#include "kms/root_key_provider.h"
#include "pitr/images.h"
#include "pitr/window.h"
#include "restore/restore.h"
#include "runtime/io_threads.h"
#include "server/regions.h"
#include "table/control.h"

namespace tidemark {

struct StorageOptions {
  std::string directory;  // made if absent
  engine::EngineOptions engine{.block_cache_bytes = 32 << 20, .write_buffer_bytes = 1 << 20};
  server::Regions::Sizes sizes;
  pitr::RecoveryOptions recovery;
};

class Storage {
 public:
  // `clock` and `keys` outlive it, and what it stores.
  static Result<std::unique_ptr<Storage>> Open(StorageOptions options, SteppedClock& clock,
                                               kms::RootKeyProvider& keys) {
    std::unique_ptr<Storage> storage(new Storage);
    TM_TRYV(storage->Start(std::move(options), clock, keys));
    return storage;
  }
  ~Storage() {
    jobs.Stop();
    pool.Stop();
    system_pool.Stop();
    if (recovery) recovery->Stop();
    regions.reset();
    catalog.reset();
    system.reset();
    threads.Stop();
    threads.Join();
  }

  // Takes up what a crash cut off, as a server's start does.
  Result<void> Resume() {
    TM_TRYV(backups->Resume());
    TM_TRYV(control->Resume());
    return restores->Resume();
  }

  // The table ACTIVE, or null if it goes before. Null as well when it takes a minute.
  catalog::TablePtr WaitActive(const catalog::TablePtr& table) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < deadline) {
      auto now = catalog->FindTable(table->id);
      if (!now || now->status == catalog::TableStatus::kActive) return now;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return nullptr;
  }

  runtime::IoThreads threads{2};
  std::unique_ptr<engine::Engine> engine;
  runtime::BlockingPool pool{4}, system_pool{1}, jobs{2};
  std::unique_ptr<server::Regions> regions;
  std::unique_ptr<shard::Shard> system;
  std::unique_ptr<catalog::Catalog> catalog;
  std::optional<pitr::Recovery> recovery;
  std::optional<backup::Backups> backups;
  std::optional<restore::Restores> restores;
  std::optional<table::Control> control;

 private:
  Storage() = default;

  Result<void> Start(StorageOptions options, SteppedClock& clock, kms::RootKeyProvider& keys) {
    std::filesystem::create_directories(options.directory);
    threads.Start();
    TM_TRY(engine, engine::MakeRocksEngine(options.engine, keys, TheSystemRandom()));
    regions = std::make_unique<server::Regions>(options.directory, *engine, keys, clock, pool,
                                                TheSystemRandom());
    if (options.sizes) regions->SetSizes(std::move(options.sizes));
    TM_TRY(system, regions->OpenSystem(system_pool));
    TM_TRY(catalog, catalog::Catalog::Open(*system, threads.context(0)));
    recovery.emplace(*catalog, *regions, *engine, keys, TheSystemRandom(), options.recovery);
    TM_TRYV(regions->OpenAll([this](const Region& region) { return recovery->Floor(region); },
                             *catalog));
    backups.emplace(*catalog, *regions, *engine, jobs, TheSystemRandom());
    restores.emplace(*catalog, *regions, *recovery, jobs, TheSystemRandom());
    table::ControlHooks hooks;
    hooks.before_drop = [this](const catalog::TableRecord& table) -> Result<void> {
      if (!table.pitr.enabled) return {};
      TM_TRYV(backups->CreateSystem(table));
      return {};
    };
    hooks.after_drop = [this](const catalog::TableRecord& table) { recovery->Forget(table.id); };
    control.emplace(*catalog, *regions, pool, clock, TheSystemRandom(), std::move(hooks));
    return {};
  }
};

using Rows = std::map<Bytes, Bytes>;  // row key -> row value

inline Result<Rows> ReadAll(shard::Table& table) {
  Rows found;
  const auto range = item::SegmentRange(item::kPrimaryIndex, 0, 1);
  TM_TRY(const auto store, table.OpenStore());
  TM_TRY(auto rows, store->Scan({.begin = range.begin, .end = range.end}));
  for (; rows->Valid(); rows->Next()) found[Bytes(rows->key())] = Bytes(rows->value());
  TM_TRYV(rows->status());
  return found;
}

// What rows add up to, computed as nobody else does: from the rows alone.
inline Result<shard::Totals> TotalsOf(const Rows& rows) {
  shard::Totals totals;
  for (const auto& [key, value] : rows) {
    TM_TRY(const uint64_t size, item::EncodedItemSize(value));
    totals.items += 1;
    totals.bytes += size;
    totals.hash += item::HashRow(key, value);
  }
  return totals;
}

}  // namespace tidemark
