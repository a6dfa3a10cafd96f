// What is stored of AWS Backup: vaults, recovery points and jobs, one record each, replaced whole.
// Values. All belong to one account and Region.
#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "vault/lifecycle.h"

namespace tidemark::vault {

using Tags = std::map<std::string, std::string>;

struct VaultRecord {
  static constexpr std::string_view kKind = "vault";
  AccountId account;
  Region region;
  std::string name;
  std::string creator_request_id;
  std::string key_arn;  // of KMS
  Timestamp created{};
  Tags tags;
  std::string policy;  // who may do what with it, as it was given; empty: there is none
  std::optional<VaultLock> lock;
  bool air_gapped = false;  // logically: for copies alone, locked from the start
  bool operator==(const VaultRecord&) const = default;

  const std::string& id() const { return name; }
  bool IsOpen() const { return false; }
  std::string Arn() const;  // arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME
};

// Of what a plan made: which, and by which rule.
struct PlanOrigin {
  std::string plan_id, plan_name, version, rule_id, rule_name, schedule, zone;
  bool operator==(const PlanOrigin&) const = default;
};

// That a recovery point is to be copied, once it is complete.
struct CopyAction {
  std::string vault_arn;
  Lifecycle lifecycle;  // of the copy
  bool operator==(const CopyAction&) const = default;
};

// kExpired: its life is over, but the role that made it may not delete it.
enum class PointStatus { kCreating, kCompleted, kDeleting, kExpired };
std::string_view ToString(PointStatus status);  // "COMPLETED"

// A backup of a table, in a vault. The backup itself is the catalog's (catalog::BackupRecord).
struct PointRecord {
  static constexpr std::string_view kKind = "point";
  AccountId account;
  Region region;
  std::string arn;  // of the backup
  std::string vault;
  std::string table_arn, table_name;
  std::string source_vault_arn;  // of a copy: where it was made from; empty: it is none
  std::string job, role_arn;
  std::string sender;  // of a copy that another server sent: ARN of its user here; empty: none did
  std::string origin_arn;  // of such a copy: the ARN of what it is a copy of, there
  PointStatus status = PointStatus::kCreating;
  std::string message;    // why it is kExpired, or stays warm
  Timestamp initiated{};  // when the job was asked for
  Timestamp created{};    // the backup's instant
  Timestamp copied{};     // of a copy: when it was made; zero: it is none
  Timestamp completed{};  // zero: not yet
  Timestamp restored{};   // last; zero: never
  Timestamp moved{};      // to cold storage; zero: it is warm
  int64_t bytes = 0;      // of the items
  std::string key_arn;    // of KMS, that the backup is under; empty: the server's own
  Lifecycle lifecycle;
  Tags tags;
  std::optional<PlanOrigin> created_by;  // nothing: nobody's plan
  // Of one that was made to be copied into an air-gapped vault: its ARN; empty: it was not. It goes
  // once it is there.
  std::string goes_once_in;
  bool is_in = false;
  bool operator==(const PointRecord&) const = default;

  const std::string& id() const { return arn; }
  // Whether something is still to be done about it, its end aside.
  bool IsOpen() const { return status == PointStatus::kDeleting; }
  std::string VaultArn() const;
  bool IsCold() const { return moved != Timestamp{}; }
  Timestamp LifeFrom() const { return copied == Timestamp{} ? created : copied; }
};

// In the API's order, which is also the stored one.
enum class BackupJobState {
  kCreated,
  kPending,
  kRunning,
  kAborting,
  kAborted,
  kCompleted,
  kFailed,
  kExpired,
  kPartial
};
std::string_view ToString(BackupJobState state);

struct BackupJobRecord {
  static constexpr std::string_view kKind = "backup-job";
  AccountId account;
  Region region;
  std::string job_id;  // upper-case UUID
  std::string vault;
  std::string table_arn, table_name;
  std::string role_arn;
  std::string token;  // the request's; empty: none
  Lifecycle lifecycle;
  Tags tags;  // of the recovery point
  Timestamp created{};
  Timestamp start_by{}, complete_by{};
  BackupJobState state = BackupJobState::kCreated;
  std::string message, category;       // of how it ended
  std::string point_arn;               // empty: there is none yet
  Timestamp initiated{}, completed{};  // zero: not yet
  int64_t bytes = 0;
  std::optional<PlanOrigin> created_by;  // nothing: on demand
  std::vector<CopyAction> copies;        // to be begun when it is complete
  std::string air_gapped_arn;            // of the vault it is for in the end; empty: its own
  bool operator==(const BackupJobRecord&) const = default;

  const std::string& id() const { return job_id; }
  bool IsOpen() const;
  std::string VaultArn() const;
  std::string BackupName() const;  // of its backup, by which it finds it again
};

enum class RestoreJobStatus { kPending, kRunning, kCompleted, kAborted, kFailed };
std::string_view ToString(RestoreJobStatus status);

struct RestoreJobRecord {
  static constexpr std::string_view kKind = "restore-job";
  AccountId account;
  Region region;
  std::string job_id;
  std::string vault, point_arn, source_arn;
  AccountId vault_account;  // of another account's vault; empty: it is the job's
  Timestamp point_created{};
  std::string role_arn, token;
  Tags metadata;         // as sent
  std::string target;    // name of the new table
  bool own_key = false;  // the new table is to be under a key of KMS:
  std::string key_arn;
  bool verifies_first = false;  // all is read before the table is shown
  TableId table{};              // of the attempt under way; stored before it is made
  Timestamp created{}, completed{};
  RestoreJobStatus status = RestoreJobStatus::kPending;
  std::string message;
  int64_t bytes = 0;
  bool operator==(const RestoreJobRecord&) const = default;

  const std::string& id() const { return job_id; }
  bool IsOpen() const;
  std::string VaultArn() const;
  std::string TargetArn() const;
};

std::string VaultArnOf(const AccountId& account, const Region& region, std::string_view name);

std::string EncodeRecord(const VaultRecord& record);
std::string EncodeRecord(const PointRecord& record);
std::string EncodeRecord(const BackupJobRecord& record);
std::string EncodeRecord(const RestoreJobRecord& record);
// kCorruption.
Result<void> DecodeRecord(std::string_view json, VaultRecord* out);
Result<void> DecodeRecord(std::string_view json, PointRecord* out);
Result<void> DecodeRecord(std::string_view json, BackupJobRecord* out);
Result<void> DecodeRecord(std::string_view json, RestoreJobRecord* out);

}  // namespace tidemark::vault
