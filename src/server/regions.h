// The shards of this server: `_system`, and one per Region, made when something is first stored
// there.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>

#include "catalog/catalog.h"
#include "crypto/data_key.h"
#include "engine/table_store.h"
#include "log/local/local_log.h"
#include "runtime/blocking.h"

namespace tidemark::server {

class Regions : public catalog::Shards {
 public:
  // What a Region's history, and its streams, need of its log; asked before segments are dropped.
  using Floor = std::function<std::optional<log::Position>(const Region&)>;
  struct Floors {
    Floor history, streams;
  };

  Regions(std::string directory, engine::Engine& engine, crypto::DataKeyProvider& keys,
          Clock& clock, runtime::BlockingPool& pool, Random& random);

  static constexpr std::string_view kSystem = "_system";

  // Sizes other than the defaults, of every shard; before anything is opened.
  using Sizes = std::function<void(log::LocalLogOptions&, shard::ShardOptions&)>;
  void SetSizes(Sizes sizes) { sizes_ = std::move(sizes); }

  // Regions that other servers have, which are not made here. Before anything is opened.
  using Elsewhere = std::function<bool(const Region&)>;
  void SetElsewhere(Elsewhere elsewhere) { elsewhere_ = std::move(elsewhere); }

  // Opens the shard `_system`; separately, because the catalog lies in it. Blocking. WHY a pool of
  // its own: what runs on the other one waits for catalog writes, which may have to read from the
  // disk.
  Result<std::unique_ptr<shard::Shard>> OpenSystem(runtime::BlockingPool& system_pool);
  // Opens every Region found on disk; `floors` are theirs from the first moment. `catalog` says
  // which tables there are; it must outlive this. Blocking.
  Result<void> OpenAll(Floors floors, const catalog::Catalog& catalog);

  // kValidation: another server has that Region.
  Result<void> CheckHere(const Region& region) const;

  shard::Shard* Find(const Region& region) const override;
  Result<shard::Shard*> Ensure(const Region& region) override;
  std::vector<shard::Shard*> All() const override;

 private:
  Result<std::unique_ptr<shard::Shard>> Open(shard::ShardOptions options,
                                             runtime::BlockingPool& pool);

  const std::string directory_;
  engine::Engine& engine_;
  crypto::DataKeyProvider& keys_;
  Clock& clock_;
  runtime::BlockingPool& pool_;
  Random& random_;
  Floors floors_;
  const catalog::Catalog* catalog_ = nullptr;
  Sizes sizes_;
  Elsewhere elsewhere_;

  std::mutex making_;  // one Region is made at a time
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<shard::Shard>, std::less<>> shards_;
};

}  // namespace tidemark::server
