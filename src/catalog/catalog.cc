#include "catalog/catalog.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <unordered_map>

#include "catalog/published_tables.h"
#include "catalog/settings_history.h"
#include "catalog/system_rows.h"

namespace tidemark::catalog {
namespace {

// The system table that holds all records; an id that no random table gets.
TableId SystemTableId() { return *TableId::Parse("00000000-0000-4000-8000-000000000001"); }

// Row keys: the primary index, then a readable path.
//   table/<table id>   backup/<backup arn>   image/<table id>/<image id>   stream/<stream arn>
//   item_restore/<id>   settings/<table id>/<microseconds>
std::string TableKey(TableId id) { return "table/" + id.ToString(); }
std::string BackupKey(std::string_view arn) { return "backup/" + std::string(arn); }
std::string ItemRestoreKey(ItemRestoreId id) { return "item_restore/" + id.ToString(); }
std::string StreamKey(std::string_view arn) { return "stream/" + std::string(arn); }
std::string ImageKey(TableId table, ImageId image) {
  return "image/" + table.ToString() + "/" + image.ToString();
}

class SystemCatalog : public Catalog {
 public:
  explicit SystemCatalog(SystemRows rows) : rows_(std::move(rows)) {}

  Result<void> Load() {
    return rows_.ForEach([this](std::string_view path, BytesView value) -> Result<void> {
      if (path.starts_with("table/")) {
        TM_TRY(auto record, DecodeTableRecord(value));
        tables_.Set(std::move(record));
      } else if (path.starts_with("backup/")) {
        TM_TRY(auto record, DecodeBackupRecord(value));
        const std::string arn = record.Arn();
        backups_[arn] = std::make_shared<const BackupRecord>(std::move(record));
      } else if (path.starts_with("image/")) {
        TM_TRY(auto record, DecodeImageRecord(value));
        SetImage(std::make_shared<const ImageRecord>(std::move(record)));
      } else if (path.starts_with("stream/")) {
        TM_TRY(auto record, DecodeTableRecord(value));
        const std::string arn = record.StreamArn();
        streams_[arn] = std::make_shared<const TableRecord>(std::move(record));
      } else if (path.starts_with("item_restore/")) {
        TM_TRY(auto record, DecodeItemRestoreRecord(value));
        SetItemRestore(std::move(record));
      } else if (path.starts_with(SettingsHistory::kPath)) {
        TM_TRYV(settings_.Load(path));
      }
      return {};
    });
  }

  Result<void> Writable() const override {
    TM_TRYV(rows_.Writable());
    return rows_.Settle();
  }
  Result<void> Settle() override { return rows_.Settle(); }

  TablePtr FindTable(const AccountId& account, const Region& region,
                     std::string_view name) const override {
    std::shared_lock lock(mutex_);
    return tables_.Find(account, region, name);
  }

  TablePtr FindTable(TableId id) const override {
    std::shared_lock lock(mutex_);
    return tables_.Find(id);
  }

  std::vector<TablePtr> ListTables(const AccountId& account, const Region& region,
                                   std::string_view after, size_t limit) const override {
    std::shared_lock lock(mutex_);
    return tables_.List(account, region, after, limit);
  }

  std::vector<TablePtr> AllTables() const override { return ValuesOf(tables_.all()); }

  Result<void> InsertTables(std::vector<TableRecord> records) override {
    std::lock_guard writer(writer_mutex_);
    std::vector<RowEdit> edits;
    for (const TableRecord& record : records) {
      if (FindTable(record.account, record.region, record.name)) {
        return Fail(ErrorKind::kResourceInUse, "Table already exists: {}", record.name);
      }
      // In one step with the reservation: from now on the image is not erased.
      if (record.restore && !HasImage(record.restore->image_directory)) {
        return Fail(ErrorKind::kNotFound,
                    "what table {} is to be restored from was removed meanwhile", record.name);
      }
      edits.push_back({TableKey(record.id), EncodeTableRecord(record)});
    }
    TM_TRYV(rows_.Store(std::move(edits)));
    std::unique_lock lock(mutex_);
    for (TableRecord& record : records) tables_.Set(std::move(record));
    return {};
  }

  Result<TablePtr> EditTable(TableId id, Edit edit, const shard::Origin& origin) override {
    const auto turn = settings_.Take(id);
    const TablePtr old = FindTable(id);
    if (!old) return NoSuchTable();
    TableRecord record = *old;
    TM_TRYV(edit(record));
    if (record == *old) {
      TM_TRYV(rows_.Settle());  // else the record that is stored may be another
      return old;
    }
    TM_TRY(const auto noted, NoteSettings(*old, record, origin));
    std::vector<RowEdit> edits{{TableKey(id), EncodeTableRecord(record)}};
    for (const auto& settings : noted) edits.push_back(SettingsHistory::RowOf(settings));
    const bool forgets = old->pitr.enabled && !record.pitr.enabled;
    if (forgets) std::ranges::move(settings_.Erasures(id), std::back_inserter(edits));

    std::lock_guard writer(writer_mutex_);
    if (FindTable(id) != old) return NoSuchTable();  // erased meanwhile
    if (forgets && endings_.recovery) TM_TRYV(endings_.recovery(*old));
    TM_TRYV(rows_.Store(std::move(edits)));
    if (forgets) settings_.Forget(id);
    for (const auto& settings : noted) settings_.Note(id, settings.time);
    std::unique_lock lock(mutex_);
    return tables_.Set(std::move(record));
  }

  void SetStamp(Stamp stamp) override { stamp_ = std::move(stamp); }
  void SetEndings(Endings endings) override { endings_ = std::move(endings); }

  Result<TablePtr> TableAt(TableId id, Timestamp time) override {
    // A change under way may be stamped at or before it.
    if (!settings_.ChangedSince(id, time)) {
      const auto turn = settings_.Take(id);
      auto table = settings_.ChangedSince(id, time) ? nullptr : FindTable(id);
      if (table) return table;
    }
    TM_TRY(auto records, settings_.Read(id, time, time));
    if (records.empty()) return NoSuchTable();
    return std::make_shared<const TableRecord>(std::move(records.front().table));
  }

  Result<std::vector<SettingsRecord>> Settings(TableId id, Timestamp from,
                                               Timestamp until) override {
    const auto turn = settings_.Take(id);
    return settings_.Read(id, from, until);
  }

  std::vector<TableId> TablesWithSettings() const override { return settings_.Tables(); }

  Result<void> ForgetSettings(TableId id, std::optional<Timestamp> before) override {
    if (settings_.Erasures(id, before).empty()) return {};
    const auto turn = settings_.Take(id);
    const TablePtr table = FindTable(id);
    if (!before && table && table->pitr.enabled) return {};  // switched on again
    auto edits = settings_.Erasures(id, before);
    std::lock_guard writer(writer_mutex_);
    TM_TRYV(rows_.Store(std::move(edits)));
    settings_.Forget(id, before);
    return {};
  }

  Result<void> EraseTables(const std::vector<TableId>& ids) override {
    std::lock_guard writer(writer_mutex_);
    std::vector<TablePtr> tables;
    std::vector<RowEdit> edits;
    for (const TableId id : ids) {
      const TablePtr table = FindTable(id);
      if (!table) continue;
      if (table->pitr.enabled && endings_.recovery) TM_TRYV(endings_.recovery(*table));
      tables.push_back(table);
      edits.push_back({TableKey(id), std::nullopt});
    }
    TM_TRYV(rows_.Store(std::move(edits)));
    std::unique_lock lock(mutex_);
    for (const TablePtr& table : tables) tables_.Drop(*table);
    return {};
  }

  bool IndexesSettled(TableId id) const override {
    std::shared_lock lock(mutex_);
    return tables_.IndexesSettled(id);
  }

  std::vector<TablePtr> FormerStreams() const override {
    std::shared_lock lock(mutex_);
    std::vector<TablePtr> all;
    for (const auto& [arn, table] : streams_) all.push_back(table);
    return all;
  }

  TablePtr FindFormerStream(std::string_view arn) const override {
    std::shared_lock lock(mutex_);
    const auto at = streams_.find(arn);
    return at == streams_.end() ? nullptr : at->second;
  }

  Result<void> KeepFormerStream(TableRecord record) override {
    std::lock_guard writer(writer_mutex_);
    const std::string arn = record.StreamArn();
    TM_TRYV(rows_.Store({{StreamKey(arn), EncodeTableRecord(record)}}));
    std::unique_lock lock(mutex_);
    streams_[arn] = std::make_shared<const TableRecord>(std::move(record));
    return {};
  }

  Result<void> EraseFormerStream(std::string_view arn) override {
    std::lock_guard writer(writer_mutex_);
    TM_TRYV(rows_.Store({{StreamKey(arn), std::nullopt}}));
    std::unique_lock lock(mutex_);
    if (const auto at = streams_.find(arn); at != streams_.end()) streams_.erase(at);
    return {};
  }

  BackupPtr FindBackup(std::string_view arn) const override {
    std::shared_lock lock(mutex_);
    const auto at = backups_.find(arn);
    return at == backups_.end() ? nullptr : at->second;
  }

  std::vector<BackupPtr> Backups(const AccountId& account, const Region& region) const override {
    std::shared_lock lock(mutex_);
    std::vector<BackupPtr> found;
    for (const auto& [arn, backup] : backups_) {
      if (backup->source.account == account && backup->source.region == region)
        found.push_back(backup);
    }
    return found;
  }

  std::vector<BackupPtr> AllBackups() const override { return ValuesOf(backups_); }

  Result<void> PutBackup(BackupRecord record) override {
    std::lock_guard writer(writer_mutex_);
    const std::string arn = record.Arn();
    TM_TRYV(rows_.Store({{BackupKey(arn), EncodeBackupRecord(record)}}));
    std::unique_lock lock(mutex_);
    backups_[arn] = std::make_shared<const BackupRecord>(std::move(record));
    return {};
  }

  Result<void> EditBackup(std::string_view arn, std::function<void(BackupRecord&)> edit) override {
    std::lock_guard writer(writer_mutex_);
    const BackupPtr old = FindBackup(arn);
    if (!old) return Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", arn);
    BackupRecord record = *old;
    edit(record);
    TM_TRYV(rows_.Store({{BackupKey(arn), EncodeBackupRecord(record)}}));
    std::unique_lock lock(mutex_);
    backups_[std::string(arn)] = std::make_shared<const BackupRecord>(std::move(record));
    return {};
  }

  Result<void> EraseBackup(std::string_view arn) override {
    std::lock_guard writer(writer_mutex_);
    const BackupPtr backup = FindBackup(arn);
    if (backup && IsBeingRestored(backup->image.directory)) {
      return Fail(ErrorKind::kBackupInUse, "Backup is being restored: {}", arn);
    }
    if (backup && endings_.backup) TM_TRYV(endings_.backup(*backup));
    TM_TRYV(rows_.Store({{BackupKey(arn), std::nullopt}}));
    std::unique_lock lock(mutex_);
    if (const auto at = backups_.find(arn); at != backups_.end()) backups_.erase(at);
    return {};
  }

  std::vector<ImagePtr> Images(TableId table) const override {
    std::shared_lock lock(mutex_);
    std::vector<ImagePtr> found;
    const auto at = images_.find(table);
    if (at != images_.end()) {
      for (const auto& [order, image] : at->second) found.push_back(image);
    }
    return found;
  }

  std::vector<ImagePtr> AllImages() const override {
    std::shared_lock lock(mutex_);
    std::vector<ImagePtr> all;
    for (const auto& [table, images] : images_) {
      for (const auto& [order, image] : images) all.push_back(image);
    }
    return all;
  }

  Result<void> PutImage(ImageRecord record) override {
    std::lock_guard writer(writer_mutex_);
    TM_TRYV(rows_.Store({{ImageKey(record.table, record.id), EncodeImageRecord(record)}}));
    std::unique_lock lock(mutex_);
    SetImage(std::make_shared<const ImageRecord>(std::move(record)));
    return {};
  }

  Result<void> EraseImage(TableId table, ImageId image) override {
    std::lock_guard writer(writer_mutex_);
    if (IsBeingRestored(image.ToString())) {
      return Fail(ErrorKind::kBackupInUse, "image {} is being restored", image.ToString());
    }
    TM_TRYV(rows_.Store({{ImageKey(table, image), std::nullopt}}));
    std::unique_lock lock(mutex_);
    DropImage(table, image);
    return {};
  }

  ItemRestorePtr FindItemRestore(ItemRestoreId id) const override {
    std::shared_lock lock(mutex_);
    const auto at = item_restores_.find(id);
    return at == item_restores_.end() ? nullptr : at->second;
  }

  std::vector<ItemRestorePtr> AllItemRestores() const override { return ValuesOf(item_restores_); }

  Result<void> PutItemRestore(ItemRestoreRecord record) override {
    std::lock_guard writer(writer_mutex_);
    return StoreItemRestore(std::move(record));
  }

  Result<void> EditItemRestore(ItemRestoreId id,
                               std::function<void(ItemRestoreRecord&)> edit) override {
    std::lock_guard writer(writer_mutex_);
    const ItemRestorePtr old = FindItemRestore(id);
    if (!old) return Fail(ErrorKind::kNotFound, "no restore of items {}", id.ToString());
    ItemRestoreRecord record = *old;
    edit(record);
    return StoreItemRestore(std::move(record));
  }

  Result<void> EraseItemRestore(ItemRestoreId id) override {
    std::lock_guard writer(writer_mutex_);
    TM_TRYV(rows_.Store({{ItemRestoreKey(id), std::nullopt}}));
    std::unique_lock lock(mutex_);
    item_restores_.erase(id);
    return {};
  }

  Result<Erased> EraseAccount(const AccountId& account) override {
    std::lock_guard writer(writer_mutex_);
    Erased erased{.account = account};
    std::vector<RowEdit> edits;
    std::set<TableId> with_images;
    for (const TablePtr& table : AllTables()) {
      if (table->account != account) continue;
      edits.push_back({TableKey(table->id), std::nullopt});
      std::ranges::move(settings_.Erasures(table->id), std::back_inserter(edits));
      erased.tables.push_back(table);
      with_images.insert(table->id);
    }
    for (const BackupPtr& backup : AllBackups()) {
      if (backup->source.account != account) continue;
      edits.push_back({BackupKey(backup->Arn()), std::nullopt});
      erased.backups.push_back(backup);
      if (backup->keeps_history()) with_images.insert(backup->source.id);
    }
    for (const TableId table : with_images) {
      for (const ImagePtr& image : Images(table)) {
        edits.push_back({ImageKey(image->table, image->id), std::nullopt});
        erased.images.push_back(image);
      }
    }
    std::vector<std::string> streams;
    for (const TablePtr& stream : FormerStreams()) {
      if (stream->account != account) continue;
      streams.push_back(stream->StreamArn());
      edits.push_back({StreamKey(streams.back()), std::nullopt});
    }
    std::vector<ItemRestoreId> item_restores;
    for (const ItemRestorePtr& restore : AllItemRestores()) {
      if (restore->account != account) continue;
      item_restores.push_back(restore->id);
      edits.push_back({ItemRestoreKey(restore->id), std::nullopt});
    }
    TM_TRYV(rows_.Store(std::move(edits)));
    std::unique_lock lock(mutex_);
    for (const ItemRestoreId id : item_restores) item_restores_.erase(id);
    for (const std::string& arn : streams) streams_.erase(arn);
    for (const TablePtr& table : erased.tables) {
      settings_.Forget(table->id);
      tables_.Drop(*table);
    }
    for (const ImagePtr& image : erased.images) DropImage(image->table, image->id);
    for (const BackupPtr& backup : erased.backups) backups_.erase(backup->Arn());
    return erased;
  }

  bool IsBeingRestored(std::string_view directory) const override {
    std::shared_lock lock(mutex_);
    for (const auto& [id, table] : tables_.all()) {
      if (table->restore && table->restore->in_progress &&
          table->restore->image_directory == directory) {
        return true;
      }
    }
    for (const auto& [id, job] : item_restores_) {
      if (job->status != ItemRestoreStatus::kRunning || job->selection.backup_arn.empty()) continue;
      const auto backup = backups_.find(job->selection.backup_arn);
      if (backup != backups_.end() && backup->second->image.directory == directory) return true;
    }
    return false;
  }

 private:
  bool HasImage(std::string_view directory) const {
    std::shared_lock lock(mutex_);
    for (const auto& [arn, backup] : backups_) {
      if (backup->image.directory == directory) return true;
    }
    for (const auto& [table, images] : images_) {
      for (const auto& [order, image] : images) {
        if (image->directory == directory) return true;
      }
    }
    return false;
  }

  static Unexpected NoSuchTable() {
    return Fail(ErrorKind::kResourceNotFound, "Requested resource not found");
  }

  // What an edit changes of a table's settings, as records to be stored with it.
  Result<std::vector<SettingsRecord>> NoteSettings(const TableRecord& old,
                                                   const TableRecord& record,
                                                   const shard::Origin& origin) const {
    std::vector<SettingsRecord> noted;
    if (!stamp_ || !record.pitr.enabled) return noted;
    TableRecord before = SettingsOf(old), after = SettingsOf(record);
    if (before == after) return noted;
    if (!old.pitr.enabled) {  // history begins
      noted.push_back({record.pitr.enabled_at, origin, std::move(after)});
      return noted;
    }
    TM_TRY(const Timestamp time, stamp_(record));
    // Of a table from before settings were noted, or whose account is being erased.
    if (!settings_.Knows(record.id)) noted.push_back({time - Micros(1), {}, std::move(before)});
    noted.push_back({time, origin, std::move(after)});
    return noted;
  }

  Result<void> StoreItemRestore(ItemRestoreRecord record) {
    TM_TRYV(rows_.Store({{ItemRestoreKey(record.id), EncodeItemRestoreRecord(record)}}));
    std::unique_lock lock(mutex_);
    SetItemRestore(std::move(record));
    return {};
  }

  template <class Map>
  std::vector<typename Map::mapped_type> ValuesOf(const Map& map) const {
    std::shared_lock lock(mutex_);
    std::vector<typename Map::mapped_type> values;
    for (const auto& [key, value] : map) values.push_back(value);
    return values;
  }

  void SetItemRestore(ItemRestoreRecord record) {
    const ItemRestoreId id = record.id;
    item_restores_[id] = std::make_shared<const ItemRestoreRecord>(std::move(record));
  }
  void SetImage(ImagePtr image) { images_[image->table][{image->as_of, image->id}] = image; }
  void DropImage(TableId table, ImageId id) {
    auto& images = images_[table];
    std::erase_if(images, [&](const auto& entry) { return entry.second->id == id; });
    if (images.empty()) images_.erase(table);
  }

  const SystemRows rows_;
  SettingsHistory settings_{rows_};
  Stamp stamp_;
  Endings endings_;
  std::mutex writer_mutex_;          // one change at a time, held over its sync
  mutable std::shared_mutex mutex_;  // the maps below
  PublishedTables tables_;
  std::map<std::string, BackupPtr, std::less<>> backups_;
  std::map<std::string, TablePtr, std::less<>> streams_;  // former ones, by ARN
  std::unordered_map<TableId, std::map<std::pair<Timestamp, ImageId>, ImagePtr>> images_;
  std::map<ItemRestoreId, ItemRestorePtr> item_restores_;
};

}  // namespace

Result<std::unique_ptr<Catalog>> Catalog::Open(shard::Shard& system, asio::io_context& context) {
  TM_TRY(auto rows,
         SystemRows::Open(system, SystemTableId(), R"({"act":"create catalog"})", context));
  auto catalog = std::make_unique<SystemCatalog>(std::move(rows));
  TM_TRYV(catalog->Load());
  return catalog;
}

Catalog::Stamp StampInLog(const Shards& shards) {
  return [&shards](const TableRecord& table) -> Result<Timestamp> {
    shard::Shard* shard = shards.Find(table.region);
    if (!shard) return Fail(ErrorKind::kInternal, "Region {} has no shard", table.region.value);
    return shard->LogControl(table.id, R"({"act":"change settings"})");
  };
}

}  // namespace tidemark::catalog
