#include "api/dispatch.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "api/dynamodb/errors.h"
#include "api/dynamodb/members.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/slow_requests.h"
#include "api/wire/json10.h"
#include "codec/instant.h"
#include "codec/json_writer.h"
#include "metrics/text_writer.h"

namespace tidemark::api {

namespace {

constexpr std::string_view kTestPath = "/_test/";
// Of reads of the past, and of their answers.
constexpr std::string_view kAsOfHeader = "X-Tidemark-As-Of";
// Likewise, of reads of a backup.
constexpr std::string_view kFromBackupHeader = "X-Tidemark-From-Backup";
constexpr std::string_view kRestoreSettingsHeader = "X-Tidemark-Restore-Settings";
constexpr std::string_view kRestoreVerifyHeader = "X-Tidemark-Restore-Verify";

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

// A content type without its parameters.
std::string_view BareType(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return type;
}

bool IsJson(std::string_view content_type) {
  const auto type = BareType(content_type);
  return EqualIgnoringCase(type, "application/x-amz-json-1.0") ||
         EqualIgnoringCase(type, "application/json");
}

bool IsForm(std::string_view content_type) {
  return EqualIgnoringCase(BareType(content_type), "application/x-www-form-urlencoded");
}

table::Caller CallerOf(auth::Principal principal, const http::Request& request,
                       const std::string& request_id) {
  return {.account = std::move(principal.account),
          .region = std::move(principal.region),
          .origin = {.access_key = std::move(principal.access_key.value), .request_id = request_id},
          .host = request.Find("host").value_or("")};
}

Result<codec::JsonValue> ParseBody(std::string_view body) {
  thread_local codec::JsonParser parser;
  auto json = parser.Parse(body);
  // The service gives no text here.
  if (!json && json.error().kind == ErrorKind::kSerialization) json.error().message.clear();
  return json;
}

// The instant a read asks for, if it asks for one.
Result<std::optional<Timestamp>> AsOf(const http::Request& request, const Operation& operation) {
  const auto header = request.Find(kAsOfHeader);
  if (!header) return std::nullopt;
  if (!operation.reads_past) {
    return Fail(ErrorKind::kValidation,
                "{} is not for {}: GetItem, BatchGetItem, Query and Scan read the past; leave the "
                "header out, or restore the table to that instant",
                kAsOfHeader, operation.name);
  }
  auto time = codec::ParseInstant(*header);
  if (!time) return Fail(WithContext(time.error(), "{}", kAsOfHeader));
  return *time;
}

// The ARN of the backup that a read is of; "": it reads a table.
Result<std::string_view> FromBackup(const http::Request& request, const Operation& operation) {
  const auto header = request.Find(kFromBackupHeader);
  if (!header) return "";
  if (!operation.reads_past) {
    return Fail(ErrorKind::kValidation,
                "{} is not for {}: GetItem, BatchGetItem, Query and Scan read a backup; leave the "
                "header out, or restore the backup to a new table",
                kFromBackupHeader, operation.name);
  }
  if (request.Find(kAsOfHeader)) {
    return Fail(ErrorKind::kValidation,
                "{} and {} cannot be given together: a backup is of one instant", kFromBackupHeader,
                kAsOfHeader);
  }
  if (header->starts_with("arn:")) return *header;
  return Fail(ErrorKind::kValidation,
              "{}: '{}' is no ARN of a backup or recovery point (ListBackups and "
              "ListRecoveryPointsByBackupVault tell them)",
              kFromBackupHeader, *header);
}

// What a header that only restores take says; "": there is none.
Result<std::string_view> OfRestore(std::string_view name, const http::Request& request,
                                   const Operation& operation) {
  const auto header = request.Find(name);
  if (!header || operation.restores) return header.value_or("");
  return Fail(ErrorKind::kValidation,
              "{} is not for {}: RestoreTableToPointInTime and RestoreTableFromBackup take it",
              name, operation.name);
}

// Of an operation that has the backup among its members.
std::string_view BackupReadBy(const Operation& operation, codec::JsonValue body) {
  return operation.reads_backup ? dynamodb::TextMember(body, "BackupArn") : "";
}

http::Response PlainText(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

http::Response HookIsOff(std::string_view path, std::string_view flag,
                         std::string_view request_id) {
  auto response =
      dynamodb::ErrorResponse(MakeError(ErrorKind::kUnknownOperation,
                                        "{} works only on a server started with {}", path, flag),
                              path, request_id);
  response.status = 404;
  return response;
}

}  // namespace

Dispatcher::Dispatcher(std::vector<Operation> operations, auth::Authenticator& authenticator,
                       DispatcherOptions options)
    : operations_([&] {
        std::ranges::sort(operations, {}, &Operation::name);
        return std::move(operations);
      }()),
      figures_([&] {
        std::vector<std::string_view> names;
        for (const auto& operation : operations_) names.push_back(operation.name);
        std::ranges::copy(options.kms_operations, std::back_inserter(names));
        std::ranges::copy(options.backup_operations, std::back_inserter(names));
        std::ranges::copy(options.query_operations, std::back_inserter(names));
        return names;
      }()),
      authenticator_(authenticator),
      options_(std::move(options)) {
  for (const auto& operation : operations_)
    audited_.push_back(options_.auditor && options_.auditor->Wants("dynamodb", operation.name));
}

asio::awaitable<http::Response> Dispatcher::Handle(const http::Request& request) {
  if (options_.pages) {
    if (auto page = options_.pages(request)) co_return std::move(*page);
  }
  const std::string request_id = wire::NewRequestId();
  if (options_.peer && options_.is_peer(request))
    co_return co_await AnswerPeer(request, request_id);
  const bool is_backup = options_.backup && options_.is_backup(request);
  if (request.method == "GET" && !is_backup) co_return co_await AnswerGet(request, request_id);
  if (request.method != "POST" && !is_backup) co_return dynamodb::NotARequest(request_id);
  co_return co_await AnswerCounted(request, request_id, is_backup);
}

asio::awaitable<http::Response> Dispatcher::AnswerCounted(const http::Request& request,
                                                          const std::string& request_id,
                                                          bool is_backup) {
  const auto begin = std::chrono::steady_clock::now();
  Told told{.operation = figures_.other()};
  http::Response response;
  if (is_backup) {  // WHY no "?:": GCC 12 destroys the answer of one twice
    response = co_await AnswerBackup(request, request_id, &told);
  } else {
    response = co_await AnswerPost(request, request_id, &told);
  }
  if (told.event) co_await options_.auditor->Finish(*std::move(told.event), response);
  Record(request, request_id, response.status, begin, told);
  co_return response;
}

void Dispatcher::Record(const http::Request& request, const std::string& request_id, int status,
                        std::chrono::steady_clock::time_point begin, const Told& told) {
  const auto end = std::chrono::steady_clock::now();
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(end - begin);
  figures_.Record(told.operation, status, time);
  if (options_.slow_request.count() == 0 || time < options_.slow_request) return;
  LogSlowRequest({.request_id = request_id,
                  .operation = figures_.all()[told.operation].name,
                  .path = request.path,
                  .principal = told.principal,
                  .resource = told.resource,
                  .status = status,
                  .time = end - begin,
                  .checks = told.admitted.value_or(begin) - begin});
}

asio::awaitable<http::Response> Dispatcher::AnswerPost(const http::Request& request,
                                                       const std::string& request_id, Told* told) {
  Error thrown;
  try {
    if (request.path.starts_with(kTestPath)) co_return co_await AnswerTestHook(request, request_id);
    co_return co_await AnswerOperation(request, request_id, told);
  } catch (const std::exception& e) {
    thrown = MakeError(ErrorKind::kInternal, "exception: {}", e.what());
  }
  const auto target = request.Find("x-amz-target").value_or(request.path);
  co_return dynamodb::ErrorResponse(thrown, target, request_id);
}

asio::awaitable<http::Response> Dispatcher::AnswerBackup(const http::Request& request,
                                                         const std::string& request_id,
                                                         Told* told) {
  const auto number = options_.backup_operation(request);
  if (number) told->operation = operations_.size() + options_.kms_operations.size() + *number;
  Error thrown;
  try {
    co_return co_await options_.backup(request, request_id);
  } catch (const std::exception& e) {
    thrown = MakeError(ErrorKind::kInternal, "exception: {}", e.what());
  }
  co_return dynamodb::ErrorResponse(thrown, request.path, request_id);
}

asio::awaitable<http::Response> Dispatcher::AnswerPeer(const http::Request& request,
                                                       const std::string& request_id) const {
  Error thrown;
  try {
    co_return co_await options_.peer(request, request_id);
  } catch (const std::exception& e) {
    thrown = MakeError(ErrorKind::kInternal, "exception: {}", e.what());
  }
  co_return dynamodb::ErrorResponse(thrown, request.path, request_id);
}

http::Response Dispatcher::Refuse(int status) {
  const auto request_id = wire::NewRequestId();
  if (status == 413) {
    return dynamodb::ErrorResponse(
        MakeError(ErrorKind::kRequestTooLarge, "The request is larger than 16 MiB"), "?",
        request_id);
  }
  if (status == 400) {
    return dynamodb::ErrorResponse(MakeError(ErrorKind::kSerialization,
                                             "The request is no well-formed HTTP/1.1 request, or "
                                             "its body is not what Content-Encoding says"),
                                   "?", request_id);
  }
  return http::Response{};
}

asio::awaitable<http::Response> Dispatcher::AnswerGet(const http::Request& request,
                                                      const std::string& request_id) const {
  if (request.path == "/") {
    co_return PlainText(
        200, fmt::format("healthy: dynamodb.{}.amazonaws.com ", options_.default_region));
  }
  if (request.path == "/healthz") co_return PlainText(200, "ok\n");
  if (request.path == "/readyz") {
    auto ready = options_.ready ? options_.ready() : Result<void>();
    co_return ready ? PlainText(200, "ready\n")
                    : PlainText(503, fmt::format("not ready: {}\n", ready.error().message));
  }
  if (request.path == "/metrics" && options_.metrics) {
    auto page = co_await options_.metrics();
    if (!page) co_return dynamodb::ErrorResponse(page.error(), request.path, request_id);
    auto response = PlainText(200, std::move(*page));
    response.content_type = metrics::kTextContentType;
    co_return response;
  }
  co_return dynamodb::NotARequest(request_id);
}

Result<size_t> Dispatcher::FindOperation(const http::Request& request) const {
  const std::string_view target = request.Find("x-amz-target").value_or("");
  const size_t split = target.find('.') + 1;  // 0: there is no prefix
  const std::string_view prefix = target.substr(0, split);
  const std::string_view name = target.substr(split);
  auto at = std::ranges::lower_bound(operations_, name, {}, &Operation::name);
  if (at != operations_.end() && at->name == name && at->prefix == prefix)
    return static_cast<size_t>(at - operations_.begin());
  if (prefix == dynamodb::kTargetPrefix &&
      std::ranges::binary_search(dynamodb::kUnavailableOperations, name)) {
    return Fail(ErrorKind::kUnknownOperation, "{} is not available in this version of Tidemark",
                name);
  }
  return Fail(Error{ErrorKind::kUnknownOperation, "", nullptr});
}

Result<AccountId> Dispatcher::Authorize(const auth::Principal& principal,
                                        const http::Request& request, std::string_view operation,
                                        codec::JsonValue body) const {
  if (options_.authorize) {
    TM_TRY(auto owner, options_.authorize(principal, request, operation, body));
    if (options_.authorize_keys)
      TM_TRYV(options_.authorize_keys(principal, request, operation, body, owner));
    return owner;
  }
  if (principal.is_root) return principal.account;
  return Fail(ErrorKind::kAccessDenied, "User: {} is not authorized to perform: {}", principal.arn,
              operation);
}

asio::awaitable<http::Response> Dispatcher::AnswerOperation(const http::Request& request,
                                                            const std::string& request_id,
                                                            Told* told) {
  const auto content_type = request.Find("content-type").value_or("");
  const bool is_json = request.body.empty() || IsJson(content_type);
  if (!is_json && options_.query && request.path == "/" && IsForm(content_type)) {
    const auto number = options_.query_operation(request);
    if (number) {
      told->operation = operations_.size() + options_.kms_operations.size() +
                        options_.backup_operations.size() + *number;
    }
    co_return co_await options_.query(request, request_id);
  }
  if (options_.kms && request.path == "/" && options_.is_kms(request)) {
    const auto number = options_.kms_operation(request);
    if (number) told->operation = operations_.size() + *number;
    co_return co_await options_.kms(request, request_id);
  }
  if (request.path != "/" || !is_json) co_return dynamodb::NotARequest(request_id);

  auto json = ParseBody(request.body);
  if (!json) co_return dynamodb::ErrorResponse(json.error(), "?", request_id);
  auto found = FindOperation(request);
  if (!found) co_return dynamodb::ErrorResponse(found.error(), "?", request_id);
  told->operation = *found;
  const Operation& operation = operations_[*found];
  const std::string_view name = operation.name;
  auto principal = authenticator_.Authenticate(request);
  const auto tell = [&](const auth::Principal* who) {
    told->event = options_.auditor->Begin(who, request, "dynamodb", name, request_id);
    told->event->resource = Auditor::ResourceOf(*json);
  };
  if (!principal) {
    if (options_.auditor) tell(nullptr);
    co_return dynamodb::ErrorResponse(principal.error(), name, request_id);
  }
  auto allowed = Authorize(*principal, request, name, *json);
  const auto from_backup = FromBackup(request, operation);
  const bool reads_backup = from_backup && !from_backup->empty();
  const std::string_view backup = reads_backup ? *from_backup : BackupReadBy(operation, *json);
  if (allowed && !backup.empty() && options_.authorize_backup) {
    const auto may = options_.authorize_backup(*principal, request, backup, *json, *allowed);
    if (!may) allowed = Fail(may.error());
  }
  const bool of_another = allowed && !backup.empty() && *allowed != principal->account;
  if (audited_[*found] || ((!allowed || reads_backup || of_another) && options_.auditor))
    tell(&*principal);
  if (told->event && (reads_backup || of_another)) told->event->resource = std::string(backup);
  if (told->event && of_another) told->event->owner = *allowed;
  if (options_.slow_request.count() > 0) {
    told->principal = principal->arn;
    told->resource = Auditor::ResourceOf(*json);
    told->admitted = std::chrono::steady_clock::now();
  }
  if (!allowed) co_return dynamodb::ErrorResponse(allowed.error(), name, request_id);
  if (operation.of_region && options_.check_region) {
    if (const auto here = options_.check_region(principal->region); !here)
      co_return dynamodb::ErrorResponse(here.error(), name, request_id);
  }

  if (!from_backup) co_return dynamodb::ErrorResponse(from_backup.error(), name, request_id);
  auto as_of = AsOf(request, operation);
  if (!as_of) co_return dynamodb::ErrorResponse(as_of.error(), name, request_id);
  auto caller = CallerOf(std::move(*principal), request, request_id);
  caller.account = *std::move(allowed);
  caller.as_of = *as_of;
  caller.from_backup = *from_backup;
  for (const auto& [header, said] : {std::pair(kRestoreSettingsHeader, &caller.restore_settings),
                                     std::pair(kRestoreVerifyHeader, &caller.restore_verify)}) {
    auto value = OfRestore(header, request, operation);
    if (!value) co_return dynamodb::ErrorResponse(value.error(), name, request_id);
    *said = *value;
  }
  auto answer = co_await operation.run(std::move(caller), *json);
  if (!answer) co_return dynamodb::ErrorResponse(answer.error(), name, request_id);
  auto response = wire::Json10Response(200, std::move(*answer), request_id);
  if (*as_of) response.headers.emplace_back(kAsOfHeader, codec::FormatInstant(**as_of));
  if (reads_backup) response.headers.emplace_back(kFromBackupHeader, *from_backup);
  co_return response;
}

asio::awaitable<http::Response> Dispatcher::AnswerTestHook(const http::Request& request,
                                                           const std::string& request_id) {
  const std::string_view hook = request.path.substr(kTestPath.size());
  if (hook != "reset" && hook != "clock") co_return dynamodb::NotARequest(request_id);
  if (hook == "reset" && !options_.reset) {
    co_return HookIsOff(request.path, "--test-hooks", request_id);
  }
  if (hook == "clock" && !options_.test_clock) {
    co_return HookIsOff(request.path, "--test-clock", request_id);
  }
  auto principal = authenticator_.Authenticate(request);
  if (!principal) co_return dynamodb::ErrorResponse(principal.error(), request.path, request_id);
  if (const auto may = CheckMayUseHook(*principal, hook, request.path); !may)
    co_return dynamodb::ErrorResponse(may.error(), request.path, request_id);

  Result<std::string> answer = "{}";
  if (hook == "reset") {
    auto caller = CallerOf(std::move(*principal), request, request_id);
    auto done = co_await options_.reset(std::move(caller));
    if (!done) answer = Fail(std::move(done).error());
  } else {
    auto json = ParseBody(request.body);
    answer = json ? MoveClock(*json) : Fail(std::move(json).error());
  }
  if (!answer) co_return dynamodb::ErrorResponse(answer.error(), request.path, request_id);
  co_return wire::Json10Response(200, std::move(*answer), request_id);
}

Result<void> Dispatcher::CheckMayUseHook(const auth::Principal& principal, std::string_view hook,
                                         std::string_view path) const {
  if (!principal.is_root) {
    return Fail(ErrorKind::kAccessDenied, "{} works only for the account's root user", path);
  }
  const auto& owner = options_.operator_account;
  if (hook == "clock" && owner && principal.account != *owner) {
    return Fail(ErrorKind::kAccessDenied,
                "{} moves the time of all accounts, and works only for the root user of the "
                "operator's account",
                path);
  }
  return {};
}

// {"advance_seconds": n} or {"now": epoch seconds}. Never back, since commit times do not either.
Result<std::string> Dispatcher::MoveClock(codec::JsonValue body) {
  constexpr double kSecondsMax = 253402300799;  // the end of the year 9999
  auto& clock = *options_.test_clock;
  // Read once: it goes on between two looks, and moving by 0 is no step back.
  const Timestamp now = clock.Now();
  double seconds = 0;
  const auto given = [&](std::string_view member) {
    return body[member].get(seconds) == simdjson::SUCCESS && std::abs(seconds) <= kSecondsMax;
  };
  const bool both = !body["advance_seconds"].error() && !body["now"].error();
  Micros by;
  if (!both && given("advance_seconds")) {
    by = Micros(std::llround(seconds * 1e6));
  } else if (!both && given("now")) {
    by = FromMicros(std::llround(seconds * 1e6)) - now;
  } else {
    return Fail(ErrorKind::kValidation,
                "the body must be {{\"advance_seconds\": seconds}} or {{\"now\": epoch seconds}}");
  }
  if (ToEpochSeconds(now + by) > kSecondsMax) {
    return Fail(ErrorKind::kValidation, "the clock ends with the year 9999");
  }
  if (by < Micros(0)) return Fail(ErrorKind::kValidation, "the clock cannot be set back");
  clock.Advance(by);
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("now").EpochSeconds(clock.Now()).EndObject();
  return answer;
}

}  // namespace tidemark::api
