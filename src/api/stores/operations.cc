#include "api/stores/operations.h"

#include "api/dynamodb/shapes_gen.h"
#include "codec/json_writer.h"

namespace tidemark::api::stores {
namespace {

using backup::StoreJob;
using codec::JsonValue;
using table::Caller;

constexpr size_t kListedDefault = 100;

std::string AnswerOf(const StoreJob& job) {
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Field("JobId", job.id).Field("Act", backup::ToString(job.act));
  w.Field("Status", backup::ToString(job.status));
  if (!job.failure.empty()) w.Field("FailureReason", job.failure);
  if (!job.backup_arn.empty()) w.Field("BackupArn", job.backup_arn);
  if (!job.manifest.empty()) w.Field("StoredBackup", job.manifest);
  if (job.act == backup::StoreAct::kDelete || job.act == backup::StoreAct::kCollect) {
    w.Field("FilesFreed", static_cast<int64_t>(job.freed.files));
    w.Field("BytesFreed", static_cast<int64_t>(job.freed.bytes));
    if (!job.freed.kept_because.empty()) w.Field("KeptBecause", job.freed.kept_because);
  }
  w.Field("BytesDone", static_cast<int64_t>(job.bytes_done));
  w.Field("BytesTotal", static_cast<int64_t>(job.bytes_total)).EndObject();
  return answer;
}

void WriteStored(const backup::StoreJobs::Listed& listed, codec::JsonWriter* w) {
  const catalog::BackupRecord& backup = listed.stored.backup;
  w->BeginObject().Field("StoredBackup", listed.manifest).Field("BackupArn", backup.Arn());
  w->Field("BackupName", backup.name).Field("TableName", backup.source.name);
  w->Key("BackupCreationDateTime").EpochSeconds(backup.created);
  w->Key("CopyDateTime").EpochSeconds(listed.stored.copied);
  w->Field("ItemCount", static_cast<int64_t>(backup.image.totals.items));
  w->Field("StoredBytes", static_cast<int64_t>(listed.stored.Bytes()));
  if (listed.verdict) {
    w->Key("LastVerifiedDateTime").EpochSeconds(listed.verdict->at);
    w->Field("Verdict", listed.verdict->fault.empty() ? "SOUND" : "DAMAGED");
    if (!listed.verdict->fault.empty()) w->Field("VerdictReason", listed.verdict->fault);
  }
  w->EndObject();
}

// Runs `work` on the pool, if there is a store.
template <class Work>
Task<std::string> OnStore(const StoreServices& services, Work work) {
  if (!services.jobs) {
    co_return Fail(ErrorKind::kValidation,
                   "This server has no backup store: it was started without --backup-store");
  }
  auto run = [jobs = services.jobs, work = std::move(work)] { return work(*jobs); };
  co_return co_await runtime::Blocking(services.pool, std::move(run));
}

Result<std::string> Answered(const Result<StoreJob>& job) {
  if (job) return AnswerOf(*job);
  if (job.error().kind != ErrorKind::kNotFound) return Fail(job.error());
  return Fail(ErrorKind::kValidation, "{}", job.error().message);
}

Task<std::string> CopyBackup(const StoreServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseCopyBackup(body));
  auto work = [account = caller.account, arn = *input.backup_arn](backup::StoreJobs& jobs) {
    return Answered(jobs.Copy(account, arn));
  };
  co_return co_await OnStore(services, std::move(work));
}

Task<std::string> VerifyStoredBackup(const StoreServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseVerifyStoredBackup(body));
  auto work = [account = caller.account, name = *input.stored_backup](backup::StoreJobs& jobs) {
    return Answered(jobs.Verify(account, name));
  };
  co_return co_await OnStore(services, std::move(work));
}

Task<std::string> FetchStoredBackup(const StoreServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseFetchStoredBackup(body));
  auto work = [account = caller.account, name = *input.stored_backup](backup::StoreJobs& jobs) {
    return Answered(jobs.Fetch(account, name));
  };
  co_return co_await OnStore(services, std::move(work));
}

Task<std::string> DeleteStoredBackup(const StoreServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseDeleteStoredBackup(body));
  auto work = [account = caller.account, name = *input.stored_backup](backup::StoreJobs& jobs) {
    return Answered(jobs.Delete(account, name));
  };
  co_return co_await OnStore(services, std::move(work));
}

Task<std::string> CollectBackupStore(const StoreServices& services, Caller caller, JsonValue) {
  auto work = [account = caller.account](backup::StoreJobs& jobs) {
    return Answered(jobs.Collect(account));
  };
  co_return co_await OnStore(services, std::move(work));
}

Task<std::string> DescribeStoreJob(const StoreServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseDescribeStoreJob(body));
  auto work = [account = caller.account, id = *input.job_id](backup::StoreJobs& jobs) {
    return Answered(jobs.Describe(account, id));
  };
  co_return co_await OnStore(services, std::move(work));
}

Task<std::string> ListStoredBackups(const StoreServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseListStoredBackups(body));
  const auto limit = input.limit ? static_cast<size_t>(*input.limit) : kListedDefault;
  auto work = [account = caller.account, after = input.next_token.value_or(""),
               limit](backup::StoreJobs& jobs) -> Result<std::string> {
    TM_TRY(const auto page, jobs.List(account, after, limit));
    std::string answer;
    codec::JsonWriter w(&answer);
    w.BeginObject().Key("StoredBackups").BeginArray();
    for (const auto& listed : page.backups) WriteStored(listed, &w);
    w.EndArray();
    if (!page.next.empty()) w.Field("NextToken", page.next);
    w.EndObject();
    return answer;
  };
  co_return co_await OnStore(services, std::move(work));
}

}  // namespace

std::vector<Operation> Operations(const StoreServices& services) {
  using Handler = Task<std::string>(const StoreServices&, Caller, JsonValue);
  auto bound = [&services](std::string_view name, Handler* handler) {
    return Operation{.name = name,
                     .prefix = kStoresPrefix,
                     .run = [&services, handler](Caller caller, JsonValue body) {
                       return handler(services, std::move(caller), body);
                     }};
  };
  return {bound("CollectBackupStore", CollectBackupStore),
          bound("CopyBackup", CopyBackup),
          bound("DeleteStoredBackup", DeleteStoredBackup),
          bound("DescribeStoreJob", DescribeStoreJob),
          bound("FetchStoredBackup", FetchStoredBackup),
          bound("ListStoredBackups", ListStoredBackups),
          bound("VerifyStoredBackup", VerifyStoredBackup)};
}

}  // namespace tidemark::api::stores
