// Copies that another server hands to this one: requests below /_tidemark/copies/, signed for AWS
// Backup by a user here (docs/formats/peer_copies.md).
#pragma once
#include <optional>
#include <string>

#include "api/auditor.h"
#include "auth/authenticate.h"
#include "base/clock.h"
#include "http/request.h"
#include "http/response.h"
#include "runtime/blocking.h"
#include "runtime/task.h"
#include "vault/arrivals.h"
#include "vault/worker.h"

namespace tidemark::api {

// What it needs; all of it lives as long as the server.
struct PeerServices {
  auth::Authenticator& authenticator;
  const auth::CredentialStore& credentials;
  vault::VaultStore& store;
  vault::Arrivals& arrivals;
  runtime::BlockingPool& pool;
  const Auditor* auditor;   // null: nothing is told
  vault::Worker::Now now;   // by which lives end, of a Region
  const Clock& real_clock;  // of signatures and policies
};

// Thread-safe; lives as long as the server.
class PeerApi {
 public:
  explicit PeerApi(PeerServices services) : services_(std::move(services)) {}

  static bool Claims(const http::Request& request);
  // Answers everything, errors included.
  asio::awaitable<http::Response> Handle(const http::Request& request,
                                         const std::string& request_id) const;

 private:
  struct Route {
    std::string account, job;
    std::string_view file;  // or kFinish; empty: the copy itself
  };
  static std::optional<Route> RouteOf(const http::Request& request);
  Result<std::string> Run(const http::Request& request, const Route& route,
                          const auth::Principal& principal) const;
  Result<std::string> RunOffer(const http::Request& request, const Route& route,
                               const auth::Principal& principal) const;
  Result<void> AuthorizeOffer(const http::Request& request, const auth::Principal& principal,
                              const vault::VaultRef& to, const std::string& vault_arn) const;

  const PeerServices services_;
};

}  // namespace tidemark::api
