// IAM and STS: the services with the query protocol. Requests are told apart by the service their
// signature names, then by Action.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/auditor.h"
#include "auth/authenticate.h"
#include "base/clock.h"
#include "base/random.h"
#include "http/request.h"
#include "http/response.h"
#include "iam/directory.h"
#include "iam/sessions.h"
#include "runtime/blocking.h"
#include "runtime/task.h"

namespace tidemark::api {

// What its operations need; all of it lives as long as the server.
struct QueryServices {
  auth::Authenticator& authenticator;
  const auth::CredentialStore& credentials;
  iam::Directory& directory;
  iam::Sessions& sessions;
  runtime::BlockingPool& pool;  // operations wait for the disk
  const Auditor* auditor;       // null: nothing is told
  const Clock& clock;           // of sessions: what test hooks move
  const Clock& real_clock;
  Random& random;
};

// Thread-safe; lives as long as the server.
class QueryApi {
 public:
  explicit QueryApi(QueryServices services);
  // Answers everything, errors included.
  asio::awaitable<http::Response> Handle(const http::Request& request,
                                         const std::string& request_id);
  // Of figures: "iam:CreateUser", "sts:AssumeRole"; and which of them a request asks for.
  static std::vector<std::string_view> OperationNames();
  static std::optional<size_t> OperationOf(const http::Request& request);

 private:
  asio::awaitable<http::Response> Answer(const http::Request& request,
                                         const std::string& request_id, audit::Event* event);

  const QueryServices services_;
};

}  // namespace tidemark::api
