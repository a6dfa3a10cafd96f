// A shard that can be stopped, killed and started again, with a record of what must be in it; for
// tests. The log is in memory and outlives the shard; the tables are in memory or RocksDB's.
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/file_hook.h"
#include "base/random.h"
#include "engine/mem/mem_engine.h"
#include "engine/rocks/rocks_engine.h"
#include "log/mem/mem_log.h"
#include "runtime/io_threads.h"
#include "shard/local_shard.h"
#include "shard/test_keys.h"
#include "shard/test_rows.h"

namespace tidemark::shard {

// Several logs in a row that are the same one.
class SharedLog : public log::CommitLog {
 public:
  struct State {
    std::unique_ptr<log::CommitLog> log;
    std::vector<log::DamagedRange> damage;
  };
  explicit SharedLog(std::shared_ptr<State> state) : state_(std::move(state)) {}

  Result<log::Position> Append(BytesView payload, log::FrameHeader header) override {
    return state_->log->Append(payload, header);
  }
  Result<std::unique_ptr<log::FrameReader>> Read(log::Position from) override {
    TM_TRY(auto reader, state_->log->Read(from));
    return std::make_unique<Reader>(std::move(reader), state_->damage);
  }
  uint64_t log_id() const override { return state_->log->log_id(); }
  log::Position begin() const override { return state_->log->begin(); }
  log::Position end() const override { return state_->log->end(); }
  Timestamp last_commit() const override { return state_->log->last_commit(); }
  std::vector<log::SegmentInfo> Segments() const override { return state_->log->Segments(); }
  uint64_t bytes() const override { return state_->log->bytes(); }
  std::vector<log::DamagedRange> Damage() const override { return state_->damage; }
  Result<void> Truncate(log::Position keep_from) override {
    return state_->log->Truncate(keep_from);
  }

 private:
  class Reader : public log::FrameReader {
   public:
    Reader(std::unique_ptr<log::FrameReader> reader, std::vector<log::DamagedRange> damage)
        : reader_(std::move(reader)), damage_(std::move(damage)) {}
    Result<std::optional<log::Frame>> Next() override {
      TM_TRY(auto frame, reader_->Next());
      for (const log::DamagedRange& range : damage_) {
        if (frame && frame->header.position >= range.from && frame->header.position < range.to)
          return Fail(ErrorKind::kCorruption, "{}", range.what);
      }
      return frame;
    }

   private:
    std::unique_ptr<log::FrameReader> reader_;
    const std::vector<log::DamagedRange> damage_;
  };

  std::shared_ptr<State> state_;
};

enum class StoreKind { kInMemory, kOnRocks };

// No file changes while it lives, as after the end of the process.
class NothingIsWritten : public FileHook {
 public:
  NothingIsWritten() : before_(g_file_hook.exchange(this)) {}
  ~NothingIsWritten() override { SetFileHook(before_); }
  NothingIsWritten(const NothingIsWritten&) = delete;
  NothingIsWritten& operator=(const NothingIsWritten&) = delete;

  int Before(const FileCall& call) override {
    return call.op == FileOp::kRead || call.op == FileOp::kOpen ? 0 : EIO;
  }

 private:
  FileHook* const before_;
};

class ShardHarness {
 public:
  static constexpr size_t kPoolThreads = 4;

  explicit ShardHarness(StoreKind kind) {
    std::string name = (std::filesystem::temp_directory_path() / "tidemark_shard_XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    if (kind == StoreKind::kInMemory) {
      auto engine = engine::MakeMemEngine();
      mem_ = engine.get();
      engine_ = std::move(engine);
    } else {
      auto engine =
          engine::MakeRocksEngine({.block_cache_bytes = 8 << 20}, keys_, TheSystemRandom());
      engine_ = std::move(*engine);
    }
    NewLog({});
    // Tests do by hand what threads do.
    options.pay_backlogs = false;
    options.maintain = false;
    options.disk_reserve_bytes = 0;
    threads_.Start();
  }
  ~ShardHarness() {
    shard_.reset();
    pool_.reset();
    threads_.Stop();
    threads_.Join();
    std::filesystem::remove_all(directory_);
  }

  void NewLog(log::MemLogOptions log_options) {
    log_ = std::make_shared<SharedLog::State>();
    log_->log = log::MakeMemLog(std::move(log_options));
  }

  Result<void> TryOpen() {
    ShardOptions now = options;
    now.name = "test";
    now.directory = directory_ + "/shard";
    now.active_tables.insert(now.active_tables.end(), tables_.begin(), tables_.end());
    TM_TRY(auto shard, Shard::Open(std::move(now), std::make_unique<SharedLog>(log_), *engine_,
                                   clock_, *pool_));
    shard_ = std::move(shard);
    return {};
  }
  void Open() {
    const auto opened = TryOpen();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
  }
  // A clean stop.
  void Close() { shard_.reset(); }
  // The end by kill -9: what was not flushed is lost, nothing is stored on the way out.
  void Crash() {
    NothingIsWritten from_now_on;
    if (mem_) {
      mem_->LoseUnflushed(true);
      mem_->FailFlushes(true);
    }
    shard_.reset();
    pool_.emplace(kPoolThreads);  // what the old one was left with is done before
    if (mem_) {
      mem_->LoseUnflushed(false);
      mem_->FailFlushes(false);
    }
  }

  TableId Create() {
    const TableId id = TableId::Make(TheSystemRandom());
    const auto table = shard_->CreateTable(id, "{}");
    EXPECT_TRUE(table.has_value()) << table.error().message;
    tables_.push_back(id);
    rows_[id];
    return id;
  }
  void Forget(TableId id) { std::erase(tables_, id); }

  Result<Timestamp> Write(TableId table, std::string_view name, Evaluate evaluate, size_t io = 0) {
    return runtime::RunBlocking(
        threads_.context(io % 2),
        shard_->Write({shard_->Find(table), Key(name), std::move(evaluate)}, {}));
  }
  void Put(TableId table, const std::string& name, const Bytes& value) {
    const auto done = Write(table, name, PutRow(value));
    ASSERT_TRUE(done.has_value()) << done.error().message;
    rows_[table][name] = value;
  }
  Result<std::optional<Bytes>> Get(TableId table, std::string_view name, size_t io = 0) {
    return runtime::RunBlocking(threads_.context(io % 2),
                                shard_->Get(shard_->Find(table), Key(name)));
  }

  // Every row that was put, nothing else, and totals to match.
  void Verify(TableId table) {
    const auto handle = shard_->Find(table);
    ASSERT_NE(handle, nullptr);
    const auto store = handle->OpenStore();
    ASSERT_TRUE(store.has_value()) << store.error().message;
    std::map<std::string, Bytes> found;
    Totals totals;
    auto rows = (*store)->Scan({.begin = Key("")});
    ASSERT_TRUE(rows.has_value());
    for (; (*rows)->Valid(); (*rows)->Next()) {
      const Bytes key((*rows)->key()), value((*rows)->value());
      found[std::string(key.substr(2))] = value;
      ++totals.items;
      totals.bytes += value.size();
      totals.hash += item::HashRow(key, value);
    }
    EXPECT_EQ(found, rows_[table]);
    EXPECT_EQ(handle->LoadTotals().value_or(Totals{}), totals);
  }
  void VerifyAll() {
    for (const TableId table : tables_) Verify(table);
  }

  LocalShard& shard() { return static_cast<LocalShard&>(*shard_); }
  std::string TablePath(TableId id) { return directory_ + "/shard/tables/" + id.ToString(); }
  // When it returns, the applier has let go of the stores of everything answered before.
  void LetGo() {
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(shard().LogControl(TableId{}, "{}").has_value());
  }
  // What the maintenance thread does, and the flushes it asks for.
  void Maintain() {
    LetGo();
    shard().Maintain();
    shard().scheduler().Wait();
  }

  ShardOptions options;
  ManualClock clock_{FromMicros(1'700'000'000'000'000)};
  std::string directory_;
  TestKeys keys_;
  engine::MemEngine* mem_ = nullptr;
  std::unique_ptr<engine::Engine> engine_;
  std::shared_ptr<SharedLog::State> log_;
  runtime::IoThreads threads_{2};
  std::optional<runtime::BlockingPool> pool_{std::in_place, kPoolThreads};
  std::unique_ptr<Shard> shard_;
  std::vector<TableId> tables_;
  std::map<TableId, std::map<std::string, Bytes>> rows_;
};

class OnBothEngines : public ShardHarness, public testing::TestWithParam<StoreKind> {
 protected:
  OnBothEngines() : ShardHarness(GetParam()) { Open(); }
};

inline std::string EngineName(const testing::TestParamInfo<StoreKind>& info) {
  return info.param == StoreKind::kInMemory ? "Mem" : "Rocks";
}

}  // namespace tidemark::shard
