// The front door of a running server: which operations it has, and who answers what.
#include <algorithm>
#include <iterator>

#include "api/past/operations.h"
#include "base/assert.h"
#include "base/log.h"
#include "console/pages.h"
#include "http/cross_origin.h"
#include "policy/actions.h"
#include "server/metrics_page.h"
#include "server/running_server.h"

namespace tidemark::server {

Result<void> RunningServer::Listen() {
  dispatcher_ = std::make_unique<api::Dispatcher>(Operations(), *authenticator_, Front());
  http::Handler handler = [this](const http::Request& request) {
    return dispatcher_->Handle(request);
  };
  if (!config_.cors_origin.empty())
    handler = http::AllowOrigin(config_.cors_origin, std::move(handler));
  TM_TRY(listener_, http::Listener::Open(threads_, config_.host, config_.port, {},
                                         std::move(handler), api::Dispatcher::Refuse));
  open_listener_ = listener_.get();
  return {};
}

api::DispatcherOptions RunningServer::Front() {
  api::DispatcherOptions options;
  // It listens only once it is ready; it stops being so when a log takes no more writes.
  options.ready = [this]() -> Result<void> {
    TM_TRYV(system_->Writable());
    for (const shard::Shard* shard : regions_->All()) TM_TRYV(shard->Writable());
    return {};
  };
  options.check_region = [this](const Region& region) { return regions_->CheckHere(region); };
  options.authorize = [this](const auth::Principal& principal, const http::Request& request,
                             std::string_view operation, codec::JsonValue body) {
    return access_->Check(principal, request, operation, body);
  };
  options.auditor = &*auditor_;
  options.slow_request = config_.slow_request;
  options.query = [this](const http::Request& request, const std::string& request_id) {
    return query_api_->Handle(request, request_id);
  };
  options.query_operations = api::QueryApi::OperationNames();
  options.query_operation = api::QueryApi::OperationOf;
  options.authorize_keys = [this](const auth::Principal& principal, const http::Request& request,
                                  std::string_view operation, codec::JsonValue body,
                                  const AccountId& owner) {
    return kms_api_->CheckTableKey(principal, request, operation, body, owner);
  };
  options.authorize_backup = [this](const auth::Principal& principal, const http::Request& request,
                                    std::string_view arn, codec::JsonValue body,
                                    const AccountId& owner) {
    return backup_api_->CheckRead(principal, request, arn, body, owner);
  };
  options.is_kms = api::KmsApi::Claims;
  options.kms = [this](const http::Request& request, const std::string& request_id) {
    return kms_api_->Handle(request, request_id);
  };
  options.kms_operations = api::KmsApi::OperationNames();
  options.kms_operation = api::KmsApi::OperationOf;
  options.is_backup = api::BackupApi::Claims;
  options.backup = [this](const http::Request& request, const std::string& request_id) {
    return backup_api_->Handle(request, request_id);
  };
  options.backup_operations = api::BackupApi::OperationNames();
  options.backup_operation = api::BackupApi::OperationOf;
  options.is_peer = api::PeerApi::Claims;
  options.peer = [this](const http::Request& request, const std::string& request_id) {
    return peer_api_->Handle(request, request_id);
  };
  options.pages = console::Answer;
  if (config_.test_hooks)
    options.reset = [this](table::Caller caller) { return Reset(std::move(caller)); };
  if (config_.test_clock) options.test_clock = &test_clock_;
  options.operator_account = data_.credentials().account;
  options.metrics = [this] {
    auto page = [this]() -> Result<std::string> {
      return MetricsPage(
          {.requests = dispatcher_->figures(),
           .listener = open_listener_,
           .engine = *engine_,
           .system = *system_,
           .regions = *regions_,
           .recovery = *recovery_,
           .past = *past_,
           .backup_reads = *backup_reads_,
           .audit = *audit_log_,
           .backup_store = backup_store_ ? &backup_store_->figures() : nullptr,
           .keys = *key_store_,
           .notifier = *notifier_,
           .protection = {*catalog_, *vault_store_, *month_bill_, cost_services_->now()}});
    };
    return runtime::Blocking(figures_pool_, std::move(page));
  };
  return options;
}

std::vector<api::Operation> RunningServer::Operations() {
  auto operations = api::dynamodb::Operations(*services_);
  std::ranges::move(api::past::Operations(*services_), std::back_inserter(operations));
  std::ranges::move(api::accounts::Operations(*account_services_), std::back_inserter(operations));
  std::ranges::move(api::audit_log::Operations(*audit_services_), std::back_inserter(operations));
  std::ranges::move(api::stores::Operations(*store_services_), std::back_inserter(operations));
  std::ranges::move(api::costs::Operations(*cost_services_), std::back_inserter(operations));
  // One that nobody could be granted or refused, or that is told to be absent.
  TM_ASSERT(std::ranges::all_of(operations, policy::IsBuilt, &api::Operation::name));
  return operations;
}

Task<void> RunningServer::Reset(table::Caller caller) {
  TM_CO_TRYV(co_await tokens_->Forget(caller.account));
  auto forget = [&] { return vault_store_->EraseAccount(caller.account); };
  TM_CO_TRYV(co_await runtime::Blocking(pool_, forget));
  const AccountId account = caller.account;
  TM_CO_TRYV(co_await control_->Reset(std::move(caller)));
  auto forget_costs = [this, account] { return meter_->Forget(account); };
  co_return co_await runtime::Blocking(pool_, std::move(forget_costs));
}

void RunningServer::SettleRecords() {
  // Refused for as long as what made changes fail lasts, of which the log tells.
  (void)catalog_->Settle();
  (void)directory_->Settle();
  (void)key_store_->Settle();
  (void)vault_store_->Settle();
  (void)restore_reports_->Settle();
  (void)ledger_->Settle();
  (void)prices_->Settle();
}

void RunningServer::SweepTokens() {
  auto swept = runtime::RunBlocking(threads_.context(0), tokens_->Sweep());
  if (!swept) LogWarn("expired request tokens remain: {}", swept.error().message);
}

}  // namespace tidemark::server
