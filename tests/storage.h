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
#include "index/changes.h"
#include "item/item_codec.h"
#include "item/row_key.h"
#include "kms/root_key_provider.h"
#include "pitr/images.h"
#include "pitr/past.h"
#include "pitr/window.h"
#include "restore/restore.h"
#include "runtime/io_threads.h"
#include "server/regions.h"
#include "streams/streams.h"
#include "table/control.h"
#include "table/index_jobs.h"
#include "table/update_indexes.h"

namespace tidemark {

struct StorageOptions {
  std::string directory;  // made if absent
  engine::EngineOptions engine{.block_cache_bytes = 32 << 20, .write_buffer_bytes = 1 << 20};
  server::Regions::Sizes sizes;
  pitr::RecoveryOptions recovery;
  pitr::PastOptions past;
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
    if (index_jobs) index_jobs->Stop();
    if (restores) restores->Stop();
    jobs.Stop();
    pool.Stop();
    system_pool.Stop();
    past.reset();
    if (recovery) recovery->Stop();
    regions.reset();
    restore_reports.reset();
    catalog.reset();
    system.reset();
    threads.Stop();
    threads.Join();
  }

  // Takes up what a crash cut off, as a server's start does.
  Result<void> Resume() {
    TM_TRYV(backups->Resume());
    TM_TRYV(control->Resume());
    index_jobs->Resume();
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
  std::optional<pitr::Past> past;
  std::optional<streams::Streams> streams;
  std::optional<backup::Backups> backups;
  std::unique_ptr<restore::RestoreReports> restore_reports;
  std::optional<restore::Restores> restores;
  std::optional<table::Control> control;
  std::optional<table::IndexJobs> index_jobs;

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
    catalog->SetStamp(catalog::StampInLog(*regions));
    recovery.emplace(*catalog, *regions, *engine, keys, TheSystemRandom(), options.recovery);
    past.emplace(*catalog, *regions, *engine, *recovery, TheSystemRandom(), options.past);
    streams.emplace(*catalog, *regions, pool);
    TM_TRYV(regions->OpenAll(
        {.history = [this](const Region& region) { return recovery->Floor(region); },
         .streams = [this](const Region& region) { return streams->Floor(region); }},
        *catalog));
    backups.emplace(*catalog, *regions, *engine, jobs, TheSystemRandom());
    TM_TRY(restore_reports, restore::RestoreReports::Open(*system, threads.context(0)));
    restores.emplace(*catalog, *regions, *recovery, *restore_reports, jobs, jobs,
                     TheSystemRandom());
    table::ControlHooks hooks;
    hooks.before_drop = [this](const catalog::TableRecord& table) -> Result<void> {
      if (!table.pitr.enabled) return {};
      TM_TRYV(backups->CreateSystem(table));
      return {};
    };
    hooks.after_drop = [this](const catalog::TableRecord& table) { recovery->Forget(table.id); };
    control.emplace(*catalog, *regions, pool, clock, TheSystemRandom(), std::move(hooks));
    index_jobs.emplace(*catalog, *regions, threads.context(0));
    return {};
  }
};

// As UpdateTable does: adds an index on one attribute, or takes one out.
inline Result<void> ChangeIndex(Storage& storage, TableId table, const std::string& name,
                                std::optional<catalog::AttributeDefinition> on) {
  table::IndexUpdateRequest update;
  std::vector<catalog::AttributeDefinition> attributes;
  if (on) {
    attributes.push_back(*on);
    update.create.emplace();
    update.create->name = name;
    update.create->key_schema = {{.name = on->name}};
    update.create->projection = index::Projection::kKeysOnly;
  } else {
    update.remove = name;
  }
  TM_TRYV(storage.catalog->EditTable(table, [&](catalog::TableRecord& record) {
    return table::ApplyIndexUpdates({update}, attributes, &record);
  }));
  storage.index_jobs->Queue(table);
  return {};
}

using Rows = std::map<Bytes, Bytes>;  // row key -> row value

inline Result<Rows> ReadAll(const engine::RowReader& reader, uint16_t first = item::kPrimaryIndex,
                            uint16_t last = item::kPrimaryIndex) {
  Rows found;
  const auto range = item::IndexRange(first, last);
  TM_TRY(auto rows, reader.Scan({.begin = range.begin, .end = range.end}));
  for (; rows->Valid(); rows->Next()) found[Bytes(rows->key())] = Bytes(rows->value());
  TM_TRYV(rows->status());
  return found;
}

inline Result<Rows> ReadAll(shard::Table& table, uint16_t first = item::kPrimaryIndex,
                            uint16_t last = item::kPrimaryIndex) {
  TM_TRY(const auto store, table.OpenStore());
  return ReadAll(*store, first, last);
}

// All rows of the table's indexes, whether the table still knows them or not.
inline Result<Rows> ReadIndexes(shard::Table& table) {
  return ReadAll(table, item::kFirstSecondaryIndex, 0xFFFF);
}

// The rows its indexes should have, made of the items alone.
inline Result<Rows> IndexRowsOf(const catalog::TableRecord& table, const Rows& items) {
  Rows rows;
  for (const auto& [key, value] : items) {
    TM_TRY(const item::Item item, item::DecodeItem(value));
    for (const auto& index : table.indexes) {
      auto row = index::RowOf(index.definition, table.keys, {item, value});
      if (row) rows[std::move(row->key)] = std::move(row->value);
    }
  }
  return rows;
}

// What items and index rows add up to, computed as nobody else does: from the rows alone.
inline Result<shard::Totals> TotalsOf(const Rows& items, const Rows& index_rows = {}) {
  shard::TotalsDelta sums;
  for (const auto& [key, value] : items) {
    TM_TRY(const uint64_t size, item::EncodedItemSize(value));
    sums.items += 1;
    sums.bytes += static_cast<int64_t>(size);
    sums.added += item::HashRow(key, value);
  }
  for (const auto& [key, value] : index_rows) {
    TM_TRY(const uint64_t size, item::EncodedItemSize(value));
    sums.indexes.push_back(
        {item::IndexOf(key), 1, static_cast<int64_t>(size), item::HashRow(key, value), {}});
  }
  shard::Totals totals;
  Add(totals, sums);
  return totals;
}

// Adds to a write of an item what it does to the table's indexes.
inline void AddIndexRows(const catalog::TableRecord& table, const std::optional<Bytes>& before,
                         shard::Mutation* mutation) {
  std::optional<item::Item> old_item, new_item;
  std::optional<index::Image> old_image, new_image;
  if (before)
    old_image.emplace(index::Image{old_item.emplace(*item::DecodeItem(*before)), *before});
  if (mutation->kind == shard::Mutation::Kind::kPut) {
    new_image.emplace(
        index::Image{new_item.emplace(*item::DecodeItem(mutation->value)), mutation->value});
  }
  for (const auto& index : table.indexes) {
    if (!index.IsKept()) continue;
    auto effect = index::EffectOf(index.definition, table.keys, old_image ? &*old_image : nullptr,
                                  new_image ? &*new_image : nullptr);
    if (effect.rows.empty()) continue;
    for (auto& row : effect.rows)
      mutation->index_rows.push_back({std::move(row.key), std::move(row.value)});
    if (index.definition.building) continue;
    mutation->indexes.push_back(
        {index.definition.number, effect.items, effect.bytes, effect.added, effect.removed});
  }
}

// A write that puts `now` where `before` was, or deletes it.
inline shard::Mutation MutationOf(const catalog::TableRecord& table,
                                  const std::optional<Bytes>& before,
                                  const std::optional<item::Item>& now) {
  shard::Mutation mutation;
  mutation.kind = now ? shard::Mutation::Kind::kPut : shard::Mutation::Kind::kDelete;
  mutation.old_size = before ? *item::EncodedItemSize(*before) : 0;
  if (now) {
    mutation.value = item::EncodeItem(*now);
    mutation.new_size = *item::EncodedItemSize(mutation.value);
  }
  AddIndexRows(table, before, &mutation);
  return mutation;
}

}  // namespace tidemark
