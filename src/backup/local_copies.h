// Copies of backups in another Region or account of this server: each a backup of its own, which
// needs neither the one it was made of nor that one's table or key.
#pragma once
#include <atomic>
#include <string>

#include "catalog/catalog.h"
#include "engine/table_store.h"

namespace tidemark::backup {

// All ids are chosen before, so that whoever was cut off finds what it has made.
struct LocalCopyOrder {
  std::string source_arn;
  std::string name;
  AccountId account;
  Region region;
  BackupId id;
  ImageId image;
  TableId sealed_for;        // an id of no table, for which the copy's data keys are wrapped
  catalog::SseSettings sse;  // the key by which they are
  std::string Arn(const catalog::BackupRecord& source) const;
};

// The record of a copy, here or by another server; pure.
catalog::BackupRecord RecordOfCopy(const catalog::BackupRecord& source,
                                   const LocalCopyOrder& order);

class LocalCopies {
 public:
  LocalCopies(catalog::Catalog& catalog, catalog::Shards& shards, engine::Engine& engine)
      : catalog_(catalog), shards_(shards), engine_(engine) {}

  // Reads the source whole, unless the copy is made already: kCorruption names the file that is
  // damaged. Errors: those of Make; kCancelled (`stop`). Blocking, for as long as that takes.
  Result<void> Check(const LocalCopyOrder& order, const std::atomic<bool>& stop);
  // Makes the copy, or finds it made: a backup of AWS Backup, AVAILABLE. Its files are links to
  // the source's, in the copy's Region; its data keys are wrapped anew, by what the provider says
  // of `sealed_for`. Blocking; durable on return. Errors: kBackupNotFound (the source),
  // kBackupInUse (it is being made), kValidation (it is in cold storage), kKeyDisabled, kNotFound
  // (a key that is gone); nothing stays.
  Result<catalog::BackupPtr> Make(const LocalCopyOrder& order);

 private:
  Result<catalog::BackupPtr> SourceOf(const LocalCopyOrder& order) const;
  Result<void> LinkFiles(const catalog::BackupRecord& source, const std::string& directory,
                         TableId sealed_for);

  catalog::Catalog& catalog_;
  catalog::Shards& shards_;
  engine::Engine& engine_;
};

}  // namespace tidemark::backup
