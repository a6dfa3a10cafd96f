#include "vault/restore_jobs.h"

#include <algorithm>

#include "base/log.h"
#include "policy/context.h"
#include "vault/backup_jobs.h"
#include "vault/fault.h"
#include "vault/repeated_job.h"
#include "vault/role.h"
#include "vault/testing_runs.h"

namespace tidemark::vault {

namespace {

constexpr std::chrono::hours kBeginWithin{8};
constexpr std::chrono::seconds kRestoreAgain{1};
constexpr std::string_view kTestTooLate =
    "Restore job was unable to start within the specified start window. Try increasing your start "
    "window.";
constexpr size_t kTableNameMin = 3;
constexpr size_t kTableNameMax = 255;

bool IsTableName(std::string_view name) {
  constexpr std::string_view kLegal =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return name.size() >= kTableNameMin && name.size() <= kTableNameMax &&
         name.find_first_not_of(kLegal) == std::string_view::npos;
}

// Of what may be otherwise when it is tried again.
bool MayPass(ErrorKind kind) {
  return kind == ErrorKind::kLimitExceeded || kind == ErrorKind::kUnavailable ||
         kind == ErrorKind::kBusy || kind == ErrorKind::kIo || kind == ErrorKind::kNoSpace ||
         kind == ErrorKind::kBackupInUse;
}

bool IsSameRequest(const RestoreJobRecord& a, const RestoreJobRecord& b) {
  return a.point_arn == b.point_arn && a.role_arn == b.role_arn && a.metadata == b.metadata;
}

}  // namespace

Result<void> RestoreJobs::ReadMetadata(const Tags& metadata, RestoreJobRecord* job) {
  std::string encryption = "default";
  for (const auto& [key, value] : metadata) {
    const std::string name = policy::Lower(key);
    if (name == "targettablename") {
      job->target = value;
    } else if (name == "encryptiontype") {
      encryption = policy::Lower(value);
    } else if (name == "kmsmasterkeyarn") {
      job->key_arn = value;
    } else if (!name.starts_with("aws:")) {
      return FailWith(Fault::kInvalidParameter, "Invalid restore metadata: {} is not known", key);
    }
  }
  if (job->target.empty()) {
    return FailWith(Fault::kMissingParameter,
                    "Invalid restore metadata: targetTableName is missing");
  }
  if (!IsTableName(job->target)) {
    return FailWith(Fault::kInvalidParameter,
                    "Invalid restore metadata: targetTableName must have {} to {} of the "
                    "characters a-z, A-Z, 0-9, '_', '-' and '.': {}",
                    kTableNameMin, kTableNameMax, job->target);
  }
  if (encryption != "default" && encryption != "kms") {
    return FailWith(Fault::kInvalidParameter,
                    "Invalid restore metadata: encryptionType must be Default or KMS");
  }
  job->own_key = encryption == "kms";
  if (job->own_key == job->key_arn.empty()) {
    return FailWith(Fault::kInvalidParameter,
                    "Invalid restore metadata: kmsMasterKeyArn is for encryptionType KMS, which "
                    "needs it");
  }
  return {};
}

// That of another account, which its vault's policy let in; of a plain vault none does.
bool RestoreJobs::MayBeRestoredIn(const Place& place, const PointRecord& point) const {
  return point.region == place.region &&
         (point.account == place.account || IsAirGapped(store_, point.VaultArn()));
}

Tags RestoreJobs::MetadataOf(const PointRecord& point) {
  Tags metadata{{"aws:backup:request-id", point.job},
                {"targetTableName", point.table_name},
                {"encryptionType", point.key_arn.empty() ? "Default" : "KMS"}};
  if (!point.key_arn.empty()) metadata["kmsMasterKeyArn"] = point.key_arn;
  return metadata;
}

Result<Ptr<RestoreJobRecord>> RestoreJobs::Start(const VaultScope& scope,
                                                 const RestoreJobRequest& request) {
  const auto point = FindPointAnywhere(store_, request.point_arn);
  if (!point || !MayBeRestoredIn(scope.place, *point))
    return FailWith(Fault::kNotFound,
                    "Recovery point {} does not exist in a vault (a backup that CreateBackup made "
                    "is restored by RestoreTableFromBackup)",
                    request.point_arn);
  if (point->status == PointStatus::kCreating || point->status == PointStatus::kDeleting) {
    return FailWith(Fault::kInvalidResourceState, "Recovery point {} is {}", request.point_arn,
                    ToString(point->status));
  }
  RestoreJobRecord job;
  TM_TRYV(ReadMetadata(request.metadata, &job));
  TM_TRYV(AssumeServiceRole(directory_, scope.place.account, request.role_arn));
  job.account = scope.place.account;
  job.region = scope.place.region;
  job.job_id = MakeJobId(random_);
  job.vault = point->vault;
  if (point->account != job.account) job.vault_account = point->account;
  job.point_arn = point->arn;
  job.source_arn = point->table_arn;
  job.point_created = point->created;
  job.role_arn = request.role_arn;
  job.token = request.token;
  job.metadata = request.metadata;
  job.verifies_first = request.verifies_first;
  job.created = scope.now;
  job.bytes = point->bytes;
  std::string id = job.job_id;
  TM_TRYV(store_.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto repeated, FindRepeated(store_, job, &IsSameRequest));
    if (repeated) {
      id = repeated->job_id;
      return Changes{};
    }
    return Changes{std::move(job)};
  }));
  return Find(scope, id);
}

Result<Ptr<RestoreJobRecord>> RestoreJobs::Find(const VaultScope& scope,
                                                std::string_view id) const {
  if (auto job = store_.Find<RestoreJobRecord>(scope.place, id)) return job;
  return FailWith(Fault::kNotFound, "Restore job {} does not exist", id);
}

void RestoreJobs::Step(const std::function<Timestamp(const Region&)>& now) {
  for (const auto& job : store_.Open<RestoreJobRecord>()) {
    const auto waits = waits_.find(job->job_id);
    if (waits != waits_.end() && std::chrono::steady_clock::now() < waits->second) continue;
    auto done = StepOne(*job, now(job->region));
    if (!done) {
      LogWarn("restore job {} tries again: {}", job->job_id, done.error().message);
      waits_[job->job_id] = std::chrono::steady_clock::now() + kRestoreAgain;
    } else if (waits != waits_.end()) {
      waits_.erase(waits);
    }
  }
}

Result<void> RestoreJobs::StepOne(const RestoreJobRecord& job, Timestamp now) {
  if (job.status != RestoreJobStatus::kPending) return Finish(job, now);
  if (!catalog_.FindTable(job.table) && !reports_.Find(job.table)) return Begin(job, now);
  return Edit(job, [](RestoreJobRecord& record) { record.status = RestoreJobStatus::kRunning; });
}

// The report outlives the table, which somebody may have deleted again by now.
Result<void> RestoreJobs::Finish(const RestoreJobRecord& job, Timestamp now) {
  const auto table = catalog_.FindTable(job.table);
  if (table && table->status == catalog::TableStatus::kCreating) return {};
  const auto report = reports_.Find(job.table);
  if (table || (report && report->status == restore::RestoreStatus::kCompleted))
    return End(job, RestoreJobStatus::kCompleted, "", now);
  if (report && !report->is_over()) return {};
  if (report && report->status == restore::RestoreStatus::kCancelled)
    return End(job, RestoreJobStatus::kAborted, "The restore was cancelled.", now);
  return End(job, RestoreJobStatus::kFailed,
             report ? report->failure : "An internal error occurred: the new table is gone.", now);
}

int RestoreJobs::PercentOf(const RestoreJobRecord& job) const {
  if (job.status == RestoreJobStatus::kCompleted) return 100;
  const auto progress = restores_.ProgressOf(job.table);
  return progress ? progress->percent() : 0;
}

Result<void> RestoreJobs::Begin(const RestoreJobRecord& job, Timestamp now) {
  const auto test = TestOf(store_, job);
  if (test && now > test->start_by)
    return End(job, RestoreJobStatus::kFailed, std::string(kTestTooLate), now);
  if (!test && now > job.created + kBeginWithin)
    return End(job, RestoreJobStatus::kAborted, "Restore job expired before it could begin.", now);
  if (auto refusal = Refuses(job); !refusal.empty())
    return End(job, RestoreJobStatus::kFailed, std::move(refusal), now);
  restore::FromBackup request;
  request.account = job.account;
  request.region = job.region;
  request.backup_arn = job.point_arn;
  request.target = job.target;
  request.verifies_first = job.verifies_first;
  if (test) request.tags.push_back({std::string(kTestTableTag), test->plan});
  request.overrides.sse.emplace();
  if (job.own_key) request.overrides.sse = {.enabled = true, .type = "KMS", .key_arn = job.key_arn};
  // Stored first: a crash must not leave a table that nobody knows to be this job's.
  const TableId id = TableId::Make(random_);
  request.id = id;
  TM_TRYV(Edit(job, [&](RestoreJobRecord& record) { record.table = id; }));
  const auto begun = restores_.Start(request);
  if (!begun && MayPass(begun.error().kind)) return Fail(begun.error());
  if (!begun) return End(job, RestoreJobStatus::kFailed, begun.error().message, now);
  return Edit(job, [](RestoreJobRecord& record) { record.status = RestoreJobStatus::kRunning; });
}

std::string RestoreJobs::Refuses(const RestoreJobRecord& job) const {
  const auto point = FindPointAnywhere(store_, job.point_arn);
  if (!point || point->status == PointStatus::kDeleting)
    return fmt::format("Recovery point {} does not exist any more.", job.point_arn);
  const auto role = AssumeServiceRole(directory_, job.account, job.role_arn);
  if (!role) return role.error().message;
  if (TestOf(store_, job)) {  // of other jobs, whoever asked for them was judged then
    const auto vault = store_.Find<VaultRecord>(PlaceOf(job), point->vault);
    const auto lets = CheckRoleTests(**role, job.point_arn, vault ? vault->policy : "");
    if (!lets) return lets.error().message;
  }
  const auto allowed = CheckRoleRestores(**role, job.point_arn, job.source_arn, job.TargetArn());
  return allowed ? "" : allowed.error().message;
}

Result<void> RestoreJobs::Edit(const RestoreJobRecord& job,
                               const std::function<void(RestoreJobRecord&)>& edit) {
  return store_.Apply([&]() -> Result<Changes> {
    const auto newest = store_.Find<RestoreJobRecord>(PlaceOf(job), job.job_id);
    if (!newest) return Changes{};  // erased meanwhile
    RestoreJobRecord edited = *newest;
    edit(edited);
    return Changes{std::move(edited)};
  });
}

Result<void> RestoreJobs::End(const RestoreJobRecord& job, RestoreJobStatus status,
                              std::string message, Timestamp now) {
  return store_.Apply([&]() -> Result<Changes> {
    const auto newest = store_.Find<RestoreJobRecord>(PlaceOf(job), job.job_id);
    if (!newest) return Changes{};
    RestoreJobRecord ended = *newest;
    ended.status = status;
    ended.message = std::move(message);
    ended.completed = now;
    Changes changes;
    const auto point = FindPointAnywhere(store_, job.point_arn);
    if (point && status == RestoreJobStatus::kCompleted) {
      PointRecord restored = *point;
      restored.restored = now;
      changes.emplace_back(std::move(restored));
    }
    changes.emplace_back(std::move(ended));
    return changes;
  });
}

}  // namespace tidemark::vault
