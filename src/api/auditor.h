// What of requests goes into the audit log: every call of management, every refusal, reads of
// backups, and calls that use data (items, and what KMS seals and opens) if that is asked for.
#pragma once
#include <atomic>
#include <optional>
#include <string_view>

#include "audit/audit_log.h"
#include "auth/principal.h"
#include "codec/json_reader.h"
#include "http/request.h"
#include "http/response.h"
#include "runtime/asio.h"

namespace tidemark::api {

// Thread-safe; lives as long as the server.
class Auditor {
 public:
  Auditor(audit::AuditLog& log, const Clock& real_clock, bool data_calls)
      : log_(log), clock_(real_clock), data_calls_(data_calls) {}

  // Whether a call is told that is not refused.
  bool Wants(std::string_view service, std::string_view operation) const;
  // What is known of a request before it runs. `principal`: null, if nobody was recognised.
  audit::Event Begin(const auth::Principal* principal, const http::Request& request,
                     std::string_view service, std::string_view operation,
                     const std::string& request_id) const;
  // With what came of it; if it was done and has an owner, also in the log of that one.
  // What changes something, and refusals, are durable on return, if the disk
  // takes them; else the server's log says so.
  asio::awaitable<void> Finish(audit::Event event, const http::Response& response) const;

  // Of what clients choose freely: not more than is worth telling.
  static std::string Cut(std::string_view text);
  // What a request with this body names first: a table, an ARN, an account, a key.
  static std::string ResourceOf(codec::JsonValue body);

 private:
  asio::awaitable<void> Tell(audit::Event event) const;
  bool AdmitsStranger(Timestamp now) const;

  audit::AuditLog& log_;
  const Clock& clock_;
  const bool data_calls_;
  // Of requests of nobody who is known, so that they cannot fill the disk.
  mutable std::atomic<int64_t> second_{0};
  mutable std::atomic<uint32_t> in_second_{0};
};

}  // namespace tidemark::api
