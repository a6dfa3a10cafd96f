#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/file_hook.h"
#include "base/log.h"
#include "oracle/protocol.h"
#include "oracle/world.h"

namespace tidemark::oracle {
namespace {

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "writer: %s\n", what.c_str());
  std::_Exit(1);
}

void Tell(int pipe, const std::vector<Record>& records) {
  const size_t bytes = records.size() * sizeof(Record);
  if (::write(pipe, records.data(), bytes) != static_cast<ssize_t>(bytes)) Die("nobody listens");
}

// Writes rows that are its own, one request after the other, and checks that each request sees what
// the one before left.
class Writer {
 public:
  Writer(World& world, const Settings& settings, int number, int pipe)
      : world_(world),
        settings_(settings),
        number_(number),
        pipe_(pipe),
        random_(settings.seed * 1000 + static_cast<uint64_t>(number)) {}

  void Run(uint64_t writes) {
    for (uint64_t i = 0; i < writes; ++i) {
      const bool together = random_() % 8 == 0;
      if (together) {
        Write({Choose(0), Choose(1)});
      } else {
        Write({Choose(static_cast<int>(random_() % kTables))});
      }
    }
  }

 private:
  Record Choose(int table) {
    const auto mine = static_cast<uint32_t>(settings_.keys / settings_.writers);
    const auto row = static_cast<uint32_t>(random_() % mine);
    return {.table = static_cast<uint8_t>(table),
            .key = row * static_cast<uint32_t>(settings_.writers) + static_cast<uint32_t>(number_),
            .seed = random_() % 5 == 0 ? 0 : random_() | 1ull << 63};
  }

  void Write(std::vector<Record> records) {
    ++requests_;
    for (Record& record : records)
      record.request =
          requests_ * static_cast<uint64_t>(settings_.writers) + static_cast<uint64_t>(number_);
    Tell(pipe_, records);
    std::vector<shard::WriteRequest> requests;
    std::vector<catalog::TablePtr> held;  // until the answer, as a request does
    std::vector<char> changed(records.size());
    for (size_t i = 0; i < records.size(); ++i) {
      const Record& record = records[i];
      held.push_back(world_.storage().catalog->FindTable(world_.IdOf(record.table)));
      if (!held.back()) Die("no table " + TableName(record.table));
      requests.push_back({world_.shard().Find(held.back()->id), RowKeyOf(record.key),
                          [this, &did = changed[i], table = held.back(),
                           record](const std::optional<Bytes>& old) -> Result<shard::Mutation> {
                            Check(record, old);
                            did = old || record.seed != 0;
                            if (!did) return shard::Mutation{};
                            if (record.seed == 0) return MutationOf(*table, old, std::nullopt);
                            return MutationOf(*table, old, MakeItem(record.key, record.seed));
                          }});
    }
    auto& context = world_.storage().threads.context(static_cast<size_t>(number_) % 2);
    auto task = requests.size() == 1 ? world_.shard().Write(std::move(requests[0]), {})
                                     : world_.shard().WriteTogether(std::move(requests), {});
    const auto done = runtime::RunBlocking(context, std::move(task));
    if (!done) Die("a write failed: " + done.error().message);
    for (size_t i = 0; i < records.size(); ++i) {
      Record& record = records[i];
      record.kind = changed[i] ? RecordKind::kDone : RecordKind::kUnchanged;
      record.time = ToMicros(*done);
      known_[record.table][record.key] = record.seed;
    }
    Tell(pipe_, records);
  }

  void Check(const Record& record, const std::optional<Bytes>& old) {
    const auto known = known_[record.table].find(record.key);
    if (known == known_[record.table].end()) return;
    const auto seen = old ? SeedOf(*old) : std::optional<uint64_t>(0);
    if (seen == known->second) return;
    Die("a write of " + TableName(record.table) + ", key " + std::to_string(record.key) + " saw " +
        std::to_string(seen.value_or(1)) + ", not " + std::to_string(known->second));
  }

  World& world_;
  const Settings& settings_;
  const int number_;
  const int pipe_;
  std::mt19937_64 random_;
  uint64_t requests_ = 0;
  std::unordered_map<uint32_t, uint64_t> known_[kTables];  // key -> seed, 0: no item
};

// While it is on, nothing can be written where history and images lie.
class Outage : public FileHook {
 public:
  int Before(const FileCall& call) override {
    if (!on_ || call.op == FileOp::kOpen || call.op == FileOp::kRead) return 0;
    const bool concerned = call.path.find("/archive/") != std::string::npos ||
                           call.path.find("/images/") != std::string::npos;
    return concerned ? EIO : 0;
  }
  void Set(bool on) { on_ = on; }

 private:
  std::atomic<bool> on_ = false;
};

// What an operator, the disk and the server itself do meanwhile.
void Disturb(World& world, const Settings& settings, Outage& outage,
             const std::atomic<bool>& ended) {
  auto& storage = world.storage();
  std::mt19937_64 random(settings.seed);
  const auto pause = std::chrono::milliseconds(settings.small ? 30 : 2000);
  for (int turn = 0; !ended; ++turn) {
    std::this_thread::sleep_for(pause);
    const bool out = settings.seed % 2 == 0 && turn % 4 == 1;
    outage.Set(out);
    if (turn == 1 && settings.jump_us != 0) world.clock().Advance(Micros(settings.jump_us));
    if (turn == 2 && settings.change_indexes) world.ChangeSomeIndex();
    if (turn % 3 == 0) storage.recovery->Maintain();
    if (out || random() % 3 == 0) (void)(*storage.recovery->ArchiveOf(kRegion))->Drain();
    storage.past->Tend();
  }
  outage.Set(false);
}

}  // namespace

int RunWriter(const Settings& settings, int pipe) {
  SetLogLevel(LogLevel::kError);
  Outage outage;
  SetFileHook(&outage);
  World world(settings);
  world.Open(settings.clock_offset_us);
  std::atomic<bool> ended = false;
  std::thread disturbing([&] { Disturb(world, settings, outage, ended); });
  std::vector<std::thread> writers;
  for (int number = 0; number < settings.writers; ++number) {
    writers.emplace_back([&, number] {
      Writer(world, settings, number, pipe)
          .Run(settings.writes / static_cast<uint64_t>(settings.writers));
    });
  }
  for (auto& writer : writers) writer.join();
  ended = true;
  disturbing.join();
  return 0;
}

}  // namespace tidemark::oracle
