// Jobs that restore recovery points, each into a new table.
//
// PENDING is durable when the request is answered. The worker (worker.h) stores the id the new
// table is to have, then has it made (restore::Restores), stores RUNNING, and COMPLETED once the
// table is ACTIVE. After a crash the id tells whether the table was begun.
#pragma once
#include <chrono>
#include <map>
#include <string>

#include "base/random.h"
#include "catalog/catalog.h"
#include "iam/directory.h"
#include "restore/restore.h"
#include "restore/restore_report.h"
#include "vault/vaults.h"

namespace tidemark::vault {

struct RestoreJobRequest {
  std::string point_arn;
  std::string role_arn;
  std::string token;  // a repetition is answered with the same job; empty: none
  Tags metadata;
  bool verifies_first = false;  // all is read before the table is shown
};

class RestoreJobs {
 public:
  RestoreJobs(VaultStore& store, catalog::Catalog& catalog, restore::Restores& restores,
              const restore::RestoreReports& reports, const iam::Directory& directory,
              Random& random)
      : store_(store),
        catalog_(catalog),
        restores_(restores),
        reports_(reports),
        directory_(directory),
        random_(random) {}

  // What the metadata of a request asks for: the new table's name and key. Names of keys ignore
  // case. kInvalidParameter, kMissingParameter.
  static Result<void> ReadMetadata(const Tags& metadata, RestoreJobRecord* job);
  // The metadata with which a point would be restored as its table was.
  static Tags MetadataOf(const PointRecord& point);

  // Records the job and answers. Blocking. Faults: kNotFound (recovery point), kInvalidParameter,
  // kMissingParameter, kInvalidResourceState.
  Result<Ptr<RestoreJobRecord>> Start(const VaultScope& scope, const RestoreJobRequest& request);
  Result<Ptr<RestoreJobRecord>> Find(const VaultScope& scope, std::string_view id) const;

  int PercentOf(const RestoreJobRecord& job) const;  // done

  // One step of each job that has not ended. Thread: the worker's.
  void Step(const std::function<Timestamp(const Region&)>& now);

 private:
  bool MayBeRestoredIn(const Place& place, const PointRecord& point) const;
  Result<void> StepOne(const RestoreJobRecord& job, Timestamp now);
  Result<void> Finish(const RestoreJobRecord& job, Timestamp now);
  Result<void> Begin(const RestoreJobRecord& job, Timestamp now);
  // Why it cannot be begun. Empty: it can.
  std::string Refuses(const RestoreJobRecord& job) const;
  Result<void> Edit(const RestoreJobRecord& job,
                    const std::function<void(RestoreJobRecord&)>& edit);
  Result<void> End(const RestoreJobRecord& job, RestoreJobStatus status, std::string message,
                   Timestamp now);

  VaultStore& store_;
  catalog::Catalog& catalog_;
  restore::Restores& restores_;
  const restore::RestoreReports& reports_;
  const iam::Directory& directory_;
  Random& random_;
  // Of jobs that wait for something: when they try again.
  std::map<std::string, std::chrono::steady_clock::time_point> waits_;
};

}  // namespace tidemark::vault
