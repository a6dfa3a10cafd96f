// Accounts' tables, backups, images and restores of items: rows of a system table in the `_system`
// shard, all held in memory as well. Reads never block and give immutable snapshots; writes are
// durable when they return.
//
// Threads: any. Writes block (they wait for the system shard): call them from the blocking pool.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/backup_record.h"
#include "catalog/item_restore_record.h"
#include "catalog/settings_record.h"
#include "catalog/system_rows.h"
#include "catalog/table_record.h"
#include "shard/shard.h"

namespace tidemark::catalog {

using BackupPtr = std::shared_ptr<const BackupRecord>;
using ImagePtr = std::shared_ptr<const ImageRecord>;
using ItemRestorePtr = std::shared_ptr<const ItemRestoreRecord>;

class Catalog {
 public:
  // Reads everything from `system` (its tables are made at the first start). `context` is an I/O
  // thread that runs the writes.
  static Result<std::unique_ptr<Catalog>> Open(shard::Shard& system, asio::io_context& context);
  virtual ~Catalog() = default;

  // Whether it takes changes, and what is stored is what it has in memory. Asked before files are
  // made that a change shall name: what an attempt before left may be all that a record has after
  // the next start. Errors: those of Shard::Writable, and kIo while its table refuses changes.
  virtual Result<void> Writable() const = 0;
  virtual Result<void> Settle() = 0;  // as SystemRows::Settle

  // --- Tables
  virtual TablePtr FindTable(const AccountId& account, const Region& region,
                             std::string_view name) const = 0;  // null if not there
  virtual TablePtr FindTable(TableId id) const = 0;
  // In name order, after `after` (empty: from the start), at most `limit`.
  virtual std::vector<TablePtr> ListTables(const AccountId& account, const Region& region,
                                           std::string_view after, size_t limit) const = 0;
  virtual std::vector<TablePtr> AllTables() const = 0;
  // Reserves the names of all of them, or of none. kResourceInUse if one is taken; kNotFound if one
  // is to be restored from an image that no record names any more.
  virtual Result<void> InsertTables(std::vector<TableRecord> records) = 0;
  Result<void> InsertTable(TableRecord record) { return InsertTables({std::move(record)}); }
  // Applies `edit` to the newest record, with one edit of a table at a time, then stores it. `edit`
  // must not edit the same table. kResourceNotFound. An error of `edit` is returned and nothing
  // changes. What it changes of the settings of a table with recovery is noted, with `origin`, in
  // the same step; errors then: those of the stamp.
  using Edit = std::function<Result<void>(TableRecord&)>;
  virtual Result<TablePtr> EditTable(TableId id, Edit edit, const shard::Origin& origin) = 0;
  Result<TablePtr> EditTable(TableId id, Edit edit) {  // by the server itself
    return EditTable(id, std::move(edit), shard::Origin());
  }
  virtual Result<void> EraseTables(const std::vector<TableId>& ids) = 0;  // all or none
  Result<void> EraseTable(TableId id) { return EraseTables({id}); }
  // Whether everyone who holds a record of the table that FindTable and its kin gave knows its
  // indexes and time to live as they are now: who adds or removes an index waits for that, since
  // requests work with the record they began with.
  virtual bool IndexesSettled(TableId id) const = 0;

  // --- Former settings: of tables with recovery, from the instant it was switched on. They go with
  // it; those of a table that is gone stay until ForgetSettings.
  // Gives a change of a table's settings its commit time, in the log of the table's Region. Without
  // a stamp nothing is noted. Set before there are edits.
  using Stamp = std::function<Result<Timestamp>(const TableRecord&)>;
  virtual void SetStamp(Stamp stamp) = 0;
  // Who is told of a backup that is to be erased, and of a table whose recovery is to end, before
  // that is stored, and may forbid it by an error. They must not change the catalog. What an
  // account's end takes with it is not told. Set before there are edits.
  struct Endings {
    std::function<Result<void>(const BackupRecord&)> backup;
    std::function<Result<void>(const TableRecord&)> recovery;
  };
  virtual void SetEndings(Endings endings) = 0;
  // The table with its settings as of an instant that no later commit will have; as of an instant
  // before all that is noted, with the oldest. Blocking. kResourceNotFound: nothing is known of it.
  virtual Result<TablePtr> TableAt(TableId id, Timestamp time) = 0;
  // The settings that held at `from`, and each change up to `until`, in order. Likewise.
  virtual Result<std::vector<SettingsRecord>> Settings(TableId id, Timestamp from,
                                                       Timestamp until) = 0;
  virtual std::vector<TableId> TablesWithSettings() const = 0;
  // Drops settings that others had followed by `before`, a time that is in the log already; of a
  // table without recovery nullopt drops all.
  virtual Result<void> ForgetSettings(TableId id, std::optional<Timestamp> before) = 0;

  // --- Former streams: of tables that are gone, or have another stream by now. Each is the record
  // of its table as it was, with that stream; by stream ARN.
  virtual std::vector<TablePtr> FormerStreams() const = 0;
  virtual TablePtr FindFormerStream(std::string_view arn) const = 0;  // null if not there
  virtual Result<void> KeepFormerStream(TableRecord record) = 0;      // inserts or replaces
  virtual Result<void> EraseFormerStream(std::string_view arn) = 0;

  // --- Backups
  virtual BackupPtr FindBackup(std::string_view arn) const = 0;
  virtual std::vector<BackupPtr> Backups(const AccountId& account,
                                         const Region& region) const = 0;  // in ARN order
  virtual std::vector<BackupPtr> AllBackups() const = 0;
  virtual Result<void> PutBackup(BackupRecord record) = 0;  // inserts or replaces, by ARN
  // Applies `edit` to the newest record under the catalog's lock, then stores it. kBackupNotFound:
  // it was erased meanwhile, and stays so.
  virtual Result<void> EditBackup(std::string_view arn,
                                  std::function<void(BackupRecord&)> edit) = 0;
  // kBackupInUse: an unfinished restore reads from it.
  virtual Result<void> EraseBackup(std::string_view arn) = 0;

  // --- Images of point-in-time recovery, per table in order of as_of
  virtual std::vector<ImagePtr> Images(TableId table) const = 0;
  virtual std::vector<ImagePtr> AllImages() const = 0;
  virtual Result<void> PutImage(ImageRecord record) = 0;
  virtual Result<void> EraseImage(TableId table, ImageId image) = 0;  // kBackupInUse, as above

  // --- Restores of items into live tables
  virtual ItemRestorePtr FindItemRestore(ItemRestoreId id) const = 0;  // null if not there
  virtual std::vector<ItemRestorePtr> AllItemRestores() const = 0;     // in order of ids
  virtual Result<void> PutItemRestore(ItemRestoreRecord record) = 0;   // inserts or replaces
  // Applies `edit` to the newest record under the catalog's lock, then stores it. kNotFound: it was
  // erased meanwhile, and stays so.
  virtual Result<void> EditItemRestore(ItemRestoreId id,
                                       std::function<void(ItemRestoreRecord&)> edit) = 0;
  virtual Result<void> EraseItemRestore(ItemRestoreId id) = 0;

  // Everything of an account (test hook): all of it or nothing. Returns what was erased, for
  // cleaning up.
  struct Erased {
    AccountId account;
    std::vector<TablePtr> tables;
    std::vector<BackupPtr> backups;
    std::vector<ImagePtr> images;
  };
  virtual Result<Erased> EraseAccount(const AccountId& account) = 0;

  // Whether an unfinished restore, of a table or of items, reads from this image directory.
  virtual bool IsBeingRestored(std::string_view directory) const = 0;
};

// The shards of this server by Region, opened or made on demand.
class Shards {
 public:
  virtual ~Shards() = default;
  virtual shard::Shard* Find(
      const Region& region) const = 0;  // null: nothing was ever stored there
  virtual Result<shard::Shard*> Ensure(const Region& region) = 0;  // makes it; blocking
  virtual std::vector<shard::Shard*> All() const = 0;              // Regions only, not `_system`
};

// Stamps changes of settings with control records of the tables' Regions. `shards` must outlive it.
Catalog::Stamp StampInLog(const Shards& shards);

}  // namespace tidemark::catalog
