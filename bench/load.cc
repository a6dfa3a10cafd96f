// tidemark-load: measures a server (ours or another) under signed DynamoDB requests.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "bench/load_client.h"
#include "bench/load_requests.h"

namespace tidemark::load {
namespace {

using Clock = std::chrono::steady_clock;

// Servers accept signatures for some minutes around their time.
constexpr std::chrono::seconds kSignatureLife{120};

struct Settings {
  Target target{.host = "127.0.0.1",
                .port = 8000,
                .access_key = "",
                .secret = "",
                .region = "us-east-1",
                .table = "load"};
  std::string endpoint = "127.0.0.1:8000";
  size_t connections = 64;
  size_t threads = 1;
  double seconds = 10;
  double warmup_seconds = 1;
  uint64_t items = 100'000;
  double rate = 0;
  size_t distinct = 10'000;
  uint64_t seed = 1;
  int server_pid = 0;
  bool prepare = false;
  bool by_second = false;
  std::string op;
  std::string json_path;
};

struct Report {
  std::string op;
  double seconds = 0;
  Outcome outcome;
  double client_cpu_us = 0;  // per request
  double server_cpu_us = 0;  // per request; 0: not asked for
  double began = 0;          // Unix time
};

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + t.tv_usec / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// User and system time of a process, from /proc/PID/stat; 0 when it cannot be read.
double CpuSecondsOf(int pid) {
  if (pid == 0) return 0;
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text((std::istreambuf_iterator<char>(file)), {});
  size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Divides connections (and the rate) over threads and joins what they found.
template <class MakeSource>
Result<Outcome> RunThreads(const Settings& settings, size_t connections,
                           std::optional<Clock::time_point> until, double rate,
                           MakeSource make_source) {
  size_t threads = std::min(settings.threads, connections);
  std::vector<Result<Outcome>> outcomes(threads, Result<Outcome>(Outcome()));
  std::vector<std::thread> running;
  std::optional<Clock::time_point> seconds_from;
  if (settings.by_second) seconds_from = Clock::now();
  for (size_t t = 0; t < threads; ++t)
    running.emplace_back([&, t] {
      ClientOptions options{.host = settings.target.host,
                            .port = settings.target.port,
                            .connections = connections / threads + (t < connections % threads),
                            .until = until,
                            .rate = rate / static_cast<double>(threads),
                            .seconds_from = seconds_from};
      auto source = make_source(t, threads, options.connections);
      outcomes[t] = RunClient(options, *source);
    });
  for (auto& thread : running) thread.join();
  Outcome all;
  for (auto& outcome : outcomes) {
    if (!outcome) return Fail(outcome.error());
    all.Merge(*outcome);
  }
  return all;
}

Result<void> CreateTable(const Settings& settings) {
  RequestSigner signer(settings.target);
  const Target& target = settings.target;
  TM_TRY(auto created,
         Call(target.host, target.port, signer.Wire("CreateTable", CreateTableBody(target.table))));
  if (created.status != 200 && created.body.find("ResourceInUse") == std::string::npos)
    return Fail(ErrorKind::kUnavailable, "CreateTable: {} {}", created.status, created.body);
  for (int tries = 0; tries < 600; ++tries) {
    TM_TRY(auto described, Call(target.host, target.port,
                                signer.Wire("DescribeTable", DescribeTableBody(target.table))));
    if (described.body.find(R"("TableStatus":"ACTIVE")") != std::string::npos) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Fail(ErrorKind::kUnavailable, "the table does not become ACTIVE");
}

Result<Report> Prepare(const Settings& settings) {
  TM_TRYV(CreateTable(settings));
  auto start = Clock::now();
  double cpu = OwnCpuSeconds(), server_cpu = CpuSecondsOf(settings.server_pid);
  size_t connections = std::min<size_t>(settings.connections, 16);
  TM_TRY(auto outcome, RunThreads(settings, connections, std::nullopt, 0,
                                  [&](size_t thread, size_t threads, size_t thread_connections) {
                                    return std::make_unique<FillSource>(
                                        settings.target, thread_connections,
                                        settings.items * thread / threads,
                                        settings.items * (thread + 1) / threads);
                                  }));
  Report report{.op = "fill/25",
                .seconds = std::chrono::duration<double>(Clock::now() - start).count(),
                .outcome = std::move(outcome)};
  auto requests = static_cast<double>(std::max<uint64_t>(1, report.outcome.latencies.count()));
  report.client_cpu_us = (OwnCpuSeconds() - cpu) * 1e6 / requests;
  report.server_cpu_us = (CpuSecondsOf(settings.server_pid) - server_cpu) * 1e6 / requests;
  return report;
}

Result<Report> Measure(const Settings& settings, Operation operation) {
  uint64_t seed = settings.seed;
  auto make_set = [&] {
    return MakeRequestSet(settings.target, operation, settings.items, settings.distinct, seed++);
  };
  SharedRequestSet shared(make_set());
  auto make_source = [&](size_t thread, size_t threads, size_t connections) {
    return std::make_unique<RepeatedSource>(shared, connections,
                                            settings.distinct * thread / threads);
  };
  auto run_for = [&](double seconds) {
    auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                    std::chrono::duration<double>(seconds));
    return RunThreads(settings, settings.connections, until, settings.rate, make_source);
  };
  if (settings.warmup_seconds > 0) {
    TM_TRY(auto ignored, run_for(settings.warmup_seconds));
    (void)ignored;
  }

  std::atomic<bool> done{false};
  std::thread renewer([&] {
    auto renewed = Clock::now();
    while (!done) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      if (Clock::now() - renewed < kSignatureLife) continue;
      shared.Replace(make_set());
      renewed = Clock::now();
    }
  });
  auto start = Clock::now();
  double began =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  double cpu = OwnCpuSeconds(), server_cpu = CpuSecondsOf(settings.server_pid);
  auto outcome = run_for(settings.seconds);
  double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  cpu = OwnCpuSeconds() - cpu;
  server_cpu = CpuSecondsOf(settings.server_pid) - server_cpu;
  done = true;
  renewer.join();
  if (!outcome) return Fail(outcome.error());
  Report report{
      .op = settings.op, .seconds = seconds, .outcome = std::move(*outcome), .began = began};
  auto requests = static_cast<double>(std::max<uint64_t>(1, report.outcome.latencies.count()));
  report.client_cpu_us = cpu * 1e6 / requests;
  report.server_cpu_us = server_cpu * 1e6 / requests;
  return report;
}

double Millis(uint64_t nanos) { return static_cast<double>(nanos) / 1e6; }

void PrintTableHead() {
  fmt::print("{:<14} {:>10} {:>9} {:>9} {:>9} {:>9} {:>7} {:>11} {:>11} {:>7}\n", "op", "req/s",
             "p50 ms", "p99 ms", "p99.9 ms", "max ms", "errors", "client us", "server us", "MB/s");
}

void PrintTableRow(const Report& report) {
  const LatencyHistogram& all = report.outcome.latencies;
  fmt::print(
      "{:<14} {:>10.0f} {:>9.3f} {:>9.3f} {:>9.3f} {:>9.3f} {:>7} {:>11.1f} {:>11.1f} {:>7.1f}\n",
      report.op, static_cast<double>(all.count()) / report.seconds, Millis(all.Percentile(0.5)),
      Millis(all.Percentile(0.99)), Millis(all.Percentile(0.999)), Millis(all.max_nanos()),
      report.outcome.errors, report.client_cpu_us, report.server_cpu_us,
      static_cast<double>(report.outcome.response_bytes) / 1e6 / report.seconds);
  for (const auto& [text, count] : report.outcome.error_texts)
    fmt::print("  {} x {}\n", count, text);
  std::fflush(stdout);
}

std::string Json(const Settings& settings, const Report& report) {
  const LatencyHistogram& all = report.outcome.latencies;
  std::vector<double> p99s;
  std::vector<uint64_t> counts;
  for (const auto& second : report.outcome.by_second) {
    p99s.push_back(Millis(second.Percentile(0.99)));
    counts.push_back(second.count());
  }
  return fmt::format(
      R"({{"op":"{}","connections":{},"threads":{},"items":{},"rate":{},"seconds":{:.3f},)"
      R"("requests":{},"requests_per_second":{:.1f},"p50_ms":{:.4f},"p99_ms":{:.4f},)"
      R"("p999_ms":{:.4f},"max_ms":{:.4f},"errors":{},"response_bytes":{},)"
      R"("client_cpu_us_per_request":{:.2f},"server_cpu_us_per_request":{:.2f},"began":{:.3f},)"
      R"("p99_ms_by_second":[{}],"requests_by_second":[{}]}})",
      report.op, settings.connections, settings.threads, settings.items, settings.rate,
      report.seconds, all.count(), static_cast<double>(all.count()) / report.seconds,
      Millis(all.Percentile(0.5)), Millis(all.Percentile(0.99)), Millis(all.Percentile(0.999)),
      Millis(all.max_nanos()), report.outcome.errors, report.outcome.response_bytes,
      report.client_cpu_us, report.server_cpu_us, report.began, fmt::join(p99s, ","),
      fmt::join(counts, ","));
}

Result<void> SetEndpoint(Settings* settings) {
  std::string_view endpoint = settings->endpoint;
  if (endpoint.starts_with("http://")) endpoint.remove_prefix(7);
  size_t colon = endpoint.rfind(':');
  if (colon == std::string_view::npos)
    return Fail(ErrorKind::kValidation, "--endpoint must be HOST:PORT");
  settings->target.host = endpoint.substr(0, colon);
  settings->target.port = static_cast<uint16_t>(std::strtoul(
      settings->endpoint.data() + (endpoint.data() - settings->endpoint.data()) + colon + 1,
      nullptr, 10));
  return {};
}

const std::map<std::string, Operation> kOperations = {
    {"get", Operation::kGet},
    {"put", Operation::kPut},
    {"update", Operation::kUpdate},
    {"query", Operation::kQuery},
    {"scan", Operation::kScan},
    {"hot", Operation::kHot},
    {"batch-get", Operation::kBatchGet},
    {"batch-write", Operation::kBatchWrite},
    {"transact-get", Operation::kTransactGet},
    {"transact-write", Operation::kTransactWrite},
};

// Exit status: 0 all answers right, 1 some wrong, 2 could not run.
int Run(Settings settings) {
  auto fail = [](const Error& error) {
    fmt::print(stderr, "tidemark-load: {}\n", error.message);
    return 2;
  };
  if (auto set = SetEndpoint(&settings); !set) return fail(set.error());
  std::vector<Report> reports;
  PrintTableHead();
  if (settings.prepare) {
    auto report = Prepare(settings);
    if (!report) return fail(report.error());
    PrintTableRow(*report);
    reports.push_back(std::move(*report));
  }
  if (!settings.op.empty()) {
    auto report = Measure(settings, kOperations.at(settings.op));
    if (!report) return fail(report.error());
    PrintTableRow(*report);
    reports.push_back(std::move(*report));
  }
  bool right = true;
  std::string json;
  for (const Report& report : reports) {
    json += Json(settings, report) + "\n";
    right &= report.outcome.errors == 0 && report.outcome.latencies.count() > 0;
  }
  if (settings.json_path == "-")
    fmt::print("{}", json);
  else if (!settings.json_path.empty())
    std::ofstream(settings.json_path, std::ios::app) << json;
  return right ? 0 : 1;
}

}  // namespace
}  // namespace tidemark::load

int main(int argc, char** argv) {
  using tidemark::load::Settings;
  Settings settings;
  CLI::App app("Measures a DynamoDB server under load.");
  app.option_defaults()->always_capture_default();
  app.add_option("--endpoint", settings.endpoint, "HOST:PORT of the server");
  app.add_option("--access-key", settings.target.access_key, "Access key id")
      ->envname("AWS_ACCESS_KEY_ID")
      ->required();
  app.add_option("--secret-key", settings.target.secret, "Secret access key")
      ->envname("AWS_SECRET_ACCESS_KEY")
      ->required();
  app.add_option("--region", settings.target.region, "Region of the signatures");
  app.add_option("--table", settings.target.table, "Table, with keys pk and sk");
  app.add_option("--connections", settings.connections, "Connections, over all threads")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--threads", settings.threads, "Client threads")->check(CLI::Range(1, 256));
  app.add_option("--seconds", settings.seconds, "Time measured")->check(CLI::PositiveNumber);
  app.add_option("--warmup", settings.warmup_seconds, "Seconds before, not measured")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--op", settings.op, "Operation to measure")
      ->check(CLI::IsMember(tidemark::load::kOperations));
  app.add_option("--items", settings.items, "Items of the table, of about 1 KiB")
      ->check(CLI::Range(uint64_t{1}, uint64_t{10'000'000'000}));
  app.add_option("--rate", settings.rate, "Requests per second (open loop); 0: closed loop")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--repeat", settings.target.repeat,
                 "How often each item that --prepare puts has its 800 random letters")
      ->check(CLI::Range(size_t{1}, size_t{400}));
  app.add_option("--distinct", settings.distinct, "Distinct signed requests made up front")
      ->check(CLI::Range(1, 10'000'000));
  app.add_option("--seed", settings.seed, "Seed of the random items");
  app.add_option("--server-pid", settings.server_pid, "Also report this process's CPU time");
  app.add_option("--tables", settings.target.tables,
                 "Spread the requests over TABLE-0000, TABLE-0001 ... (which exist)")
      ->check(CLI::Range(1, 10'000));
  app.add_flag("--by-second", settings.by_second,
               "Also p99 and requests of each second (in --json)");
  app.add_flag("--prepare", settings.prepare, "Create the table and fill it first");
  app.add_option("--json", settings.json_path,
                 "Append the results to this file as JSON lines; -: print");
  CLI11_PARSE(app, argc, argv);
  if (settings.op.empty() && !settings.prepare) {
    fmt::print(stderr, "tidemark-load: nothing to do; give --prepare, --op or both\n");
    return 2;
  }
  settings.items = (settings.items + tidemark::load::kItemsPerPartition - 1) /
                   tidemark::load::kItemsPerPartition * tidemark::load::kItemsPerPartition;
  return tidemark::load::Run(std::move(settings));
}
