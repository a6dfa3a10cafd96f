// Random writes by a process that is killed again and again, remembered by this one; then restores
// and reads of the past at random instants, compared row by row: items, index rows and totals.
// Meanwhile indexes come and go, the clock jumps, history is sorted, the disk it goes to fails for
// a while, and a table is deleted and made again under its name.
//
//   TIDEMARK_ORACLE_WRITES    writes in all (6000)
//   TIDEMARK_ORACLE_INSTANTS  compared at the end (36)
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "base/log.h"
#include "base/test_directory.h"
#include "oracle/model.h"
#include "oracle/world.h"

extern char** environ;

namespace tidemark::oracle {
namespace {

constexpr int kPipe = 3;  // of a writer
constexpr int64_t kHourUs = 3600ll * 1'000'000;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* given = std::getenv(name);
  return given ? std::stoull(given) : otherwise;
}

class HistoryOracle : public testing::Test {
 protected:
  HistoryOracle() {
    SetLogLevel(LogLevel::kError);
    settings_.seed = FromEnvironment("TIDEMARK_TEST_SEED", std::random_device{}());
    std::printf("TIDEMARK_TEST_SEED=%llu\n", static_cast<unsigned long long>(settings_.seed));
    random_.seed(settings_.seed);
    writes_ = FromEnvironment("TIDEMARK_ORACLE_WRITES", 4000);
    instants_ = FromEnvironment("TIDEMARK_ORACLE_INSTANTS", 36);
    settings_.small = writes_ < 1'000'000;
    if (!settings_.small) {
      settings_.writers = 64;
      settings_.keys = 6400;
    }
    settings_.directory = (directory_.path() / "data").string();
    world_.emplace(settings_);
  }

  // One life of a writer; `kill`: it ends in the middle.
  void Live(uint64_t writes, bool kill) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    settings_.writes = writes;
    const pid_t writer = Spawn(ends[1]);
    ::close(ends[1]);
    const uint64_t enough = kill ? 1 + random_() % writes : UINT64_MAX;
    const uint64_t before = model_.acknowledged();
    std::array<Record, 64> records;
    size_t have = 0;
    bool killed = false;
    while (true) {
      char* at = reinterpret_cast<char*>(records.data());
      const ssize_t got = ::read(ends[0], at + have, sizeof records - have);
      if (got <= 0) break;
      have += static_cast<size_t>(got);
      const size_t whole = have / sizeof(Record);
      for (size_t i = 0; i < whole; ++i) model_.Take(records[i]);
      have -= whole * sizeof(Record);
      std::memmove(at, at + whole * sizeof(Record), have);
      if (!killed && model_.acknowledged() - before >= enough) {
        killed = true;
        ::kill(writer, SIGKILL);
      }
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(writer, &status, 0);
    ASSERT_TRUE(killed ? WIFSIGNALED(status) || WIFEXITED(status)
                       : WIFEXITED(status) && WEXITSTATUS(status) == 0)
        << "the writer ended with " << status;
  }

  pid_t Spawn(int pipe) {
    std::vector<std::string> arguments = {
        "history_oracle_test",
        "--writer",
        settings_.directory,
        std::to_string(settings_.seed),
        std::to_string(settings_.writers),
        std::to_string(settings_.keys),
        std::to_string(settings_.writes),
        std::to_string(settings_.clock_offset_us),
        std::to_string(settings_.jump_us),
        std::to_string(settings_.change_indexes),
        std::to_string(settings_.small),
    };
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe, kPipe);
    pid_t writer = 0;
    EXPECT_EQ(::posix_spawn(&writer, "/proc/self/exe", &actions, nullptr, pointers.data(), environ),
              0);
    posix_spawn_file_actions_destroy(&actions);
    return writer;
  }

  // Of what was asked for and not answered: it happened whole or not at all.
  void FindOut() {
    model_.Sort();
    for (const auto& request : model_.TakeUnknown()) {
      std::optional<int64_t> time;
      size_t missing = 0;
      for (const Record& record : request) {
        auto& table = model_.table(record.table);
        const Commit* newest = table.NewestOf(record.key);
        const auto row = world_->RecordOf(record.table);
        const auto window = world_->storage().recovery->WindowOf(*row);
        const auto past = world_->storage().past->Between(*row, window->earliest, window->latest);
        ASSERT_TRUE(past.has_value()) << past.error().message;
        const auto versions = past->VersionsOf(RowKeyOf(record.key));
        const auto version = versions->Next();
        ASSERT_TRUE(version.has_value()) << version.error().message;
        if (*version == nullptr || (newest && ToMicros((*version)->time) <= newest->time)) {
          // A deletion of nothing leaves no trace.
          if (record.seed != 0 || (newest && newest->seed != 0)) ++missing;
          continue;
        }
        const auto seed =
            (*version)->value ? SeedOf(*(*version)->value) : std::optional<uint64_t>(0);
        ASSERT_EQ(seed, record.seed) << "what nobody asked for";
        ASSERT_TRUE(!time || *time == ToMicros((*version)->time));
        time = ToMicros((*version)->time);
        table.Add({*time, record.key, record.seed});
      }
      ASSERT_TRUE(!time || missing == 0) << "half a transaction is there";
    }
    model_.Sort();
  }

  // A change of indexes that was cut off goes on while others look.
  void AwaitIndexes() {
    const auto settled = [&](int table) {
      const auto record = world_->RecordOf(table);
      return std::ranges::all_of(record->indexes, [](const auto& index) {
        return index.status == catalog::IndexStatus::kActive;
      });
    };
    for (int table = 0; table < kTables; ++table) {
      while (!settled(table)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  // Its items, its index rows and its totals.
  void CompareTable(const catalog::TableRecord& record, const Rows& should) {
    const auto table = world_->shard().Find(record.id);
    ASSERT_NE(table, nullptr);
    ASSERT_EQ(*ReadAll(*table), should);
    const Rows index_rows = *IndexRowsOf(record, should);
    ASSERT_EQ(*ReadIndexes(*table), index_rows);
    ASSERT_EQ(*table->LoadTotals(), *TotalsOf(should, index_rows));
  }

  void CompareAsOf(int table, Timestamp time, const Rows& should) {
    const auto record = world_->RecordOf(table);
    const auto rows = world_->storage().past->At(*record, time);
    ASSERT_TRUE(rows.has_value()) << rows.error().message;
    ASSERT_EQ(*ReadAll(**rows), should);
    for (const auto& index : record->indexes) {
      if (index.status != catalog::IndexStatus::kActive || index.ready_at > time) continue;
      auto alone = *record;
      alone.indexes = {index};
      const uint16_t number = index.definition.number;
      ASSERT_EQ(*ReadAll(**rows, number, number), *IndexRowsOf(alone, should)) << index.name;
    }
  }

  // nullopt: the latest. `deleted`: of the one that was deleted last.
  void CompareRestored(int table, std::optional<Timestamp> time, const Rows& should,
                       bool deleted = false) {
    restore::ToPointInTime request;
    request.account = kAccount;
    request.region = kRegion;
    request.source_table = TableName(table);
    request.deleted = deleted;
    request.target = "Restored";
    request.time = time;
    request.use_latest = !time;
    CompareNew(world_->storage().restores->Start(request), should);
  }
  void CompareNew(const Result<catalog::TablePtr>& started, const Rows& should) {
    ASSERT_TRUE(started.has_value()) << started.error().message;
    const auto restored = world_->storage().WaitActive(*started);
    ASSERT_NE(restored, nullptr) << "a restore failed";
    ASSERT_NO_FATAL_FAILURE(CompareTable(*restored, should));
    ASSERT_TRUE(world_->storage().catalog->EraseTable(restored->id).has_value());
    ASSERT_TRUE(world_->shard().DropTable(restored->id, "{}").has_value());
  }

  // At commits, and a microsecond before them.
  void CompareInstants(uint64_t count) {
    for (int table = 0; table < kTables; ++table) {
      auto& model = model_.table(table);
      const auto window = world_->storage().recovery->WindowOf(*world_->RecordOf(table));
      ASSERT_TRUE(window.has_value());
      std::vector<Timestamp> times;
      for (uint64_t i = 0; i < count / kTables && !model.commits().empty(); ++i) {
        const auto& commit = model.commits()[random_() % model.commits().size()];
        times.push_back(std::max(window->earliest,
                                 FromMicros(commit.time - static_cast<int64_t>(random_() % 2))));
      }
      std::ranges::sort(times);
      for (const Timestamp time : times) {
        SCOPED_TRACE(TableName(table) + " at " + std::to_string(ToMicros(time)));
        const Rows should = model.At(time);
        ASSERT_NO_FATAL_FAILURE(CompareAsOf(table, time, should));
        ASSERT_NO_FATAL_FAILURE(CompareRestored(table, time, should));
      }
      compared_ += times.size();
    }
  }

  void CompareUndeleted(int table, const catalog::BackupRecord& backup) {
    const auto window = world_->storage().recovery->WindowOf(backup);
    ASSERT_TRUE(window.has_value());
    auto& model = model_.table(table);
    CompareRestored(table, std::nullopt, model.At(Timestamp::max()), true);
    for (int i = 0; i < 4 && !model.commits().empty(); ++i) {
      const auto& commit = model.commits()[random_() % model.commits().size()];
      const Timestamp time =
          std::max(window->earliest, FromMicros(commit.time - static_cast<int64_t>(random_() % 2)));
      SCOPED_TRACE("undeleted at " + std::to_string(ToMicros(time)));
      ASSERT_NO_FATAL_FAILURE(CompareRestored(table, time, model.At(time), true));
      ++compared_;
    }
  }

  // Deletes the table and makes it again; what the deletion left is what it was.
  void Renew(int table) {
    const Rows should = model_.table(table).At(Timestamp::max());
    const TableId id = world_->IdOf(table);
    world_->DropTable(table);
    for (const auto& backup : world_->storage().catalog->AllBackups()) {
      if (backup->source.id != id) continue;
      while (world_->storage().catalog->FindBackup(backup->Arn())->status ==
             catalog::BackupStatus::kCreating)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      CompareNew(world_->storage().restores->Start(
                     restore::FromBackup{kAccount, kRegion, backup->Arn(), "Restored"}),
                 should);
      ASSERT_NO_FATAL_FAILURE(CompareUndeleted(table, *backup));
    }
    model_.table(table).Clear();
    world_->CreateTable(table);
  }

  TestDirectory directory_;
  Settings settings_;
  std::mt19937_64 random_;
  uint64_t writes_, instants_;
  std::optional<World> world_;
  Model model_;
  size_t compared_ = 0;
};

TEST_F(HistoryOracle, EveryInstantIsWhatWasWrittenUpToIt) {
  world_->Open(0);
  for (int table = 0; table < kTables; ++table) world_->CreateTable(table);
  world_->Close();
  const uint64_t lives = settings_.small ? 6 : 40;
  bool last = false;  // what lives that are killed leave undone is made up for by more of them
  for (uint64_t life = 0; !last && !HasFatalFailure(); ++life) {
    settings_.seed = random_();
    settings_.change_indexes = life % 2 == 1;
    settings_.jump_us = life % 4 == 2 ? 5 * kHourUs : 0;
    ASSERT_NO_FATAL_FAILURE(Live(writes_ / lives, life % 3 != 2));
    settings_.clock_offset_us += settings_.jump_us;
    settings_.clock_offset_us +=
        life % 5 == 4 ? -kHourUs : static_cast<int64_t>(random_() % 12) * kHourUs;
    world_->Open(settings_.clock_offset_us);
    ASSERT_NO_FATAL_FAILURE(FindOut());
    AwaitIndexes();
    for (int table = 0; table < kTables; ++table) {
      const Rows should = model_.table(table).At(Timestamp::max());
      ASSERT_NO_FATAL_FAILURE(CompareTable(*world_->RecordOf(table), should)) << TableName(table);
      ASSERT_NO_FATAL_FAILURE(CompareRestored(table, std::nullopt, should)) << TableName(table);
    }
    if (life % 3 == 1) {
      ASSERT_NO_FATAL_FAILURE(Renew(kPassing));
    }
    last = life + 1 >= lives && model_.acknowledged() >= writes_;
    if (!last) world_->Close();
  }
  ASSERT_NO_FATAL_FAILURE(CompareInstants(instants_));
  std::printf("%llu writes acknowledged, %zu instants compared, restored and as of\n",
              static_cast<unsigned long long>(model_.acknowledged()), compared_);
}

}  // namespace
}  // namespace tidemark::oracle

int main(int argc, char** argv) {
  using tidemark::oracle::Settings;
  if (argc == 11 && std::string_view(argv[1]) == "--writer") {
    Settings settings{.directory = argv[2], .seed = std::stoull(argv[3])};
    settings.writers = std::stoi(argv[4]);
    settings.keys = std::stoi(argv[5]);
    settings.writes = std::stoull(argv[6]);
    settings.clock_offset_us = std::stoll(argv[7]);
    settings.jump_us = std::stoll(argv[8]);
    settings.change_indexes = std::stoi(argv[9]) != 0;
    settings.small = std::stoi(argv[10]) != 0;
    return tidemark::oracle::RunWriter(settings, tidemark::oracle::kPipe);
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
