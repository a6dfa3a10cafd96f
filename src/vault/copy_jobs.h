// Jobs that copy recovery points into vaults of another Region or account of this server.
//
// CREATED is durable when the request is answered, or together with the end of the backup job whose
// plan asks for it. The worker (worker.h) then stores RUNNING with the names of all that will be
// made and a recovery point that is CREATING, makes the copy (which it finds again by its name),
// and stores COMPLETED. Each step may be done again after a crash.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "backup/backup.h"
#include "backup/local_copies.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "iam/directory.h"
#include "kms/key_store.h"
#include "peer/peers.h"
#include "runtime/blocking.h"
#include "vault/vaults.h"

namespace tidemark::vault {

struct CopyJobRequest {
  std::string source_vault;  // name
  std::string source_arn;
  std::string role_arn;
  std::string token;  // a repetition is answered with the same job; empty: none
  CopyAction action;
};

// Why a copy cannot be made, whatever comes. `message` empty: it can.
struct CopyRefusal {
  std::string message, category;
};
bool MayPassLater(ErrorKind kind);  // what failed with it may work when it is tried again
// What is to come into a vault.
struct IncomingCopy {
  AccountId from;
  Lifecycle lifecycle;
};
struct CopyIds {
  std::string arn, job, key_arn;
};
// The record of a copy of `source` that begins to be made, in that vault; not yet who makes it.
PointRecord BeginCopyOf(const PointRecord& source, const VaultRef& to, const CopyIds& ids,
                        Timestamp now);

// Whether the vault's key and lock let it in.
CopyRefusal RefusesCopy(const kms::KeyStore& keys, const VaultRecord& vault,
                        const IncomingCopy& copy);

// What it works with; all of it outlives the jobs.
struct CopyParts {
  VaultStore& store;
  catalog::Catalog& catalog;
  backup::Backups& backups;
  backup::LocalCopies& copies;
  const iam::Directory& directory;
  const kms::KeyStore& keys;
  AccountId first_account;  // which decides whether accounts may copy to each other
  Random& random;
  peer::Peers* peers = nullptr;  // that have other Regions, to which PeerCopies copies; null: none
  // Reads what is to be copied, when nobody else wants the disk. Stopped before the jobs go; null:
  // Step reads.
  runtime::BlockingPool* checking = nullptr;
};

class CopyJobs {
 public:
  using Now = std::function<Timestamp(const Region&)>;

  explicit CopyJobs(CopyParts parts) : parts_(std::move(parts)) {}

  // Records the job and answers. Blocking. Faults: kNotFound (vaults, recovery point),
  // kInvalidParameter, kInvalidRequest. kAccessDenied: there is no such vault in the other account,
  // or the role may not copy into it.
  Result<Ptr<CopyJobRecord>> Start(const VaultScope& scope, const CopyJobRequest& request);
  Result<Ptr<CopyJobRecord>> Find(const VaultScope& scope, std::string_view id) const;

  // One step of each job that has not ended, but for those of peers. Thread: the worker's.
  void Step(const Now& now);
  void Stop() { stopping_ = true; }  // what is read before a copy ends soon

  using Refusal = CopyRefusal;
  // Whether the job's point may leave for a vault that another server has.
  Refusal RefusesToSend(const CopyJobRecord& job, const VaultRef& to) const;
  // Of a job that is as in the record; if it is another by now, nothing happens.
  Result<void> End(const CopyJobRecord& job, CopyJobState state, const Refusal& why,
                   const Now& now);
  bool IsOfPeer(const Region& region) const;

 private:
  Result<void> StepOne(const CopyJobRecord& job, const Now& now);
  Result<void> Begin(const CopyJobRecord& job, const Now& now);
  Result<void> Make(const CopyJobRecord& job, const Now& now);
  // Whether the source is sound; nothing: it is being read.
  std::optional<Result<void>> Check(const CopyJobRecord& job, const VaultRef& to);
  void ForgetChecks();  // of jobs that have ended
  Refusal Refuses(const CopyJobRecord& job, const VaultRef& to) const;
  Refusal RefusesSource(const CopyJobRecord& job) const;
  Result<void> CheckRoleSends(const CopyJobRecord& job, const VaultRef& to) const;
  Result<void> CheckRole(const Place& place, const std::string& role_arn, const PointRecord& point,
                         const VaultRecord& vault) const;
  static VaultScope SourceOf(const VaultScope& scope, const CopyJobRequest& request);
  Result<void> CheckDestination(const VaultScope& scope, const PointRecord& point,
                                const CopyJobRequest& request) const;
  PointRecord PointOf(const CopyJobRecord& job, const PointRecord& source, const VaultRef& to,
                      Timestamp now) const;
  // Of a job that is kRunning.
  backup::LocalCopyOrder OrderOf(const CopyJobRecord& job, const VaultRef& to) const;

  const CopyParts parts_;
  // Of jobs that wait for something: when they try again.
  std::map<std::string, std::chrono::steady_clock::time_point> waits_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  // What came of reading the sources of jobs that have not ended; nothing: it goes on.
  std::map<std::string, std::optional<Result<void>>> checks_;
};

// A job that is to copy the point, CREATED.
CopyJobRecord CopyJobOf(const PointRecord& point, const CopyAction& action, Random& random,
                        Timestamp now);
// What a copy tells of its vault's key: nothing of one that is of no account (kms::IsKept). Its
// data keys are wrapped by that all the same.
std::string ToldKey(const std::string& key_arn);
catalog::SseSettings ToldSse(const std::string& key_arn);
// The ARN of such a key by which the data keys of a recovery point are wrapped; nothing: they are
// by another one.
std::optional<std::string> KeptKeyOf(const VaultStore& store, std::string_view point_arn);
// Whether a job that has not ended copies it.
bool IsBeingCopied(const VaultStore& store, std::string_view point_arn);
// The ARN of the key for which a copy's data keys are to be wrapped, by the id it is made under;
// nothing: no copy is being made under it.
std::optional<std::string> KeyOfCopy(const VaultStore& store, TableId sealed_for);

}  // namespace tidemark::vault
