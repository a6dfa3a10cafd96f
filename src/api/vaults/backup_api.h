// AWS Backup: vaults, recovery points and jobs, over REST-JSON. Requests are told apart by the
// service their signature names, then by method and path.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/auditor.h"
#include "api/kms/kms_api.h"
#include "auth/authenticate.h"
#include "base/clock.h"
#include "catalog/catalog.h"
#include "http/request.h"
#include "http/response.h"
#include "iam/directory.h"
#include "kms/key_store.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "vault/backup_jobs.h"
#include "vault/compliance.h"
#include "vault/copy_jobs.h"
#include "vault/restore_jobs.h"
#include "vault/vault_store.h"
#include "vault/worker.h"

namespace tidemark::api {

// What its operations need; all of it lives as long as the server.
struct VaultServices {
  auth::Authenticator& authenticator;
  vault::VaultStore& store;
  vault::BackupJobs& backup_jobs;
  vault::CopyJobs& copy_jobs;
  vault::RestoreJobs& restore_jobs;
  vault::Worker& worker;
  const catalog::Catalog& catalog;
  const iam::Directory& directory;
  AccountId first_account;  // which decides for all
  kms::KeyStore& keys;
  const KmsApi& kms;
  runtime::BlockingPool& pool;  // operations wait for the disk
  const Auditor* auditor;       // null: nothing is told
  vault::Worker::Now now;       // by which lives end, of a Region
  const Clock& real_clock;      // of signatures and policies
};

// Thread-safe; lives as long as the server.
class BackupApi {
 public:
  explicit BackupApi(VaultServices services);

  // Whether the request is for this service. Quick for those of DynamoDB.
  static bool Claims(const http::Request& request);
  // "backup:CreateBackupVault", of all operations; static, sorted. OperationOf: the number in there
  // of the one that a request asks for; nothing: there is none.
  static std::vector<std::string_view> OperationNames();
  static std::optional<size_t> OperationOf(const http::Request& request);
  // Whether DynamoDB may read items of that backup or recovery point of `owner` for the caller.
  // `body`: the request's. Quick. kAccessDenied.
  Result<void> CheckRead(const auth::Principal& principal, const http::Request& request,
                         std::string_view arn, codec::JsonValue body, const AccountId& owner) const;
  // Answers everything, errors included.
  asio::awaitable<http::Response> Handle(const http::Request& request,
                                         const std::string& request_id) const;

 private:
  // `event`: what the audit log is told, as far as it is known when this ends.
  asio::awaitable<http::Response> Answer(const http::Request& request,
                                         const std::string& request_id,
                                         std::optional<audit::Event>* event) const;

  const VaultServices services_;
};

}  // namespace tidemark::api
