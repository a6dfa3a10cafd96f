// From an HTTP request to an answer: the checks in the service's order, then the operation.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/auditor.h"
#include "api/operation.h"
#include "api/request_figures.h"
#include "auth/authenticate.h"
#include "base/clock.h"
#include "http/request.h"
#include "http/response.h"

namespace tidemark::api {

struct DispatcherOptions {
  std::string default_region = "us-east-1";  // named by GET /
  // Why the server is not ready to serve, if it is not (GET /readyz). Quick, any I/O thread.
  std::function<Result<void>()> ready;
  // The page of GET /metrics, in Prometheus' text format; absent: there is no such page. Whoever
  // collects it must not block the I/O thread it is called on.
  std::function<Task<std::string>()> metrics;
  // Whether this server has that Region, for operations of Regions. Absent: it has all. Quick.
  std::function<Result<void>(const Region&)> check_region;
  // Whether who asks may do that, and of which account's resources it is then. Absent: nobody but
  // root may do anything. Quick.
  std::function<Result<AccountId>(const auth::Principal&, const http::Request&,
                                  std::string_view operation, codec::JsonValue body)>
      authorize;
  // Whether the caller, root too, may use the keys of KMS that the request names for a table of
  // `owner`. Absent: yes. Quick.
  std::function<Result<void>(const auth::Principal&, const http::Request&,
                             std::string_view operation, codec::JsonValue body,
                             const AccountId& owner)>
      authorize_keys;
  // Whether the caller, root too, may read that backup of `owner`, besides what the operation
  // needs. Absent: yes. Quick.
  std::function<Result<void>(const auth::Principal&, const http::Request&, std::string_view arn,
                             codec::JsonValue body, const AccountId& owner)>
      authorize_backup;
  // Requests of services with the query protocol (IAM, STS), which come as forms. Absent: there
  // are none.
  std::function<asio::awaitable<http::Response>(const http::Request&,
                                                const std::string& request_id)>
      query;
  // Of figures: their operations, and which of them a request asks for. As `query`.
  std::vector<std::string_view> query_operations;
  std::function<std::optional<size_t>(const http::Request&)> query_operation;
  const Auditor* auditor = nullptr;  // null: nothing is told
  // Requests of KMS, told by their target. Absent: there are none.
  std::function<bool(const http::Request&)> is_kms;
  std::function<asio::awaitable<http::Response>(const http::Request&,
                                                const std::string& request_id)>
      kms;
  // Of figures: KMS's operations, and which of them a request asks for.
  std::vector<std::string_view> kms_operations;
  std::function<std::optional<size_t>(const http::Request&)> kms_operation;
  // Requests of AWS Backup, told by the service that their signature names; and its operations, of
  // figures, likewise. Absent: there are none.
  std::function<bool(const http::Request&)> is_backup;
  std::function<asio::awaitable<http::Response>(const http::Request&,
                                                const std::string& request_id)>
      backup;
  std::vector<std::string_view> backup_operations;
  std::function<std::optional<size_t>(const http::Request&)> backup_operation;
  // Requests of other servers of ours, told by their path. Absent: there are none.
  std::function<bool(const http::Request&)> is_peer;
  std::function<asio::awaitable<http::Response>(const http::Request&,
                                                const std::string& request_id)>
      peer;
  // Requests that took so long or longer are told in the server's log; 0: none are.
  std::chrono::microseconds slow_request{0};
  // Pages for browsers; nothing for requests that are none of theirs. Absent: there are none.
  // Quick.
  std::function<std::optional<http::Response>(const http::Request&)> pages;
  // Test hooks; absent ones are refused with the name of the flag that enables them.
  std::function<Task<void>(table::Caller)> reset;  // POST /_test/reset: empties the account
  SteppedClock* test_clock = nullptr;              // POST /_test/clock
  // Whose root user alone may move it, since it is everybody's time. Absent: any account's.
  std::optional<AccountId> operator_account;
};

// One for all connections; lives as long as the server. Threads: any I/O thread.
class Dispatcher {
 public:
  Dispatcher(std::vector<Operation> operations, auth::Authenticator& authenticator,
             DispatcherOptions options);

  // An http::Handler:
  //   [&](const http::Request& request) { return dispatcher.Handle(request); }
  // Answers everything, errors and exceptions included.
  asio::awaitable<http::Response> Handle(const http::Request& request);
  // An http::Refusal: what a client reads whose request never got that far.
  static http::Response Refuse(int status);

  // Of all POSTs so far, and all requests of AWS Backup.
  const RequestFigures& figures() const { return figures_; }

 private:
  // What is known of a request while it is answered.
  struct Told {
    size_t operation;                        // its number in figures_, once that is known
    std::optional<audit::Event> event = {};  // what the audit log is to be told
    // Of slow requests, as far as it is known:
    std::string principal = {}, resource = {};
    std::optional<std::chrono::steady_clock::time_point> admitted = {};
  };
  asio::awaitable<http::Response> AnswerCounted(const http::Request& request,
                                                const std::string& request_id, bool is_backup);
  asio::awaitable<http::Response> AnswerPeer(const http::Request& request,
                                             const std::string& request_id) const;
  asio::awaitable<http::Response> AnswerGet(const http::Request& request,
                                            const std::string& request_id) const;
  asio::awaitable<http::Response> AnswerBackup(const http::Request& request,
                                               const std::string& request_id, Told* told);
  asio::awaitable<http::Response> AnswerPost(const http::Request& request,
                                             const std::string& request_id, Told* told);
  asio::awaitable<http::Response> AnswerTestHook(const http::Request& request,
                                                 const std::string& request_id);
  asio::awaitable<http::Response> AnswerOperation(const http::Request& request,
                                                  const std::string& request_id, Told* told);
  Result<size_t> FindOperation(const http::Request& request) const;
  Result<AccountId> Authorize(const auth::Principal& principal, const http::Request& request,
                              std::string_view operation, codec::JsonValue body) const;
  Result<void> CheckMayUseHook(const auth::Principal& principal, std::string_view hook,
                               std::string_view path) const;
  Result<std::string> MoveClock(codec::JsonValue body);
  void Record(const http::Request& request, const std::string& request_id, int status,
              std::chrono::steady_clock::time_point begin, const Told& told);

  const std::vector<Operation> operations_;  // sorted by name
  RequestFigures figures_;     // of operations_, then KMS's, AWS Backup's and the query protocol's
  std::vector<bool> audited_;  // whether calls that are allowed are told
  auth::Authenticator& authenticator_;
  const DispatcherOptions options_;
};

}  // namespace tidemark::api
