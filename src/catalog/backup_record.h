// What the catalog knows of an on-demand (or system) backup, and of the images that history stands
// on.
#pragma once
#include <optional>
#include <string>

#include "catalog/table_record.h"
#include "log/position.h"
#include "shard/change.h"

namespace tidemark::catalog {

enum class BackupStatus { kCreating, kAvailable, kDeleted };
enum class BackupType { kUser, kSystem, kAwsBackup };  // the last: a vault's recovery point
std::string_view ToString(BackupStatus status);
std::string_view ToString(BackupType type);

// Files of one table at one instant: a directory of links, plus the log slice that completes it.
struct ImageRecord {
  ImageId id;
  TableId table;
  Region region;          // whose shard made it
  std::string directory;  // relative to the shard's images directory
  Timestamp as_of{};
  log::Position position;     // of the pin's own frame
  log::Position replay_from;  // the files hold everything before this frame
  // [replay_from, position] stands in the log only, not in runs: the log is kept for it.
  bool needs_log = true;
  // Images of history: what had gone into runs of the table by the time they held it up to this
  // image (settled), or by the time of the pin. Bytes of rows, and of sections.
  bool settled = false;
  uint64_t raw_before = 0;
  uint64_t stored_before = 0;
  uint64_t file_bytes = 0;
  shard::Totals totals;  // of the table at as_of
  Timestamp
      cold_since{};  // of a recovery point: when it was moved to cold storage; zero: it is warm
  bool operator==(const ImageRecord&) const = default;

  bool is_cold() const { return cold_since != Timestamp{}; }
};

// Whether the backup store has a copy.
enum class StoreCopy {
  kNone,
  kWanted,  // a job makes it, also after a restart
  kThere,
  kRemoved,  // by request: it is not copied again by itself
};

struct BackupRecord {
  BackupId id;  // "01489602797149-73d8d5bc"
  std::string name;
  BackupType type = BackupType::kUser;
  BackupStatus status = BackupStatus::kCreating;
  Timestamp created{};  // the request's instant
  std::optional<Timestamp> expires;
  TableRecord source;  // the table as it was
  ImageRecord image;
  StoreCopy copy = StoreCopy::kNone;
  std::string copy_job;        // id of the job; kWanted only
  bool in_store_only = false;  // the first restore from it brings its files
  // Of a copy in another place of this server, whose account and Region `source` then names: the
  // ARN of the table itself. Empty: it is no copy.
  std::string copied_from_table;
  bool operator==(const BackupRecord&) const = default;

  std::string Arn() const;       // <source's arn>/backup/<id>
  std::string TableArn() const;  // of the table it is of
  // Whether the history of its table, which was deleted, stays as long as it: `source` has the key.
  bool keeps_history() const {
    return type == BackupType::kSystem && !source.pitr.history_key.empty();
  }
};

std::string EncodeBackupRecord(const BackupRecord& record);
Result<BackupRecord> DecodeBackupRecord(std::string_view json);
std::string EncodeImageRecord(const ImageRecord& record);
Result<ImageRecord> DecodeImageRecord(std::string_view json);

}  // namespace tidemark::catalog
