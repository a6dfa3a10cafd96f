#include "server/regions.h"

#include <filesystem>

#include "base/files.h"
#include "log/local/local_log.h"

namespace tidemark::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSystem = "_system";
constexpr size_t kRegionsMax = 64;  // each has a log with segments of its own

}  // namespace

Regions::Regions(std::string directory, engine::Engine& engine, crypto::DataKeyProvider& keys,
                 Clock& clock, runtime::BlockingPool& pool, Random& random)
    : directory_(std::move(directory)),
      engine_(engine),
      keys_(keys),
      clock_(clock),
      pool_(pool),
      random_(random) {}

Result<std::unique_ptr<shard::Shard>> Regions::Open(const std::string& name,
                                                    runtime::BlockingPool& pool) {
  shard::ShardOptions options;
  options.name = name;
  options.directory = directory_ + "/" + name;
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error) return Fail(FromErrno(error.value(), "making " + options.directory));
  TM_TRYV(SyncDirectory(directory_));
  log::LocalLogOptions log_options;
  log_options.directory = options.directory + "/log";
  if (name == kSystem) log_options.segment_bytes = 32 << 20;
  auto log = log::OpenLocalLog(log_options, keys_, random_);
  if (!log) return Fail(WithContext(log.error(), "opening the commit log of {}", name));
  return shard::Shard::Open(std::move(options), std::move(*log), engine_, clock_, pool);
}

Result<std::unique_ptr<shard::Shard>> Regions::OpenSystem(runtime::BlockingPool& system_pool) {
  return Open(std::string(kSystem), system_pool);
}

Result<void> Regions::OpenAll(Floor floor) {
  floor_ = std::move(floor);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    const std::string name = entry.path().filename().string();
    if (name != kSystem) TM_TRYV(Ensure(Region(name)));
  }
  if (error) return Fail(FromErrno(error.value(), "listing " + directory_));
  return {};
}

shard::Shard* Regions::Find(const Region& region) const {
  std::shared_lock lock(mutex_);
  const auto at = shards_.find(region.value);
  return at == shards_.end() ? nullptr : at->second.get();
}

Result<shard::Shard*> Regions::Ensure(const Region& region) {
  std::lock_guard making(making_);
  if (shard::Shard* shard = Find(region)) return shard;
  if (All().size() >= kRegionsMax) {
    return Fail(ErrorKind::kLimitExceeded,
                "This server already stores data of {} Regions, its limit", kRegionsMax);
  }
  TM_TRY(auto shard, Open(region.value, pool_));
  shard->SetHistoryFloor([this, region] { return floor_(region); });
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
