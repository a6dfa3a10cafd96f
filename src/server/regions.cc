#include "server/regions.h"

#include "base/files.h"
#include "table/request_tokens.h"

namespace tidemark::server {
namespace {

constexpr size_t kRegionsMax = 64;              // each has a log with segments of its own
constexpr uint64_t kSystemReserveDivisor = 10;  // records that make room must still be stored

}  // namespace

Regions::Regions(std::string directory, engine::Engine& engine, crypto::DataKeyProvider& keys,
                 Clock& clock, runtime::BlockingPool& pool, Random& random)
    : directory_(std::move(directory)),
      engine_(engine),
      keys_(keys),
      clock_(clock),
      pool_(pool),
      random_(random) {}

Result<std::unique_ptr<shard::Shard>> Regions::Open(shard::ShardOptions options,
                                                    runtime::BlockingPool& pool) {
  const std::string name = options.name;
  options.directory = directory_ + "/" + name;
  options.keys = &keys_;
  TM_TRYV(MakeDirectories(options.directory));
  log::LocalLogOptions log_options;
  log_options.directory = options.directory + "/log";
  if (name == kSystem) log_options.segment_bytes = 32 << 20;
  if (sizes_) sizes_(log_options, options);
  auto log = log::OpenLocalLog(log_options, keys_, random_);
  if (!log) return Fail(WithContext(log.error(), "opening the commit log of {}", name));
  return shard::Shard::Open(std::move(options), std::move(*log), engine_, clock_, pool);
}

Result<std::unique_ptr<shard::Shard>> Regions::OpenSystem(runtime::BlockingPool& system_pool) {
  shard::ShardOptions options;
  options.name = kSystem;
  options.disk_reserve_divisor = kSystemReserveDivisor;
  return Open(std::move(options), system_pool);
}

Result<void> Regions::OpenAll(Floors floors, const catalog::Catalog& catalog) {
  floors_ = std::move(floors);
  catalog_ = &catalog;
  TM_TRY(const auto names, ListDirectory(directory_));
  for (const std::string& name : names) {
    if (name == kSystem) continue;
    if (elsewhere_ && elsewhere_(Region(name))) {
      return Fail(ErrorKind::kValidation,
                  "the data directory has Region {}, which is on another server as --peer says: "
                  "leave that --peer out",
                  name);
    }
    TM_TRYV(Ensure(Region(name)));
  }
  return {};
}

Result<void> Regions::CheckHere(const Region& region) const {
  if (!elsewhere_ || !elsewhere_(region)) return {};
  return Fail(ErrorKind::kValidation,
              "Region {} is on another server, as --peer says: send the request there",
              region.value);
}

shard::Shard* Regions::Find(const Region& region) const {
  std::shared_lock lock(mutex_);
  const auto at = shards_.find(region.value);
  return at == shards_.end() ? nullptr : at->second.get();
}

Result<shard::Shard*> Regions::Ensure(const Region& region) {
  std::lock_guard making(making_);
  if (shard::Shard* shard = Find(region)) return shard;
  TM_TRYV(CheckHere(region));
  if (All().size() >= kRegionsMax) {
    return Fail(ErrorKind::kLimitExceeded,
                "This server already stores data of {} Regions, its limit", kRegionsMax);
  }
  shard::ShardOptions options;
  options.name = region.value;
  options.history_floor = [this, region] { return floors_.history(region); };
  options.stream_floor = [this, region] { return floors_.streams(region); };
  options.known = [this, region](TableId id) {
    if (id == table::RequestTokensTable()) return true;
    const auto table = catalog_->FindTable(id);
    return table && table->region == region;
  };
  options.has_history = [this](TableId id) {
    const auto table = catalog_->FindTable(id);
    return table && table->pitr.enabled;
  };
  for (const auto& table : catalog_->AllTables()) {
    if (table->region == region && table->status == catalog::TableStatus::kActive)
      options.active_tables.push_back(table->id);
  }
  TM_TRY(auto shard, Open(std::move(options), pool_));
  std::unique_lock lock(mutex_);
  return (shards_[region.value] = std::move(shard)).get();
}

std::vector<shard::Shard*> Regions::All() const {
  std::shared_lock lock(mutex_);
  std::vector<shard::Shard*> all;
  for (const auto& [name, shard] : shards_) all.push_back(shard.get());
  return all;
}

}  // namespace tidemark::server
