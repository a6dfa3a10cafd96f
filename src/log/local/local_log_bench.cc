// Latency of Append and speed of reading and recovery on a real disk:
//   local_log_bench DIRECTORY
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

#include "base/random.h"
#include "log/local/fake_keys.h"
#include "log/local/local_log.h"

namespace {

using namespace tidemark;
using namespace tidemark::log;
using SteadyClock = std::chrono::steady_clock;

double MicrosSince(SteadyClock::time_point start) {
  return std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count();
}

std::unique_ptr<CommitLog> Open(const std::filesystem::path& directory) {
  static FakeKeys keys;
  auto log = OpenLocalLog({.directory = directory}, keys, TheSystemRandom());
  if (!log) {
    fmt::print(stderr, "{}\n", log.error().message);
    std::exit(1);
  }
  return std::move(*log);
}

void MeasureAppend(CommitLog& log, size_t payload_bytes, int count) {
  Bytes payload = TheSystemRandom().String(payload_bytes);
  std::vector<double> micros;
  for (int i = 0; i < count; ++i) {
    auto start = SteadyClock::now();
    if (!log.Append(payload, {})) std::exit(1);
    micros.push_back(MicrosSince(start));
  }
  double sum = 0;
  for (double value : micros) sum += value;
  std::sort(micros.begin(), micros.end());
  auto at = [&](double share) { return micros[static_cast<size_t>(share * (micros.size() - 1))]; };
  fmt::print("append {:>7} B: mean {:.0f} us, p50 {:.0f}, p99 {:.0f}, max {:.0f}, {:.0f} MB/s\n",
             payload_bytes, sum / micros.size(), at(0.5), at(0.99), micros.back(),
             payload_bytes * micros.size() / sum);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: local_log_bench DIRECTORY\n");
    return 2;
  }
  auto start = SteadyClock::now();
  auto log = Open(argv[1]);
  fmt::print("open a new log: {:.1f} ms\n", MicrosSince(start) / 1e3);
  MeasureAppend(*log, 3900, 10'000);
  MeasureAppend(*log, 64 << 10, 3000);
  MeasureAppend(*log, 1 << 20, 300);

  start = SteadyClock::now();
  auto reader = log->Read({});
  size_t bytes = 0;
  while (true) {
    auto frame = (*reader)->Next();
    if (!frame) return 1;
    if (!*frame) break;
    bytes += (*frame)->payload.size();
  }
  fmt::print("read: {:.0f} MB/s\n", bytes / MicrosSince(start));
  bytes = log->bytes();
  log.reset();
  start = SteadyClock::now();
  log = Open(argv[1]);
  double micros = MicrosSince(start);
  fmt::print("open a log of {} MB: {:.0f} ms, {:.0f} MB/s\n", bytes / 1'000'000, micros / 1e3,
             bytes / micros);
  return 0;
}
