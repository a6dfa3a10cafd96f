// Jobs that back tables up into vaults.
//
// CREATED is durable when the request is answered. The worker (worker.h) then goes step by step;
// each may be done again after a crash: it makes the backup (which it finds again by its name),
// stores RUNNING with the recovery point, and, once the backup is AVAILABLE, COMPLETED, together
// with the copy jobs (copy_jobs.h) that its plan asks for, or the air-gapped vault it is for: then
// the point in the job's own vault goes once it is there (points.h).
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "backup/backup.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "iam/directory.h"
#include "vault/vaults.h"

namespace tidemark::vault {

struct BackupJobRequest {
  std::string vault;
  std::string table_arn;
  std::string role_arn;
  std::string token;  // a repetition is answered with the same job; empty: none
  std::optional<int64_t> start_minutes, complete_minutes;
  Lifecycle lifecycle;
  Tags tags;
  std::string air_gapped_arn;  // of the vault it is copied to, and kept in; empty: none
};

class BackupJobs {
 public:
  BackupJobs(VaultStore& store, catalog::Catalog& catalog, backup::Backups& backups,
             const iam::Directory& directory, Random& random)
      : store_(store),
        catalog_(catalog),
        backups_(backups),
        directory_(directory),
        random_(random) {}

  // Records the job and answers. Blocking. Faults: kNotFound (vault), kInvalidParameter.
  Result<Ptr<BackupJobRecord>> Start(const VaultScope& scope, const BackupJobRequest& request);
  Result<Ptr<BackupJobRecord>> Find(const VaultScope& scope, std::string_view id) const;
  // It ends, and leaves nothing. kInvalidRequest: it has ended.
  Result<void> Stop(const VaultScope& scope, std::string_view id);

  // One step of each job that has not ended. Thread: the worker's.
  void Step(const std::function<Timestamp(const Region&)>& now);

 private:
  Result<void> StepOne(const BackupJobRecord& job, Timestamp now);
  Result<void> Begin(const BackupJobRecord& job, Timestamp now);
  // Why it cannot be begun, whatever comes; then it is FAILED. `message` empty: it can.
  struct Refusal {
    std::string message, category;
  };
  // Whether one that has not ended, of the same table, is so.
  bool AnyOther(const BackupJobRecord& job,
                const std::function<bool(const BackupJobRecord&)>& is) const;
  // A plan's is to begin: behind what runs, and behind older ones of plans, of its table.
  bool WaitsForAnother(const BackupJobRecord& job) const;
  Refusal Refuses(const BackupJobRecord& job) const;
  Refusal RefusesAirGapped(const BackupJobRecord& job) const;
  Result<void> Adopt(const BackupJobRecord& job, const catalog::BackupRecord& backup,
                     Timestamp now);
  Result<void> Finish(const BackupJobRecord& job, Timestamp now);
  Result<void> Abort(const BackupJobRecord& job, Timestamp now);
  Result<void> End(const BackupJobRecord& job, BackupJobState state, const Refusal& why,
                   Timestamp now);
  catalog::BackupPtr BackupOf(const BackupJobRecord& job) const;

  VaultStore& store_;
  catalog::Catalog& catalog_;
  backup::Backups& backups_;
  const iam::Directory& directory_;
  Random& random_;
  // Of jobs that wait for something: when they try again.
  std::map<std::string, std::chrono::steady_clock::time_point> waits_;
};

// That it is an air-gapped vault of that place. kInvalidParameter.
Result<void> CheckAirGapped(const VaultStore& store, const Place& place, std::string_view arn);
// A job's id: an upper-case UUID.
std::string MakeJobId(Random& random);
// The name of a table of that place; nothing: the ARN is no such table's.
std::optional<std::string> TableOfArn(const Place& place, std::string_view arn);

}  // namespace tidemark::vault
