// What is stored of copies: one record of each job, replaced whole. Values.
#pragma once
#include <string>
#include <string_view>

#include "vault/records.h"

namespace tidemark::vault {

// Of a copy that no rule gave other windows: as of backups.
inline constexpr std::chrono::minutes kStartWindow{8 * 60}, kCompleteWindow{7 * 24 * 60};

enum class CopyJobState { kCreated, kRunning, kCompleted, kFailed };
std::string_view ToString(CopyJobState state);  // "CREATED"

// Of the account and Region that are copied from. All that is made is named before it is made.
struct CopyJobRecord {
  static constexpr std::string_view kKind = "copy-job";
  AccountId account;
  Region region;
  std::string job_id;  // upper-case UUID
  std::string source_vault, source_arn;
  std::string table_arn, table_name;
  std::string vault_arn;  // to which
  std::string role_arn, token;
  Lifecycle lifecycle;  // of the copy
  Timestamp created{};
  CopyJobState state = CopyJobState::kCreated;
  std::string message, category;  // of how it ended
  Timestamp completed{};          // zero: not yet
  int64_t bytes = 0;
  std::string key_arn;    // the destination vault's; "": it was never found
  std::string point_arn;  // of the copy; empty: there is none
  BackupId backup;        // what the copy is called, of kRunning on
  ImageId image{};
  TableId sealed_for{};                  // its data keys are wrapped for this id
  std::optional<PlanOrigin> created_by;  // nothing: on demand
  std::string backup_job;                // whose plan asked for it; empty: none
  Timestamp start_by{}, complete_by{};   // of a copy to another server
  bool operator==(const CopyJobRecord&) const = default;

  const std::string& id() const { return job_id; }
  bool IsOpen() const;
  std::string SourceVaultArn() const;
};

std::string EncodeRecord(const CopyJobRecord& record);
// kCorruption.
Result<void> DecodeRecord(std::string_view json, CopyJobRecord* out);

}  // namespace tidemark::vault
