// Former settings of tables: rows of the catalog's table, one for each change, of which only the
// instants are held in memory. Private to this module: the catalog says what is noted and when it
// goes.
//
// Threads: any.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "catalog/settings_record.h"
#include "catalog/system_rows.h"

namespace tidemark::catalog {

class SettingsHistory {
 public:
  explicit SettingsHistory(const SystemRows& rows) : rows_(rows) {}

  static constexpr std::string_view kPath = "settings/";
  // Of a row that is stored, by its path; at start. kCorruption.
  Result<void> Load(std::string_view path);

  // A table's turn: one change of its settings at a time, over its stamp and its sync. Not to be
  // waited for under another lock of the catalog.
  class Turn {
   public:
    explicit Turn(std::shared_ptr<std::mutex> mutex) : mutex_(std::move(mutex)), lock_(*mutex_) {}

   private:
    std::shared_ptr<std::mutex> mutex_;
    std::unique_lock<std::mutex> lock_;
  };
  Turn Take(TableId id);

  // The row that keeps a record.
  static RowEdit RowOf(const SettingsRecord& record);
  // Those that erase a table's rows: all of them, or those of settings that others had followed by
  // `before`.
  std::vector<RowEdit> Erasures(TableId id, std::optional<Timestamp> before = std::nullopt) const;
  // The same for what is in memory, once rows are stored.
  void Note(TableId id, Timestamp time);
  void Forget(TableId id, std::optional<Timestamp> before = std::nullopt);

  bool Knows(TableId id) const;
  // Whether the table's settings were changed after `time`.
  bool ChangedSince(TableId id, Timestamp time) const;
  std::vector<TableId> Tables() const;
  // Records in order: the one that held at `from`, or the oldest there is, and all up to `until`.
  Result<std::vector<SettingsRecord>> Read(TableId id, Timestamp from, Timestamp until) const;

 private:
  std::vector<Timestamp> TimesOf(TableId id) const;

  const SystemRows& rows_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<TableId, std::vector<Timestamp>> times_;  // sorted, never empty
  std::mutex turns_mutex_;
  std::unordered_map<TableId, std::weak_ptr<std::mutex>> turns_;
};

}  // namespace tidemark::catalog
