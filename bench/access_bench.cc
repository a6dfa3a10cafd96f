// What it costs to know who sends a request and whether it is allowed, of a GetItem by root, a user
// and a session of a role:
//   access_bench
#include <fmt/core.h>
#include <stdlib.h>
#include <time.h>

#include <chrono>
#include <filesystem>

#include "api/dynamodb/access.h"
#include "auth/authenticate.h"
#include "catalog/catalog.h"
#include "codec/json_reader.h"
#include "crypto/clear_keys.h"
#include "engine/mem/mem_engine.h"
#include "iam/roles.h"
#include "log/mem/mem_log.h"
#include "must.h"
#include "runtime/io_threads.h"
#include "sigv4/signer.h"

namespace tidemark::api {
namespace {

constexpr char kBody[] = R"({"TableName":"Users","Key":{"pk":{"S":"user-1234567"}}})";
constexpr char kPolicy[] =
    R"({"Version":"2012-10-17","Statement":[)"
    R"({"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem","dynamodb:Query"],)"
    R"("Resource":"arn:aws:dynamodb:us-east-1:123456789012:table/Users"},)"
    R"({"Effect":"Deny","Action":"dynamodb:DeleteTable","Resource":"*"}]})";
constexpr char kTrust[] =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:*"}})";
constexpr int kRounds = 200'000;

// A request as it comes from the wire, signed.
struct Signed {
  std::vector<std::pair<std::string, std::string>> headers;
  http::Request request;

  explicit Signed(const sigv4::SigningCredentials& credentials) {
    headers = {{"host", "127.0.0.1:8000"},
               {"content-type", "application/x-amz-json-1.0"},
               {"x-amz-target", "DynamoDB_20120810.GetItem"}};
    std::vector<sigv4::HeaderField> fields;
    for (const auto& [name, value] : headers) fields.push_back({name, value});
    auto added =
        sigv4::Signer(credentials, "us-east-1", "dynamodb")
            .Sign({.method = "POST", .path = "/", .query = "", .headers = fields, .body = kBody},
                  SystemClock().Now());
    headers.insert(headers.end(), added.begin(), added.end());
    request.method = "POST";
    request.target = request.path = "/";
    for (const auto& [name, value] : headers) request.headers.push_back({name, value});
    request.body = request.raw_body = kBody;
    request.remote_address = "127.0.0.1";
  }
};

double CpuSeconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Of the processor, so that what else runs on the machine does not count.
template <class Work>
double MicrosOf(Work work) {
  for (int i = 0; i < 1000; ++i) work();
  const double begin = CpuSeconds();
  for (int i = 0; i < kRounds; ++i) work();
  return (CpuSeconds() - begin) * 1e6 / kRounds;
}

void Measure(const char* who, const Signed& one, auth::Authenticator& authenticator,
             const dynamodb::Access& access) {
  codec::JsonParser parser;
  const auto body = Must(parser.Parse(kBody));
  const auto principal = Must(authenticator.Authenticate(one.request));
  const double authenticated = MicrosOf([&] { Must(authenticator.Authenticate(one.request)); });
  const double allowed =
      MicrosOf([&] { Must(access.Check(principal, one.request, "GetItem", body)); });
  fmt::print("{:<8} authentication {:.2f} us, authorisation {:.2f} us, together {:.2f} us\n", who,
             authenticated, allowed, authenticated + allowed);
}

void Run() {
  const AccountId account("123456789012");
  SystemClock clock;
  std::string path = "/tmp/access_bench_XXXXXX";
  if (!::mkdtemp(path.data())) std::exit(1);
  runtime::IoThreads threads(1);
  threads.Start();
  auto engine = engine::MakeMemEngine();
  runtime::BlockingPool pool(1);
  crypto::ClearKeys keys;
  auto system = Must(shard::Shard::Open({.name = "_system", .directory = path}, log::MakeMemLog(1),
                                        *engine, clock, pool));
  auto catalog = Must(catalog::Catalog::Open(*system, threads.context(0)));
  auto directory = Must(iam::Directory::Open(*system, threads.context(0), keys));
  catalog::TableRecord table{.account = account, .region = Region("us-east-1"), .name = "Users"};
  table.id = TableId::Make(TheSystemRandom());
  table.keys.partition = {"pk", item::Type::kString};
  Must(catalog->InsertTable(table));

  const iam::Scope scope{*directory, account, TheSystemRandom(), clock.Now()};
  Must(iam::CreateUser(scope, {.name = "alice"}));
  Must(iam::EditUser(scope, "alice", [](iam::UserRecord& user, const iam::Account&) {
    return iam::PutInline("p", kPolicy, iam::kUserInlineMax, "user", &user.inline_policies);
  }));
  const auto user_key = Must(iam::CreateAccessKey(scope, "alice"));
  const auto role = Must(iam::CreateRole(scope, {.name = "worker"}, kTrust));
  Must(iam::EditRole(scope, "worker", [](iam::RoleRecord& record, const iam::Account&) {
    return iam::PutInline("p", kPolicy, iam::kRoleInlineMax, "role", &record.inline_policies);
  }));
  const iam::Sessions sessions(*directory, TheSystemRandom());
  const auto session = Must(sessions.Issue({.account = account,
                                            .entity_id = role->id,
                                            .name = "work",
                                            .issued = clock.Now(),
                                            .expires = clock.Now() + std::chrono::hours(1)}));
  const auth::AllCredentials credentials(
      auth::RootCredentials({{AccessKeyId("AKIAROOT"), "root-secret", account}}), *directory,
      sessions);
  auth::Authenticator authenticator(credentials, clock);
  const dynamodb::Access access(*catalog, clock, false);
  Measure("root", Signed({"AKIAROOT", "root-secret", ""}), authenticator, access);
  Measure("user", Signed({user_key.id.value, user_key.secret, ""}), authenticator, access);
  Measure("session",
          Signed({session.session->access_key.value, session.session->secret, session.token}),
          authenticator, access);
  directory.reset();
  catalog.reset();
  system.reset();
  threads.Stop();
  threads.Join();
  std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace tidemark::api

int main() { tidemark::api::Run(); }
