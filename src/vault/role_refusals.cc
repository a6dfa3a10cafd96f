#include "vault/role_refusals.h"

namespace tidemark::vault {

namespace {

constexpr std::string_view kDenied = "AccessDenied";
constexpr std::string_view kByPeer = "the server of Region ";

// Jobs that restore have no category. The words are those of role.h.
bool TellsOfRole(std::string_view message) {
  return message.find("is not authorized to perform: ") != std::string_view::npos ||
         message.find("cannot be assumed by AWS Backup") != std::string_view::npos;
}

class Refusals {
 public:
  explicit Refusals(const VaultStore& store) : store_(store) {}

  void operator()(const BackupJobRecord& job) {
    if (job.state == BackupJobState::kFailed && job.category == kDenied)
      Add(job, "StartBackupJob", job.table_arn);
  }
  void operator()(const CopyJobRecord& job) {
    // What another server refuses, it refuses its user, and tells itself.
    if (job.state == CopyJobState::kFailed && job.category == kDenied && TellsOfRole(job.message) &&
        !job.message.starts_with(kByPeer)) {
      Add(job, "StartCopyJob", job.source_arn);
    }
  }
  void operator()(const RestoreJobRecord& job) {
    if (job.status == RestoreJobStatus::kFailed && TellsOfRole(job.message))
      Add(job, "StartRestoreJob", job.point_arn);
  }
  void operator()(const PointRecord& point) {
    if (point.status != PointStatus::kExpired) return;
    const auto before = store_.Find<PointRecord>(PlaceOf(point), point.arn);
    if (before && before->status == PointStatus::kExpired) return;
    found.push_back(
        {point.account, point.region, point.role_arn, "DeleteRecoveryPoint", point.arn, ""});
  }
  template <class Other>
  void operator()(const Other&) {}

  std::vector<RoleRefusal> found;

 private:
  template <class Job>
  void Add(const Job& job, std::string_view operation, const std::string& resource) {
    const auto before = store_.Find<Job>(PlaceOf(job), job.job_id);
    if (before && before->completed != Timestamp{}) return;  // it had ended
    found.push_back({job.account, job.region, job.role_arn, operation, resource, job.job_id});
  }

  const VaultStore& store_;
};

}  // namespace

std::vector<RoleRefusal> RefusalsIn(const VaultStore& store, const Changes& changes) {
  Refusals refusals(store);
  for (const Change& change : changes) std::visit(refusals, change);
  return std::move(refusals.found);
}

}  // namespace tidemark::vault
