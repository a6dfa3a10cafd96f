#include "vault/backup_jobs.h"

#include <algorithm>
#include <tuple>

#include "base/log.h"
#include "vault/copy_jobs.h"
#include "vault/fault.h"
#include "vault/repeated_job.h"
#include "vault/role.h"

namespace tidemark::vault {

namespace {

constexpr int64_t kStartMinutes = 8 * 60;
constexpr int64_t kCompleteMinutes = 7 * 24 * 60;
constexpr int64_t kWindowMinutesMin = 60;
constexpr int64_t kWindowMinutesMax = 52'560'000;
constexpr std::chrono::seconds kBeginAgain{1};

constexpr std::string_view kAlreadyRunning =
    "Backup job failed because there was a running job for the same resource.";
constexpr std::string_view kOutsideLock =
    "Backup job failed. The retention specified in the job is not within the range specified for "
    "the target Backup Vault.";
constexpr std::string_view kNoVault =
    "Backup vault {} does not exist. Create it (CreateBackupVault); the next run of a plan then "
    "uses it.";
constexpr std::string_view kTooLate = "Backup job expired before completion.";

// Of what makes no backup now, and will not.
bool IsFinal(ErrorKind kind) {
  return kind == ErrorKind::kTableNotFound || kind == ErrorKind::kKeyDisabled ||
         kind == ErrorKind::kCorruption || kind == ErrorKind::kInternal;
}

Result<void> CheckWindows(const BackupJobRequest& request) {
  const int64_t start = request.start_minutes.value_or(kStartMinutes);
  const int64_t complete = request.complete_minutes.value_or(kCompleteMinutes);
  if (start < kWindowMinutesMin || start > kWindowMinutesMax) {
    return FailWith(Fault::kInvalidParameter,
                    "StartWindowMinutes must be between {} and {} minutes", kWindowMinutesMin,
                    kWindowMinutesMax);
  }
  if (complete <= start || complete > kWindowMinutesMax) {
    return FailWith(Fault::kInvalidParameter,
                    "CompleteWindowMinutes must be greater than StartWindowMinutes, and at most {} "
                    "minutes",
                    kWindowMinutesMax);
  }
  return {};
}

// Of one that has not ended.
bool HasBegun(const BackupJobRecord& job) { return job.state != BackupJobState::kCreated; }

bool IsSameRequest(const BackupJobRecord& a, const BackupJobRecord& b) {
  return a.vault == b.vault && a.table_arn == b.table_arn && a.role_arn == b.role_arn &&
         a.lifecycle == b.lifecycle && a.tags == b.tags && a.air_gapped_arn == b.air_gapped_arn;
}

}  // namespace

Result<void> CheckAirGapped(const VaultStore& store, const Place& place, std::string_view arn) {
  const auto named = ParseVaultArn(arn);
  if (named && named->place.account == place.account && named->place.region == place.region &&
      IsAirGapped(store, arn))
    return {};
  return FailWith(Fault::kInvalidParameter,
                  "{} is not the ARN of a logically air-gapped vault of this account and Region: "
                  "create one (CreateLogicallyAirGappedBackupVault)",
                  arn);
}

std::string MakeJobId(Random& random) {
  std::string id = FormatUuid(MakeUuidBytes(random));
  std::ranges::transform(
      id, id.begin(), [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  return id;
}

std::optional<std::string> TableOfArn(const Place& place, std::string_view arn) {
  const std::string prefix =
      fmt::format("arn:aws:dynamodb:{}:{}:table/", place.region.value, place.account.value);
  if (!arn.starts_with(prefix)) return std::nullopt;
  std::string name(arn.substr(prefix.size()));
  if (name.empty() || name.find('/') != std::string::npos) return std::nullopt;
  return name;
}

// --- What is asked

Result<Ptr<BackupJobRecord>> BackupJobs::Start(const VaultScope& scope,
                                               const BackupJobRequest& request) {
  TM_TRYV(CheckWindows(request));
  TM_TRYV(FindPlainVault(scope, request.vault));
  if (!request.air_gapped_arn.empty())
    TM_TRYV(CheckAirGapped(store_, scope.place, request.air_gapped_arn));
  const auto table = TableOfArn(scope.place, request.table_arn);
  if (!table) {
    return FailWith(Fault::kInvalidParameter,
                    "ResourceArn must be the ARN of a DynamoDB table of this account and Region: "
                    "{}",
                    request.table_arn);
  }
  TM_TRYV(AssumeServiceRole(directory_, scope.place.account, request.role_arn));
  BackupJobRecord job;
  TM_TRYV(AddTags(request.tags, &job.tags));
  job.account = scope.place.account;
  job.region = scope.place.region;
  job.job_id = MakeJobId(random_);
  job.vault = request.vault;
  job.table_arn = request.table_arn;
  job.table_name = *table;
  job.role_arn = request.role_arn;
  job.token = request.token;
  job.lifecycle = request.lifecycle;
  job.air_gapped_arn = request.air_gapped_arn;
  job.created = scope.now;
  job.start_by = scope.now + std::chrono::minutes(request.start_minutes.value_or(kStartMinutes));
  job.complete_by =
      scope.now + std::chrono::minutes(request.complete_minutes.value_or(kCompleteMinutes));
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

Result<Ptr<BackupJobRecord>> BackupJobs::Find(const VaultScope& scope, std::string_view id) const {
  if (auto job = store_.Find<BackupJobRecord>(scope.place, id)) return job;
  return FailWith(Fault::kNotFound, "Backup job {} does not exist", id);
}

Result<void> BackupJobs::Stop(const VaultScope& scope, std::string_view id) {
  return store_.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto old, Find(scope, id));
    if (!old->IsOpen()) {
      return FailWith(Fault::kInvalidRequest, "Backup job {} cannot be stopped: it is {}", id,
                      ToString(old->state));
    }
    BackupJobRecord job = *old;
    job.state = BackupJobState::kAborting;
    return Changes{std::move(job)};
  });
}

// --- What the worker does

void BackupJobs::Step(const std::function<Timestamp(const Region&)>& now) {
  for (const auto& job : store_.Open<BackupJobRecord>()) {
    const auto waits = waits_.find(job->job_id);
    if (waits != waits_.end() && std::chrono::steady_clock::now() < waits->second) continue;
    const Timestamp at = now(job->region);
    if (at <= job->start_by && WaitsForAnother(*job)) {
      waits_[job->job_id] = std::chrono::steady_clock::now() + kBeginAgain;
      continue;
    }
    auto done = StepOne(*job, at);
    if (!done) {
      LogWarn("backup job {} tries again: {}", job->job_id, done.error().message);
      waits_[job->job_id] = std::chrono::steady_clock::now() + kBeginAgain;
    } else if (waits != waits_.end()) {
      waits_.erase(waits);
    }
  }
}

Result<void> BackupJobs::StepOne(const BackupJobRecord& job, Timestamp now) {
  switch (job.state) {
    case BackupJobState::kAborting:
      return Abort(job, now);
    case BackupJobState::kRunning:
      return Finish(job, now);
    default:
      return Begin(job, now);
  }
}

catalog::BackupPtr BackupJobs::BackupOf(const BackupJobRecord& job) const {
  if (!job.point_arn.empty()) return catalog_.FindBackup(job.point_arn);
  const std::string name = job.BackupName();
  for (auto& backup : catalog_.Backups(job.account, job.region)) {
    if (backup->type == catalog::BackupType::kAwsBackup && backup->name == name) return backup;
  }
  return nullptr;
}

Result<void> BackupJobs::Begin(const BackupJobRecord& job, Timestamp now) {
  // A crash came after it was made.
  if (const auto made = BackupOf(job)) return Adopt(job, *made, now);
  if (now > job.start_by)
    return End(job, BackupJobState::kExpired, {std::string(kTooLate), ""}, now);
  if (auto refusal = Refuses(job); !refusal.message.empty())
    return End(job, BackupJobState::kFailed, refusal, now);
  auto made = backups_.CreateManaged(job.account, job.region, job.table_name, job.BackupName());
  if (made) return Adopt(job, **made, now);
  if (!IsFinal(made.error().kind)) return Fail(made.error());
  const bool gone = made.error().kind == ErrorKind::kTableNotFound;
  return End(job, BackupJobState::kFailed,
             {gone ? "Table not found." : made.error().message, "InvalidParameters"}, now);
}

// WHY before it begins: a backup that cannot go where it is for would stay where it is not wanted.
BackupJobs::Refusal BackupJobs::RefusesAirGapped(const BackupJobRecord& job) const {
  if (job.air_gapped_arn.empty()) return {};
  const auto there = CheckAirGapped(store_, PlaceOf(job), job.air_gapped_arn);
  if (!there) return {there.error().message, "InvalidParameters"};
  const auto vault = FindVaultByArn(store_, job.air_gapped_arn);
  if (vault && vault->lock && !Admits(*vault->lock, job.lifecycle))
    return {std::string(kOutsideLock), "InvalidParameters"};
  return {};
}

bool BackupJobs::AnyOther(const BackupJobRecord& job,
                          const std::function<bool(const BackupJobRecord&)>& is) const {
  return std::ranges::any_of(store_.Open<BackupJobRecord>(), [&](const auto& other) {
    return other->table_arn == job.table_arn && other->job_id != job.job_id && is(*other);
  });
}

bool BackupJobs::WaitsForAnother(const BackupJobRecord& job) const {
  if (!job.created_by || job.state != BackupJobState::kCreated) return false;
  return AnyOther(job, [&](const BackupJobRecord& other) {
    return HasBegun(other) || (other.created_by && std::tie(other.created, other.job_id) <
                                                       std::tie(job.created, job.job_id));
  });
}

BackupJobs::Refusal BackupJobs::Refuses(const BackupJobRecord& job) const {
  const auto vault = store_.Find<VaultRecord>(PlaceOf(job), job.vault);
  if (!vault) return {fmt::format(kNoVault, job.vault), "InvalidParameters"};
  if (const auto plain = FindPlainVault({store_, PlaceOf(job), {}}, job.vault); !plain)
    return {plain.error().message, "InvalidParameters"};
  if (vault->lock && !Admits(*vault->lock, job.lifecycle))
    return {std::string(kOutsideLock), "InvalidParameters"};
  if (auto refusal = RefusesAirGapped(job); !refusal.message.empty()) return refusal;
  if (AnyOther(job, HasBegun)) return {std::string(kAlreadyRunning), "InvalidParameters"};
  const auto role = AssumeServiceRole(directory_, job.account, job.role_arn);
  if (!role) return {role.error().message, "AccessDenied"};
  const auto allowed = CheckRoleAllows(**role, "dynamodb:CreateBackup", job.table_arn);
  return allowed ? Refusal{} : Refusal{allowed.error().message, "AccessDenied"};
}

Result<void> BackupJobs::Adopt(const BackupJobRecord& job, const catalog::BackupRecord& backup,
                               Timestamp now) {
  return store_.Apply([&]() -> Result<Changes> {
    const auto newest = store_.Find<BackupJobRecord>(PlaceOf(job), job.job_id);
    // Erased, or stopped meanwhile: the next step removes what it made.
    if (!newest || newest->state != BackupJobState::kCreated) return Changes{};
    BackupJobRecord running = *newest;
    if (!store_.Find<VaultRecord>(PlaceOf(job), job.vault)) {
      running.state = BackupJobState::kAborting;
      running.message = fmt::format(kNoVault, job.vault);
      return Changes{std::move(running)};
    }
    running.state = BackupJobState::kRunning;
    running.point_arn = backup.Arn();
    running.initiated = now;
    running.bytes = static_cast<int64_t>(backup.image.totals.bytes);
    PointRecord point;
    point.account = job.account;
    point.region = job.region;
    point.arn = running.point_arn;
    point.vault = job.vault;
    point.table_arn = job.table_arn;
    point.table_name = job.table_name;
    point.job = job.job_id;
    point.role_arn = job.role_arn;
    point.initiated = job.created;
    point.created = backup.created;
    point.bytes = running.bytes;
    if (backup.source.sse.enabled) point.key_arn = backup.source.sse.key_arn;
    point.lifecycle = job.lifecycle;
    point.tags = job.tags;
    point.created_by = job.created_by;
    point.goes_once_in = job.air_gapped_arn;
    return Changes{std::move(running), std::move(point)};
  });
}

Result<void> BackupJobs::Finish(const BackupJobRecord& job, Timestamp now) {
  const auto backup = BackupOf(job);
  if (!backup) {
    return End(job, BackupJobState::kFailed,
               {"An internal error occurred: the backup is gone.", ""}, now);
  }
  if (backup->status == catalog::BackupStatus::kAvailable)
    return End(job, BackupJobState::kCompleted, {"", "SUCCESS"}, now);
  if (now <= job.complete_by) return {};
  return store_.Apply([&]() -> Result<Changes> {
    const auto newest = store_.Find<BackupJobRecord>(PlaceOf(job), job.job_id);
    if (!newest) return Changes{};
    BackupJobRecord late = *newest;
    late.state = BackupJobState::kAborting;
    late.message = kTooLate;
    return Changes{std::move(late)};
  });
}

Result<void> BackupJobs::Abort(const BackupJobRecord& job, Timestamp now) {
  if (const auto backup = BackupOf(job)) {
    auto deleted = backups_.DeleteManaged(backup->Arn());
    // While it is being made it is in use: again soon.
    if (!deleted && deleted.error().kind == ErrorKind::kBackupInUse) return {};
    if (!deleted && deleted.error().kind != ErrorKind::kBackupNotFound)
      return Fail(deleted.error());
  }
  return End(job, BackupJobState::kAborted, {job.message, ""}, now);
}

Result<void> BackupJobs::End(const BackupJobRecord& job, BackupJobState state, const Refusal& why,
                             Timestamp now) {
  return store_.Apply([&]() -> Result<Changes> {
    const auto newest = store_.Find<BackupJobRecord>(PlaceOf(job), job.job_id);
    if (!newest || newest->state != job.state) return Changes{};  // stopped, or erased, meanwhile
    BackupJobRecord ended = *newest;
    ended.state = state;
    ended.message = why.message;
    ended.category = why.category;
    ended.completed = now;
    Changes changes;
    if (const auto point = store_.Find<PointRecord>(PlaceOf(job), job.point_arn)) {
      PointRecord record = *point;
      record.status = PointStatus::kCompleted;
      record.completed = now;
      if (state == BackupJobState::kCompleted) {
        std::vector<CopyAction> copies = job.copies;
        if (!job.air_gapped_arn.empty()) copies.push_back({job.air_gapped_arn, job.lifecycle});
        for (const CopyAction& action : copies) {
          CopyJobRecord copy = CopyJobOf(record, action, random_, now);
          copy.created_by = job.created_by;
          copy.backup_job = job.job_id;
          copy.start_by = now + (job.start_by - job.created);
          copy.complete_by = now + (job.complete_by - job.created);
          changes.emplace_back(std::move(copy));
        }
        changes.emplace_back(std::move(record));
      } else {
        changes.emplace_back(Erase{PathOf(*point)});
        ended.point_arn.clear();
      }
    }
    changes.emplace_back(std::move(ended));
    return changes;
  });
}

}  // namespace tidemark::vault
