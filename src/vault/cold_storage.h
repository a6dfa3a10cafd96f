// Recovery points that move to cold storage when their lifecycle says so, one after the other.
//
// The long part, writing and verifying the cold files, runs on a thread of its own; the worker
// (worker.h) then commits: the backup's record, the point's, and the warm files go. It is the
// worker, too, that copies recovery points, so none is copied while it changes place. Whatever a
// crash cuts off is begun anew, or found done.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "backup/cold_moves.h"
#include "catalog/catalog.h"
#include "runtime/blocking.h"
#include "vault/vault_store.h"

namespace tidemark::vault {

class ColdStorage {
 public:
  using Now = std::function<Timestamp(const Region&)>;

  // `writing`: a pool of one thread, for nothing else; it is stopped before this goes.
  ColdStorage(VaultStore& store, catalog::Catalog& catalog, backup::ColdMoves& moves,
              runtime::BlockingPool& writing)
      : store_(store), catalog_(catalog), moves_(moves), writing_(writing) {}

  // --- The worker's.
  // Begins with the next point that is due, unless one is on its way.
  void Begin(const Now& now);
  // Ends what has been written, and begins with the next.
  void Step(const Now& now);
  bool IsBusy() const;

 private:
  using Steady = std::chrono::steady_clock;
  struct Wait {
    int failures = 0;
    Steady::time_point until;
  };

  bool IsDue(const PointRecord& point, const Now& now) const;
  Ptr<PointRecord> NextDue(const Now& now) const;
  // On the thread of its own.
  void Write(const std::string& arn);
  Result<void> End(const PointRecord& point, Result<backup::ColdMoves::Written> written,
                   const Now& now);
  // `moved`: when it was; nullopt: as it is.
  Result<void> Note(const PointRecord& point, std::optional<Timestamp> moved,
                    const std::string& message);
  void Failed(const PointRecord& point, const Error& error);

  VaultStore& store_;
  catalog::Catalog& catalog_;
  backup::ColdMoves& moves_;
  runtime::BlockingPool& writing_;
  Ptr<PointRecord> point_;             // on its way; null: none is
  std::map<std::string, Wait> waits_;  // by ARN: when those that failed are tried again
  mutable std::mutex mutex_;
  std::optional<Result<backup::ColdMoves::Written>> written_;  // what came of it; nothing: not yet
};

}  // namespace tidemark::vault
