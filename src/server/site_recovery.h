// A site rebuilt from its backup store: all backups are known again, and every table is restored
// from its newest one, under its own name.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "backup/store_contents.h"
#include "backup/store_images.h"
#include "restore/restore.h"

namespace tidemark::server {

enum class TableFate {
  kPlanned,   // to be restored
  kRestored,  // it is there, ACTIVE
  kThere,     // a table of that name was there before, and was left alone
  kDeleted,   // its newest backup is the system's, of its deletion: it is not restored
  kFailed,
};
std::string_view ToString(TableFate fate);  // "RESTORED"

struct TableRecovery {
  const backup::StoredBackup* stored;  // its newest backup
  TableFate fate = TableFate::kPlanned;
  std::string reason;  // kFailed, kThere, kDeleted
  double seconds = 0;  // kRestored: since the recovery began
};

// What would be done: of each table its newest backup. `tables`: names; empty: all.
std::vector<TableRecovery> PlanRecovery(const backup::StoreContents& contents,
                                        const std::vector<std::string>& tables);

struct RecoveryProgress {
  uint64_t bytes_done = 0, bytes_total = 0;  // from the store, of the tables to be restored
  size_t tables_done = 0, tables_total = 0;
  double seconds = 0;
};

class SiteRecovery {
 public:
  // Borrows everything.
  SiteRecovery(catalog::Catalog& catalog, restore::Restores& restores,
               const restore::RestoreReports& reports, backup::StoreImages& images)
      : catalog_(catalog), restores_(restores), reports_(reports), images_(images) {}

  // Registers all backups, then restores what is planned and says in `plan` what has become of it;
  // `tell` hears of it every 100 ms. May be called again after a crash: what is there is left
  // alone, a restore that was cut off has been taken up by the start. Blocking. Errors: the server
  // itself does not work; what goes wrong with one table is told with it.
  using Tell = std::function<void(const RecoveryProgress&)>;
  Result<void> Run(const backup::StoreContents& contents, std::vector<TableRecovery>* plan,
                   const Tell& tell);

 private:
  void Begin(TableRecovery& table);

  catalog::Catalog& catalog_;
  restore::Restores& restores_;
  const restore::RestoreReports& reports_;
  backup::StoreImages& images_;
};

}  // namespace tidemark::server
