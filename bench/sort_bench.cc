// What it costs to sort the commit log into history, and how large that becomes: a log of one
// table's puts is written to a real disk and sorted by the archive, several times over.
//   sort_bench DIRECTORY [MIB [ROUNDS [bytes|letters|document]]]
#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>

#include "archive/archive.h"
#include "crypto/clear_keys.h"
#include "item/row_key.h"
#include "log/local/local_log.h"
#include "must.h"
#include "shard/change.h"

namespace tidemark::archive {
namespace {

constexpr size_t kValueBytes = 1024;
constexpr size_t kGroupChanges = 16;  // of a saturated server
constexpr uint64_t kItems = 100'000;
constexpr double kMega = 1e6;
constexpr BytesView kRequestDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

Bytes TextOf(size_t bytes, BytesView letters, std::mt19937_64& random) {
  Bytes text(bytes, '\0');
  for (char& letter : text) letter = letters[random() % letters.size()];
  return text;
}

using Values = Bytes (*)(std::mt19937_64& random);

// Encrypted or compressed before: gains nothing.
Bytes RandomBytes(std::mt19937_64& random) {
  Bytes value(kValueBytes, '\0');
  for (char& byte : value) byte = static_cast<char>(random());
  return value;
}

// As tidemark-load's items: 6 bits of 8, no repetitions.
Bytes RandomLetters(std::mt19937_64& random) {
  return TextOf(kValueBytes, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -",
                random);
}

// As items of many applications: the same names, numbers, words of a few.
Bytes Document(std::mt19937_64& random) {
  constexpr BytesView kWords[] = {"blue",  "green", "shipped", "returned", "open",     "closed",
                                  "north", "south", "express", "standard", "priority", "gift"};
  Bytes value;
  while (value.size() < kValueBytes) {
    value += fmt::format(R"({{"order":"{:08x}","state":"{}","colour":"{}","price":{}.{:02},)"
                         R"("at":"2026-{:02}-{:02}T{:02}:{:02}:{:02}Z","note":"{} {} {}"}})",
                         random() % 1'000'000'000, kWords[random() % 12], kWords[random() % 12],
                         random() % 1000, random() % 100, 1 + random() % 12, 1 + random() % 28,
                         random() % 24, random() % 60, random() % 60, kWords[random() % 12],
                         kWords[random() % 12], kWords[random() % 12]);
  }
  value.resize(kValueBytes);
  return value;
}

// Puts of random items, in groups, until the log has so many bytes.
void WriteLog(log::CommitLog& log, TableId table, uint64_t bytes, Values values) {
  std::mt19937_64 random(1);
  shard::Change change;
  change.origin.access_key = "AKIAIOSFODNN7EXAMPLE";
  change.tables.resize(1);
  change.tables[0].table = table;
  change.tables[0].replaced_bytes = 1100;
  change.tables[0].rows.resize(1);
  shard::RowImage& row = change.tables[0].rows[0];
  Timestamp time = FromMicros(1'700'000'000'000'000);
  for (uint64_t written = 0; written < bytes;) {
    Bytes group;
    const Timestamp first = time + Micros(40);
    for (size_t i = 0; i < kGroupChanges; ++i) {
      change.commit_time = time += Micros(40);
      change.origin.request_id = TextOf(52, kRequestDigits, random);
      const uint64_t item = random() % kItems;
      const item::AttributeValue partition(fmt::format("customer#{:010}", item / 10));
      const item::AttributeValue sort(fmt::format("order#{:04}", item % 10));
      row.key = item::RowKey(item::kPrimaryIndex, partition, &sort);
      row.value = values(random);
      change.tables[0].totals = {item, item * 1100, {random(), random()}, {}};
      shard::EncodeChange(change, &group);
    }
    Must(log.Append(group, {.first_commit = first, .last_commit = time}));
    written += group.size();
  }
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Milliseconds of processor time a MB of log.
struct Cost {
  double all = 0, system = 0;
  double switches = 0;  // for a MB
  double run_bytes = 0;
};

Cost Sort(const std::string& directory, log::CommitLog& log, TableId table) {
  crypto::ClearKeys keys;
  std::filesystem::remove_all(directory);
  const Bytes key = keys.Generate({})->wrapped;
  ArchiveOptions options;
  options.directory = directory;
  options.by_itself = false;
  options.tables = [&] { return std::vector<HistoryTable>{{table, key}}; };
  options.now = [] { return FromMicros(1'800'000'000'000'000); };
  auto archive = Must(Archive::Open(options, log, keys, TheSystemRandom()));
  rusage before{}, after{};
  ::getrusage(RUSAGE_THREAD, &before);
  Must(archive->Drain());
  ::getrusage(RUSAGE_THREAD, &after);
  const ArchiveStats stats = archive->Stats();
  const double mega = static_cast<double>(stats.sorted_log_bytes) / kMega;
  return {.all = stats.sorting_cpu_seconds * 1e3 / mega,
          .system = (Seconds(after.ru_stime) - Seconds(before.ru_stime)) * 1e3 / mega,
          .switches = static_cast<double>(after.ru_nvcsw - before.ru_nvcsw) / mega,
          .run_bytes = static_cast<double>(stats.run_bytes)};
}

void Measure(const char* what, const std::string& directory, uint64_t bytes, int rounds,
             Values values) {
  crypto::ClearKeys keys;
  std::filesystem::remove_all(directory);
  auto log = Must(log::OpenLocalLog({.directory = directory + "/log"}, keys, TheSystemRandom()));
  const TableId table = TableId::Make(TheSystemRandom());
  WriteLog(*log, table, bytes, values);
  std::vector<Cost> costs;
  for (int round = 0; round < rounds; ++round)
    costs.push_back(Sort(directory + "/archive", *log, table));
  std::ranges::sort(costs, {}, &Cost::all);
  const Cost& median = costs[costs.size() / 2];
  fmt::print(
      "{:<8} median {:.2f} ms a MB of log (least {:.2f}), of it system {:.2f}; {:.1f} waits a MB; "
      "runs {:.1f} MB\n",
      what, median.all, costs.front().all, median.system, median.switches,
      median.run_bytes / kMega);
  std::fflush(stdout);
  log.reset();
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace tidemark::archive

int main(int argc, char** argv) {
  using namespace tidemark::archive;
  if (argc < 2 || argc > 5) {
    fmt::print(stderr, "usage: sort_bench DIRECTORY [MIB [ROUNDS [bytes|letters|document]]]\n");
    return 2;
  }
  const uint64_t bytes = (argc > 2 ? std::stoull(argv[2]) : 128) << 20;
  const int rounds = argc > 3 ? std::stoi(argv[3]) : 5;
  const std::string directory = std::string(argv[1]) + "/sort_bench";
  const auto measure = [&](const char* what, Values values) {
    if (argc > 4 && std::string(argv[4]) != what) return;
    Measure(what, directory, bytes, rounds, values);
  };
  measure("bytes", RandomBytes);
  measure("letters", RandomLetters);
  measure("document", Document);
}
