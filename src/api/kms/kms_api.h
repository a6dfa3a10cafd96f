// KMS: customers' keys, over JSON 1.1. Requests are told apart by their target's prefix.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/auditor.h"
#include "auth/authenticate.h"
#include "base/clock.h"
#include "codec/json_reader.h"
#include "http/request.h"
#include "http/response.h"
#include "kms/key_store.h"
#include "runtime/blocking.h"
#include "runtime/task.h"

namespace tidemark::api {

// What its operations need; all of it lives as long as the server.
struct KmsServices {
  auth::Authenticator& authenticator;
  kms::KeyStore& store;
  runtime::BlockingPool& pool;  // operations wait for the disk
  const Auditor* auditor;       // null: nothing is told
  const Clock& clock;           // of keys: what test hooks move
  const Clock& real_clock;      // of signatures and policies
  // Whether this server has that Region. Quick.
  std::function<Result<void>(const Region&)> check_region;
};

// Thread-safe; lives as long as the server.
class KmsApi {
 public:
  explicit KmsApi(KmsServices services);

  // Whether the request is for this service.
  static bool Claims(const http::Request& request);
  // "kms:Decrypt", of all operations; static, sorted. OperationOf: the number in there of the one
  // that a request asks for; nothing: there is none.
  static std::vector<std::string_view> OperationNames();
  static std::optional<size_t> OperationOf(const http::Request& request);
  // Answers everything, errors included.
  asio::awaitable<http::Response> Handle(const http::Request& request,
                                         const std::string& request_id) const;
  // Whether the caller may put a table of `owner` under the key that a request to DynamoDB names,
  // if it names one. Quick for all that name none. kAccessDenied.
  Result<void> CheckTableKey(const auth::Principal& principal, const http::Request& request,
                             std::string_view operation, codec::JsonValue body,
                             const AccountId& owner) const;

 private:
  // `event`: what the audit log is told, as far as it is known when this ends; nothing: nothing.
  asio::awaitable<http::Response> Answer(const http::Request& request,
                                         const std::string& request_id,
                                         std::optional<audit::Event>* event) const;

  const KmsServices services_;
};

}  // namespace tidemark::api
