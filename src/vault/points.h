// Recovery points after they are made: their lives, their end, and tables' backups in vaults.
//
// One that is to go is kDeleting first, durably; the worker (worker.h) then removes its backup, and
// the record last, so that a crash between leaves something that is taken up again.
#pragma once
#include <functional>
#include <string>

#include "backup/backup.h"
#include "catalog/catalog.h"
#include "iam/directory.h"
#include "vault/vaults.h"

namespace tidemark::vault {

// kNotFound: it is not in that vault.
Result<Ptr<PointRecord>> FindPoint(const VaultScope& scope, std::string_view vault,
                                   std::string_view arn);
// Gives it another life. kInvalidParameter, also that it would move to cold storage at another time
// when it is there already; kInvalidRequest: the vault is locked, and it would end earlier. The
// record as it is then.
Result<Ptr<PointRecord>> UpdateLifecycle(const VaultScope& scope, std::string_view vault,
                                         std::string_view arn, const Lifecycle& lifecycle);
// kInvalidRequest: the vault is locked; kInvalidResourceState: it is being made, restored from
// or copied, or under a legal hold.
Result<void> DeletePoint(const VaultScope& scope, const catalog::Catalog& catalog,
                         std::string_view vault, std::string_view arn);

// What the worker does about them. Thread: the worker's.
class PointUpkeep {
 public:
  PointUpkeep(VaultStore& store, catalog::Catalog& catalog, backup::Backups& backups,
              const iam::Directory& directory)
      : store_(store), catalog_(catalog), backups_(backups), directory_(directory) {}

  // Removes those that are kDeleting.
  void RemoveDeleting();
  // Those whose life is over by `now`, of their Region, or that are in the air-gapped vault they
  // were made for, and which no legal hold holds: kDeleting,
  // or kExpired if the role that made them may not delete them.
  void Expire(const std::function<Timestamp(const Region&)>& now);

 private:
  Result<void> Remove(const PointRecord& point);
  Result<void> CheckMayDelete(const PointRecord& point) const;
  bool IsOfNoMoreUse(const PointRecord& point) const;

  VaultStore& store_;
  catalog::Catalog& catalog_;
  backup::Backups& backups_;
  const iam::Directory& directory_;
};

}  // namespace tidemark::vault
