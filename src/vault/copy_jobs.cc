#include "vault/copy_jobs.h"

#include <algorithm>

#include "archive/idle_priority.h"
#include "base/log.h"
#include "kms/keys.h"
#include "vault/backup_jobs.h"
#include "vault/fault.h"
#include "vault/points.h"
#include "vault/repeated_job.h"
#include "vault/role.h"
#include "vault/settings.h"

namespace tidemark::vault {

namespace {

constexpr std::chrono::seconds kCopyAgain{1};

constexpr std::string_view kOutsideRange =
    "Copy job failed. The retention specified in the job is not within the range specified for the "
    "target Backup Vault.";
constexpr std::string_view kNoMember =
    "Copy job failed. Both source and destination account must be a member of the same "
    "organization.";
constexpr std::string_view kSwitchedOff =
    "Copy job failed. Cross-account copy feature is not enabled for the current organization.";
constexpr std::string_view kDefaultKey =
    "Copy job failed because the destination Backup vault is encrypted with the default Backup "
    "service managed key. The contents of this vault cannot be copied. Only the contents of a "
    "Backup vault encrypted by a customer master key (CMK) may be copied.";

bool IsSameRequest(const CopyJobRecord& a, const CopyJobRecord& b) {
  return a.source_vault == b.source_vault && a.source_arn == b.source_arn &&
         a.vault_arn == b.vault_arn && a.role_arn == b.role_arn && a.lifecycle == b.lifecycle;
}

bool CanBeCopied(PointStatus status) {
  return status == PointStatus::kCompleted || status == PointStatus::kExpired;
}

std::string InColdStorage(std::string_view arn) {
  return fmt::format(
      "Recovery point {} is in cold storage. Recovery points in cold storage cannot be copied; "
      "restore it, and back up the restored table.",
      arn);
}

kms::KeyPtr KeyOfVault(const kms::KeyStore& keys, const VaultRecord& vault) {
  const auto id =
      kms::KeyId::Parse(std::string_view(vault.key_arn).substr(vault.key_arn.rfind('/') + 1));
  return id ? keys.Find(*id) : nullptr;
}

CopyRefusal RefusesKey(const kms::KeyStore& keys, const VaultRecord& vault, const AccountId& from) {
  const auto key = KeyOfVault(keys, vault);
  if (!key) return {fmt::format("Key {} does not exist any more.", vault.key_arn), ""};
  if (auto usable = kms::CheckUsable(*key); !usable)
    return {usable.error().message, "InvalidParameters"};
  if (vault.account != from && key->of_service && !vault.air_gapped)
    return {std::string(kDefaultKey), "InvalidParameters"};
  return {};
}

}  // namespace

bool MayPassLater(ErrorKind kind) {
  return kind == ErrorKind::kIo || kind == ErrorKind::kNoSpace || kind == ErrorKind::kBusy ||
         kind == ErrorKind::kUnavailable;
}

CopyRefusal RefusesCopy(const kms::KeyStore& keys, const VaultRecord& vault,
                        const IncomingCopy& copy) {
  if (auto refusal = RefusesKey(keys, vault, copy.from); !refusal.message.empty()) return refusal;
  if (vault.lock && !Admits(*vault.lock, copy.lifecycle))
    return {std::string(kOutsideRange), "InvalidParameters"};
  return {};
}

CopyJobRecord CopyJobOf(const PointRecord& point, const CopyAction& action, Random& random,
                        Timestamp now) {
  CopyJobRecord job;
  job.account = point.account;
  job.region = point.region;
  job.job_id = MakeJobId(random);
  job.source_vault = point.vault;
  job.source_arn = point.arn;
  job.table_arn = point.table_arn;
  job.table_name = point.table_name;
  job.vault_arn = action.vault_arn;
  job.role_arn = point.role_arn;
  job.lifecycle = action.lifecycle;
  job.created = now;
  job.start_by = now + kStartWindow;
  job.complete_by = now + kCompleteWindow;
  job.bytes = point.bytes;
  return job;
}

std::string ToldKey(const std::string& key_arn) { return kms::IsKept(key_arn) ? "" : key_arn; }

catalog::SseSettings ToldSse(const std::string& key_arn) {
  if (kms::IsKept(key_arn)) return {};
  return {.enabled = true, .type = "KMS", .key_arn = key_arn};
}

std::optional<std::string> KeptKeyOf(const VaultStore& store, std::string_view point_arn) {
  const auto point = FindPointAnywhere(store, point_arn);
  const auto vault = point ? store.Find<VaultRecord>(PlaceOf(*point), point->vault) : nullptr;
  if (!vault || !kms::IsKept(vault->key_arn)) return std::nullopt;
  return vault->key_arn;
}

bool IsBeingCopied(const VaultStore& store, std::string_view point_arn) {
  return std::ranges::any_of(store.Open<CopyJobRecord>(),
                             [&](const auto& job) { return job->source_arn == point_arn; });
}

std::optional<std::string> KeyOfCopy(const VaultStore& store, TableId sealed_for) {
  for (const auto& job : store.Open<CopyJobRecord>()) {
    if (job->state == CopyJobState::kRunning && job->sealed_for == sealed_for) return job->key_arn;
  }
  return std::nullopt;
}

// --- What is asked

Result<Ptr<CopyJobRecord>> CopyJobs::Start(const VaultScope& scope, const CopyJobRequest& request) {
  const VaultScope source = SourceOf(scope, request);
  TM_TRY(const auto point, FindPoint(source, request.source_vault, request.source_arn));
  TM_TRYV(AssumeServiceRole(parts_.directory, scope.place.account, request.role_arn));
  TM_TRYV(CheckDestination(scope, *point, request));
  CopyJobRecord job = CopyJobOf(*point, request.action, parts_.random, scope.now);
  job.account = scope.place.account;
  job.role_arn = request.role_arn;
  job.token = request.token;
  std::string id = job.job_id;
  TM_TRYV(parts_.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto repeated, FindRepeated(parts_.store, job, &IsSameRequest));
    if (repeated) {
      id = repeated->job_id;
      return Changes{};
    }
    TM_TRY(const auto now, FindPoint(source, request.source_vault, request.source_arn));
    if (!CanBeCopied(now->status)) {
      return FailWith(Fault::kInvalidRequest, "Recovery point {} cannot be copied: it is {}",
                      now->arn, ToString(now->status));
    }
    if (now->IsCold()) return Fail(MakeFault(Fault::kInvalidRequest, InColdStorage(now->arn)));
    return Changes{std::move(job)};
  }));
  return Find(scope, id);
}

// Another account's, if it is of an air-gapped vault that let the caller in.
VaultScope CopyJobs::SourceOf(const VaultScope& scope, const CopyJobRequest& request) {
  VaultScope source = scope;
  const auto point = FindPointAnywhere(scope.store, request.source_arn);
  if (point && point->region == scope.place.region && IsAirGapped(scope.store, point->VaultArn()))
    source.place = PlaceOf(*point);
  return source;
}

Result<void> CopyJobs::CheckDestination(const VaultScope& scope, const PointRecord& point,
                                        const CopyJobRequest& request) const {
  const auto to = ParseVaultArn(request.action.vault_arn);
  if (!to) {
    return FailWith(Fault::kInvalidParameter,
                    "DestinationBackupVaultArn must be the ARN of a backup vault: {}",
                    request.action.vault_arn);
  }
  if (request.action.vault_arn == point.VaultArn())
    return FailWith(Fault::kInvalidRequest, "A recovery point cannot be copied to its own vault");
  if (IsOfPeer(to->place.region)) return {};  // which is asked once it is there
  if (to->place.account == scope.place.account)
    return FindVault({parts_.store, to->place, scope.now}, to->name).map([](const auto&) {});
  // What is not there and what is not allowed look alike.
  const auto vault = parts_.store.Find<VaultRecord>(to->place, to->name);
  if (vault && CheckRole(scope.place, request.role_arn, point, *vault)) return {};
  return Fail(ErrorKind::kAccessDenied, "Insufficient privileges to perform this action.");
}

Result<Ptr<CopyJobRecord>> CopyJobs::Find(const VaultScope& scope, std::string_view id) const {
  if (auto job = parts_.store.Find<CopyJobRecord>(scope.place, id)) return job;
  return FailWith(Fault::kNotFound, "Copy job {} does not exist", id);
}

// --- What the worker does

void CopyJobs::Step(const Now& now) {
  ForgetChecks();
  for (const auto& job : parts_.store.Open<CopyJobRecord>()) {
    const auto to = ParseVaultArn(job->vault_arn);
    if (to && IsOfPeer(to->place.region)) continue;
    const auto waits = waits_.find(job->job_id);
    if (waits != waits_.end() && std::chrono::steady_clock::now() < waits->second) continue;
    auto done = StepOne(*job, now);
    if (!done) {
      LogWarn("copy job {} tries again: {}", job->job_id, done.error().message);
      waits_[job->job_id] = std::chrono::steady_clock::now() + kCopyAgain;
    } else if (waits != waits_.end()) {
      waits_.erase(waits);
    }
  }
}

Result<void> CopyJobs::StepOne(const CopyJobRecord& job, const Now& now) {
  return job.state == CopyJobState::kCreated ? Begin(job, now) : Make(job, now);
}

Result<void> CopyJobs::Begin(const CopyJobRecord& job, const Now& now) {
  const auto to = ParseVaultArn(job.vault_arn);
  if (!to) return End(job, CopyJobState::kFailed, {"The vault's ARN is none.", ""}, now);
  if (const auto refusal = Refuses(job, *to); !refusal.message.empty())
    return End(job, CopyJobState::kFailed, refusal, now);
  const auto source = parts_.catalog.FindBackup(job.source_arn);
  if (!source)
    return End(job, CopyJobState::kFailed, {"An internal error occurred: it is gone.", ""}, now);
  CopyJobRecord running = job;
  running.state = CopyJobState::kRunning;
  running.image = ImageId::Make(parts_.random);
  running.sealed_for = TableId::Make(parts_.random);
  do {
    running.backup = BackupId(fmt::format("{:014}-{:08x}", ToMicros(source->created) / 1000,
                                          static_cast<uint32_t>(parts_.random.Next())));
    running.point_arn = OrderOf(running, *to).Arn(*source);
  } while (parts_.catalog.FindBackup(running.point_arn));
  return parts_.store.Apply([&]() -> Result<Changes> {
    const auto newest = parts_.store.Find<CopyJobRecord>(PlaceOf(job), job.job_id);
    const auto point = FindPointAnywhere(parts_.store, job.source_arn);
    const auto vault = parts_.store.Find<VaultRecord>(to->place, to->name);
    // Erased, or changed meanwhile: the next step sees it.
    if (!newest || newest->state != CopyJobState::kCreated || !point || !vault) return Changes{};
    running.key_arn = vault->key_arn;
    PointRecord copy = PointOf(running, *point, *to, now(to->place.region));
    return Changes{std::move(running), std::move(copy)};
  });
}

CopyJobs::Refusal CopyJobs::RefusesSource(const CopyJobRecord& job) const {
  const auto point = FindPointAnywhere(parts_.store, job.source_arn);
  if (!point || !CanBeCopied(point->status)) {
    return {fmt::format("Recovery point {} does not exist any more.", job.source_arn),
            "InvalidParameters"};
  }
  const auto backup = parts_.catalog.FindBackup(job.source_arn);
  if (point->IsCold() || (backup && backup->image.is_cold()))
    return {InColdStorage(job.source_arn), "InvalidParameters"};
  return {};
}

CopyJobs::Refusal CopyJobs::Refuses(const CopyJobRecord& job, const VaultRef& to) const {
  if (auto refusal = RefusesSource(job); !refusal.message.empty()) return refusal;
  const auto vault = parts_.store.Find<VaultRecord>(to.place, to.name);
  if (to.place.account != job.account) {
    const auto known = parts_.directory.Accounts();
    const bool member = to.place.account == parts_.first_account ||
                        std::ranges::any_of(known, [&](const auto& one) {
                          return one->account == to.place.account;
                        });
    if (!member) return {std::string(kNoMember), "InvalidParameters"};
    if (!FindGlobalSettings(parts_.store, parts_.first_account).across_accounts)
      return {std::string(kSwitchedOff), "InvalidParameters"};
  }
  if (!vault) return {fmt::format("Backup vault {} does not exist", to.name), "InvalidParameters"};
  if (auto refusal = RefusesCopy(parts_.keys, *vault, {job.account, job.lifecycle});
      !refusal.message.empty()) {
    return refusal;
  }
  const auto point = FindPointAnywhere(parts_.store, job.source_arn);
  if (!point) return {};
  const auto allowed = CheckRole(PlaceOf(job), job.role_arn, *point, *vault);
  return allowed ? Refusal{} : Refusal{allowed.error().message, "AccessDenied"};
}

CopyJobs::Refusal CopyJobs::RefusesToSend(const CopyJobRecord& job, const VaultRef& to) const {
  if (auto refusal = RefusesSource(job); !refusal.message.empty()) return refusal;
  if (to.place.account != job.account &&
      !FindGlobalSettings(parts_.store, parts_.first_account).across_accounts) {
    return {std::string(kSwitchedOff), "InvalidParameters"};
  }
  const auto allowed = CheckRoleSends(job, to);
  return allowed ? Refusal{} : Refusal{allowed.error().message, "AccessDenied"};
}

// The vault's own policy is asked where the vault is.
Result<void> CopyJobs::CheckRoleSends(const CopyJobRecord& job, const VaultRef& to) const {
  TM_TRY(const auto role, AssumeServiceRole(parts_.directory, job.account, job.role_arn));
  const auto source = FindVaultByArn(parts_.store, job.SourceVaultArn());
  return vault::CheckRoleSends(*role,
                               {job.source_arn, source ? source->policy : std::string(),
                                source ? source->account : job.account},
                               VaultArnOf(to.place.account, to.place.region, to.name));
}

bool CopyJobs::IsOfPeer(const Region& region) const {
  return parts_.peers && parts_.peers->Find(region.value);
}

Result<void> CopyJobs::CheckRole(const Place& place, const std::string& role_arn,
                                 const PointRecord& point, const VaultRecord& vault) const {
  TM_TRY(const auto role, AssumeServiceRole(parts_.directory, place.account, role_arn));
  const auto source = parts_.store.Find<VaultRecord>(PlaceOf(point), point.vault);
  return CheckRoleCopies(*role, {point.arn, source ? source->policy : std::string(), point.account},
                         vault);
}

PointRecord BeginCopyOf(const PointRecord& source, const VaultRef& to, const CopyIds& ids,
                        Timestamp now) {
  PointRecord copy = source;
  copy.account = to.place.account;
  copy.region = to.place.region;
  copy.vault = to.name;
  copy.arn = ids.arn;
  copy.job = ids.job;
  copy.key_arn = ToldKey(ids.key_arn);
  copy.role_arn.clear();
  copy.sender.clear();
  copy.origin_arn.clear();
  copy.status = PointStatus::kCreating;
  copy.message.clear();
  copy.copied = now;
  copy.completed = copy.restored = copy.moved = {};
  copy.goes_once_in.clear();
  copy.is_in = false;
  return copy;
}

PointRecord CopyJobs::PointOf(const CopyJobRecord& job, const PointRecord& source,
                              const VaultRef& to, Timestamp now) const {
  PointRecord copy = BeginCopyOf(
      source, to, {.arn = job.point_arn, .job = job.job_id, .key_arn = job.key_arn}, now);
  copy.source_vault_arn = job.SourceVaultArn();
  copy.role_arn = job.role_arn;
  copy.initiated = job.created;
  copy.lifecycle = job.lifecycle;
  copy.created_by = job.created_by;
  return copy;
}

backup::LocalCopyOrder CopyJobs::OrderOf(const CopyJobRecord& job, const VaultRef& to) const {
  return {.source_arn = job.source_arn,
          .name = "AWSBackup-" + job.job_id,
          .account = to.place.account,
          .region = to.place.region,
          .id = job.backup,
          .image = job.image,
          .sealed_for = job.sealed_for,
          .sse = ToldSse(job.key_arn)};
}

Result<void> CopyJobs::Make(const CopyJobRecord& job, const Now& now) {
  const auto to = ParseVaultArn(job.vault_arn);
  if (!parts_.store.Find<PointRecord>(to->place, job.point_arn)) {  // its account was emptied
    (void)parts_.backups.DeleteManaged(job.point_arn);
    return End(job, CopyJobState::kFailed, {"The copy is gone.", ""}, now);
  }
  const auto checked = Check(job, *to);
  if (!checked) return {};
  const auto made = *checked ? parts_.copies.Make(OrderOf(job, *to)) : Fail(checked->error());
  if (!made && made.error().kind == ErrorKind::kCancelled) return {};
  if (made) return End(job, CopyJobState::kCompleted, {"", "SUCCESS"}, now);
  if (MayPassLater(made.error().kind)) return Fail(made.error());
  return End(job, CopyJobState::kFailed, {made.error().message, ""}, now);
}

// Read once; again only if that failed.
std::optional<Result<void>> CopyJobs::Check(const CopyJobRecord& job, const VaultRef& to) {
  const auto read = [this, id = job.job_id, order = OrderOf(job, to)] {
    if (parts_.checking) archive::RunWhenIdle();
    auto checked = parts_.copies.Check(order, stopping_);
    const std::lock_guard lock(mutex_);
    if (const auto at = checks_.find(id); at != checks_.end()) at->second = std::move(checked);
  };
  std::unique_lock lock(mutex_);
  if (checks_.try_emplace(job.job_id).second) {
    lock.unlock();
    const bool begun = !parts_.checking || parts_.checking->Submit(read);
    if (!parts_.checking) read();
    lock.lock();
    if (!begun) checks_.erase(job.job_id);  // the server stops
  }
  const auto at = checks_.find(job.job_id);
  if (at == checks_.end() || !at->second) return std::nullopt;
  auto checked = *at->second;
  if (!checked) checks_.erase(at);
  return checked;
}

void CopyJobs::ForgetChecks() {
  const auto jobs = parts_.store.Open<CopyJobRecord>();
  const std::lock_guard lock(mutex_);
  std::erase_if(checks_, [&](const auto& one) {
    return std::ranges::none_of(jobs, [&](const auto& job) { return job->job_id == one.first; });
  });
}

// With a failed job its recovery point goes, of which nothing was made.
Result<void> CopyJobs::End(const CopyJobRecord& job, CopyJobState state, const Refusal& why,
                           const Now& now) {
  const auto to = ParseVaultArn(job.vault_arn);
  return parts_.store.Apply([&]() -> Result<Changes> {
    const auto newest = parts_.store.Find<CopyJobRecord>(PlaceOf(job), job.job_id);
    if (!newest || newest->state != job.state) return Changes{};
    CopyJobRecord ended = *newest;
    ended.state = state;
    ended.message = why.message;
    ended.category = why.category;
    ended.completed = now(job.region);
    Changes changes;
    const auto point = to && !job.point_arn.empty()
                           ? parts_.store.Find<PointRecord>(to->place, job.point_arn)
                           : nullptr;
    if (point && state == CopyJobState::kCompleted) {
      PointRecord made = *point;
      made.status = PointStatus::kCompleted;
      made.completed = now(to->place.region);
      changes.emplace_back(std::move(made));
    } else if (point) {
      changes.emplace_back(Erase{PathOf(*point)});
    }
    const auto source = FindPointAnywhere(parts_.store, job.source_arn);
    if (source && state == CopyJobState::kCompleted && source->goes_once_in == job.vault_arn) {
      PointRecord copied = *source;
      copied.is_in = true;
      changes.emplace_back(std::move(copied));
    }
    if (state != CopyJobState::kCompleted) ended.point_arn.clear();
    changes.emplace_back(std::move(ended));
    return changes;
  });
}

}  // namespace tidemark::vault
