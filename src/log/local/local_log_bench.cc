// Latency of Append and speed of reading and recovery on a real disk:
//   local_log_bench DIRECTORY
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/random.h"
#include "log/local/aligned_buffer.h"
#include "log/local/disk.h"
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

void Print(const char* what, size_t payload_bytes, std::vector<double> micros) {
  double sum = 0;
  for (double value : micros) sum += value;
  std::sort(micros.begin(), micros.end());
  auto at = [&](double share) { return micros[static_cast<size_t>(share * (micros.size() - 1))]; };
  fmt::print("{} {:>7} B: mean {:.0f} us, p50 {:.0f}, p99 {:.0f}, max {:.0f}, {:.0f} MB/s\n", what,
             payload_bytes, sum / micros.size(), at(0.5), at(0.99), micros.back(),
             payload_bytes * micros.size() / sum);
}

// Runs `append` so often, with the time of each in `micros`.
template <class Append>
void Measure(int count, std::vector<double>* micros, Append append) {
  for (int i = 0; i < count; ++i) {
    auto start = SteadyClock::now();
    if (!append()) std::exit(1);
    micros->push_back(MicrosSince(start));
  }
}

void MeasureAppend(CommitLog& log, size_t payload_bytes, int count) {
  Bytes payload = TheSystemRandom().String(payload_bytes);
  std::vector<double> micros;
  Measure(count, &micros, [&] { return log.Append(payload, {}).has_value(); });
  Print("append", payload_bytes, std::move(micros));
}

// What a frame costs in a file that grows, in one of zeros (which a helper fills meanwhile) and in
// one that was used before. The three take turns, so that a busy machine is busy for all of them.
void CompareFiles(const std::filesystem::path& directory, size_t payload_bytes) {
  constexpr int kRounds = 6;
  constexpr int kAppends = 2500;
  Bytes payload = TheSystemRandom().String(payload_bytes);
  FakeKeys keys;
  auto open = [&](const char* name) {
    LocalLogOptions options{.directory = directory / name, .segment_bytes = 8 << 20};
    auto log = OpenLocalLog(options, keys, TheSystemRandom());
    if (!log) std::exit(1);
    return std::move(*log);
  };
  auto zeros = open("zeros"), used = open("used");
  // Until every file has been used.
  while (used->end().segment < 8) {
    if (!used->Append(payload, {}) || !used->Truncate(used->end())) std::exit(1);
  }
  Disk disk(/*direct_io=*/true);
  auto plain = disk.Open(directory / "plain", Disk::Mode::kCreate);
  if (!plain) std::exit(1);
  AlignedBuffer frame;
  frame.Reserve(FrameBytes(payload_bytes));
  std::memset(frame.data(), 'x', FrameBytes(payload_bytes));
  uint64_t offset = 0;
  std::vector<double> in_plain, in_zeros, in_used;
  for (int round = 0; round < kRounds; ++round) {
    Measure(kAppends, &in_plain, [&] {
      bool written =
          plain->WriteAt(offset, {frame.data(), FrameBytes(payload_bytes)}) && plain->SyncData();
      offset += FrameBytes(payload_bytes);
      return written;
    });
    Measure(kAppends, &in_zeros, [&] { return zeros->Append(payload, {}).has_value(); });
    Measure(kAppends, &in_used, [&] {
      bool moved = used->Append(payload, {}).has_value();
      return moved && used->Truncate(used->end()).has_value();
    });
  }
  Print("growing file ", payload_bytes, std::move(in_plain));
  Print("file of zeros", payload_bytes, std::move(in_zeros));
  Print("used file    ", payload_bytes, std::move(in_used));
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
  CompareFiles(argv[1], 3900);
  CompareFiles(argv[1], 64 << 10);
  bytes = log->bytes();
  log.reset();
  start = SteadyClock::now();
  log = Open(argv[1]);
  double micros = MicrosSince(start);
  fmt::print("open a log of {} MB: {:.0f} ms, {:.0f} MB/s\n", bytes / 1'000'000, micros / 1e3,
             bytes / micros);
  return 0;
}
