#include "api/auditor.h"

#include <algorithm>
#include <array>

#include "api/dynamodb/members.h"
#include "base/log.h"
#include "policy/actions.h"

namespace tidemark::api {

namespace {

constexpr uint32_t kStrangersMax = 20;  // a second; of further ones nothing is told
constexpr size_t kTextMax = 256;        // of what clients choose freely

constexpr std::array<std::string_view, 18> kResourceMembers = {
    "TableName",        "ResourceArn",     "BackupArn",
    "StreamArn",        "SourceTableArn",  "SourceTableName",
    "TargetTableName",  "AccountId",       "JobId",
    "AliasName",        "KeyId",           "DestinationKeyId",
    "RecoveryPointArn", "BackupVaultName", "BackupJobId",
    "RestoreJobId",     "StoredBackup",    "Kind"};

std::string_view Between(std::string_view text, std::string_view begin, std::string_view end) {
  const size_t at = text.find(begin);
  if (at == text.npos) return {};
  text.remove_prefix(at + begin.size());
  return text.substr(0, text.find(end));
}

// The error's name, from an answer in JSON or XML.
std::string ErrorOf(const http::Response& response) {
  if (response.status < 400) return "";
  for (const auto& [header, value] : response.headers) {
    if (header == "x-amzn-ErrorType") return value;
  }
  std::string_view name = Between(response.body, "\"__type\":\"", "\"");
  name.remove_prefix(std::min(name.find('#') + 1, name.size()));
  if (name.empty()) name = Between(response.body, "<Code>", "</Code>");
  return name.empty() ? "HTTP" + std::to_string(response.status) : std::string(name);
}

bool OnlyReads(std::string_view operation) {
  return std::ranges::any_of(
      std::array<std::string_view, 5>{"Get", "List", "Describe", "Simulate", "Lookup"},
      [&](std::string_view verb) { return operation.starts_with(verb); });
}

}  // namespace

bool Auditor::Wants(std::string_view service, std::string_view operation) const {
  return data_calls_ || !policy::UsesData(service, operation);
}

audit::Event Auditor::Begin(const auth::Principal* principal, const http::Request& request,
                            std::string_view service, std::string_view operation,
                            const std::string& request_id) const {
  audit::Event event{.time = clock_.Now(),
                     .service = std::string(service),
                     .operation = Cut(operation),
                     .source = request.remote_address,
                     .agent = Cut(request.Find("user-agent").value_or("")),
                     .request_id = request_id};
  if (principal) {
    event.account = principal->account;
    event.principal = principal->arn;
    event.access_key = principal->access_key.value;
    event.region = principal->region.value;
  }
  return event;
}

std::string Auditor::Cut(std::string_view text) { return std::string(text.substr(0, kTextMax)); }

std::string Auditor::ResourceOf(codec::JsonValue body) {
  for (const std::string_view member : kResourceMembers) {
    const auto text = dynamodb::TextMember(body, member);
    if (!text.empty()) return Cut(text);
  }
  return "";
}

bool Auditor::AdmitsStranger(Timestamp now) const {
  const int64_t second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (second_.exchange(second, std::memory_order_relaxed) != second)
    in_second_.store(0, std::memory_order_relaxed);
  return in_second_.fetch_add(1, std::memory_order_relaxed) < kStrangersMax;
}

asio::awaitable<void> Auditor::Finish(audit::Event event, const http::Response& response) const {
  event.status = response.status;
  event.error = ErrorOf(response);
  audit::Event of_owner = event;
  of_owner.account = event.owner;
  of_owner.access_key.clear();
  co_await Tell(std::move(event));
  if (!of_owner.account.value.empty() && response.status < 400) co_await Tell(std::move(of_owner));
}

asio::awaitable<void> Auditor::Tell(audit::Event event) const {
  const bool refused = event.error.starts_with("AccessDenied");
  const bool recognised = !event.principal.empty();
  const bool waits = recognised && (refused || !(OnlyReads(event.operation) ||
                                                 policy::UsesData(event.service, event.operation)));
  const std::string request_id = event.request_id;
  if (!recognised && !AdmitsStranger(event.time)) co_return;
  if (!waits) {
    log_.Post(std::move(event));
    co_return;
  }
  const auto done = co_await log_.Append(std::move(event));
  if (!done) LogError("request {} is not in the audit log: {}", request_id, done.error().message);
}

}  // namespace tidemark::api
