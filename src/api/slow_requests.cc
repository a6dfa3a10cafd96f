#include "api/slow_requests.h"

#include "base/log_event.h"

namespace tidemark::api {
namespace {

std::string MillisecondsText(std::chrono::steady_clock::duration time) {
  const std::chrono::duration<double, std::milli> ms = time;
  return fmt::format("{:.3f}", ms.count());
}

}  // namespace

void LogSlowRequest(const SlowRequest& request) {
  const bool known = request.checks.count() > 0;
  const LogField fields[] = {
      {"request", std::string(request.request_id)},
      {"operation", std::string(request.operation)},
      {"path", request.path == "/" ? "" : std::string(request.path)},
      {"resource", std::string(request.resource)},
      {"principal", std::string(request.principal)},
      {"status", std::to_string(request.status), true},
      {"ms", MillisecondsText(request.time), true},
      {"checks_ms", known ? MillisecondsText(request.checks) : "", true},
      {"work_ms", known ? MillisecondsText(request.time - request.checks) : "", true}};
  LogEvent(LogLevel::kWarn, "slow_request", fields);
}

}  // namespace tidemark::api
