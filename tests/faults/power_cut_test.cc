// Random work on fifty tables, on a disk that in some rounds is slow or full or fails now and then;
// stopped by a power cut or a kill at a random disk operation, opened again on what the disk kept,
// and compared with what was acknowledged; round after round on the same directory. Now and then
// the opening itself is cut.
//
// TIDEMARK_FAULT_ROUNDS: how many; without it 12, on a disk that does nothing but stop.
// TIDEMARK_FAULT_AILMENT: of the disk in every round, by its number in RandomAilment.
// TIDEMARK_TEST_SEED: of all choices; printed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <filesystem>

#include "base/log.h"
#include "faults/checker.h"
#include "faults/simulated_disk.h"
#include "faults/workload.h"

namespace tidemark::faults {
namespace {

namespace fs = std::filesystem;

constexpr size_t kTables = 50;
constexpr auto kRoundAtMost = std::chrono::seconds(2);  // of work, if it meets few disk operations
constexpr auto kHang = std::chrono::minutes(2);

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* given = std::getenv(name);
  return given ? std::stoull(given) : otherwise;
}

// Ends the process, for a debugger to look at, if what it guards does not end.
class Watchdog {
 public:
  explicit Watchdog(const char* what)
      : thread_([this, what] {
          std::unique_lock lock(mutex_);
          if (wake_.wait_for(lock, kHang, [&] { return done_; })) return;
          std::fprintf(stderr, "%s hangs\n", what);
          std::abort();
        }) {}
  ~Watchdog() {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

// What else a disk does in a round, but stop.
struct Ailment {
  const char* name;
  std::vector<FaultRule> rules;
  bool sick = true;  // something fails
};

Ailment RandomAilment(std::mt19937_64& random) {
  const std::set<FileOp> writes{FileOp::kCreate, FileOp::kWrite, FileOp::kSync};
  const double often = 0.002 * static_cast<double>(1 + random() % 50);
  const auto rule = [&](std::set<FileOp> ops, const char* pattern, int error, double probability) {
    return FaultRule{std::move(ops), pattern, error, probability, {}};
  };
  switch (FromEnvironment("TIDEMARK_FAULT_AILMENT", random() % 12)) {
    case 0: {
      FaultRule slow = rule({}, "*", 0, 0.05);
      slow.delay = std::chrono::microseconds(random() % 20'000);
      return {"slow", {slow}, false};
    }
    case 1:
      return {"tables fail", {rule(writes, "*/us-east-1/tables/*", EIO, often)}};
    case 2:
      return {"full", {rule(writes, "*/us-east-1/*", ENOSPC, often)}};
    case 3:
      return {"reads fail", {rule({FileOp::kRead}, "*/us-east-1/*", EIO, often)}};
    case 4:
      return {"the log fails", {rule({FileOp::kWrite, FileOp::kSync}, "*/log/*", EIO, often / 20)}};
    case 5:
      return {"everything fails", {rule({}, "*", EIO, often / 20)}};
    default:
      return {"", {}, false};
  }
}

class PowerCut : public testing::Test {
 protected:
  PowerCut()
      : seed_(FromEnvironment("TIDEMARK_TEST_SEED", std::random_device{}())),
        random_(seed_),
        directory_(
            (fs::temp_directory_path() / ("tidemark-power-cut-" + std::to_string(::getpid())))
                .string()),
        keys_(kms::RootKey(crypto::Key256::Make(TheSystemRandom())), TheSystemRandom()) {
    std::printf("TIDEMARK_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed_));
    if (!std::getenv("TIDEMARK_FAULT_LOG")) SetLogLevel(LogLevel::kError);
    fs::remove_all(directory_);
    disk_.emplace(directory_ + "/data", random_());
  }
  ~PowerCut() override {
    Close();
    disk_.reset();
    if (HasFailure()) {
      std::printf("the directory is kept: %s\n", directory_.c_str());
    } else {
      fs::remove_all(directory_);
    }
  }

  void Close() {
    Watchdog watchdog("closing the storage");
    storage_.reset();
  }

  // Opens what the disk kept; in some rounds after openings that were stopped as well.
  void Open() {
    Watchdog watchdog("opening the storage");
    while (random_() % 4 == 0) {
      disk_->StopAt(1 + random_() % 400, random_() % 2 ? Stop::kPowerCut : Stop::kProcessKill);
      auto storage = OpenOnce();
      if (storage) (void)(*storage)->Resume();
      disk_->StopNow(Stop::kPowerCut);  // unless it met few operations
      storage = Fail(ErrorKind::kCancelled, "closed");
      disk_->Restore();
      ++stopped_openings_;
    }
    auto storage = OpenOnce();
    ASSERT_TRUE(storage.has_value()) << storage.error().message;
    storage_ = std::move(*storage);
    const auto resumed = storage_->Resume();
    ASSERT_TRUE(resumed.has_value()) << resumed.error().message;
  }

  Result<std::unique_ptr<Storage>> OpenOnce() {
    StorageOptions options;
    options.directory = directory_ + "/data";
    options.engine.block_cache_bytes = 8 << 20;
    options.engine.write_buffer_bytes = 64 << 10;
    options.sizes = [](log::LocalLogOptions& log, shard::ShardOptions& shard) {
      log.segment_bytes = 1 << 20;
      shard.group_bytes = 64 << 10;
      shard.log_window_bytes = 4 << 20;
      shard.dirty_bytes_max = 1 << 20;
      shard.idle_close = std::chrono::seconds(1);
      shard.open_tables_max = 20;
    };
    options.recovery.unit_bytes = 1 << 20;
    options.recovery.batch_memory_bytes = 256 << 10;
    options.recovery.image_bytes_min = 256 << 10;
    options.recovery.image_age_min = {};
    return Storage::Open(std::move(options), clock_, keys_);
  }

  void Round(uint64_t number) {
    const Stop how = random_() % 4 == 0 ? Stop::kProcessKill : Stop::kPowerCut;
    const bool clean = random_() % 16 == 0;
    // Many stops soon after the start, and some after a long time.
    const uint64_t longest = random_() % 3 == 0 ? 300 : 6000;
    const uint64_t operations = disk_->operations();
    const Ailment ailment = long_ ? RandomAilment(random_) : Ailment{"", {}, false};
    disk_->SetRules(ailment.rules);
    disk_->StopAt(1 + random_() % longest, how);
    WorkDone done;
    std::string failure;
    std::thread working([&] {
      done = Workload(world_, clock_).Run(*storage_, *disk_, ailment.sick, random_(), &failure);
    });
    if (!disk_->WaitStopped(kRoundAtMost)) disk_->StopNow(how);
    working.join();
    ASSERT_EQ(failure, "") << ailment.name;
    const uint64_t worked = disk_->operations() - operations;
    Close();
    disk_->SetRules({});
    disk_->Restore();
    ASSERT_NO_FATAL_FAILURE(Open());
    const std::string wrong = Checker(world_, *storage_, random_()).Check(&checked_);
    ASSERT_EQ(wrong, "") << ailment.name;
    if (clean) {
      Close();
      ASSERT_NO_FATAL_FAILURE(Open());
      ASSERT_EQ(Checker(world_, *storage_, random_()).Check(&checked_), "");
    }
    writes_ += done.writes;
    acts_ += done.acts;
    std::printf(
        "round %llu: %s%s%s after %llu disk operations, %llu writes, %llu acts\n",
        static_cast<unsigned long long>(number), ailment.name, *ailment.name ? ", " : "",
        how == Stop::kPowerCut ? "power cut" : "kill", static_cast<unsigned long long>(worked),
        static_cast<unsigned long long>(done.writes), static_cast<unsigned long long>(done.acts));
    std::fflush(stdout);
  }

  const bool long_ = std::getenv("TIDEMARK_FAULT_ROUNDS") != nullptr;  // the long dose
  const uint64_t seed_;
  std::mt19937_64 random_;
  const std::string directory_;
  SteppedClock clock_;
  kms::RootKeyProvider keys_;
  std::optional<SimulatedDisk> disk_;
  std::unique_ptr<Storage> storage_;
  World world_{kTables};
  Checked checked_;
  uint64_t writes_ = 0, acts_ = 0, stopped_openings_ = 0;
};

TEST_F(PowerCut, WhatWasAcknowledgedIsThereAndNothingElse) {
  const uint64_t rounds = FromEnvironment("TIDEMARK_FAULT_ROUNDS", 12);
  ASSERT_NO_FATAL_FAILURE(Open());
  for (uint64_t round = 1; round <= rounds; ++round) {
    Round(round);
    if (HasFatalFailure()) {
      std::printf(
          "FAILED in round %llu; again: TIDEMARK_TEST_SEED=%llu TIDEMARK_FAULT_ROUNDS=%llu\n",
          static_cast<unsigned long long>(round), static_cast<unsigned long long>(seed_),
          static_cast<unsigned long long>(rounds));
      return;
    }
  }
  std::printf(
      "%llu rounds: %llu writes and %llu acts acknowledged, %llu openings stopped; checked: %llu "
      "tables, %llu transactions under way, %llu backups, %llu restores under way, %llu instants, "
      "%llu streams\n",
      static_cast<unsigned long long>(rounds), static_cast<unsigned long long>(writes_),
      static_cast<unsigned long long>(acts_), static_cast<unsigned long long>(stopped_openings_),
      static_cast<unsigned long long>(checked_.tables),
      static_cast<unsigned long long>(checked_.transactions),
      static_cast<unsigned long long>(checked_.backups),
      static_cast<unsigned long long>(checked_.restores),
      static_cast<unsigned long long>(checked_.instants),
      static_cast<unsigned long long>(checked_.streams));
}

}  // namespace
}  // namespace tidemark::faults
