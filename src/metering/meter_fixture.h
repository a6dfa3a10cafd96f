// A catalog, a Region and a ledger in memory, under a clock that the test moves.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/test_directory.h"
#include "catalog/catalog.h"
#include "catalog/one_region.h"
#include "engine/mem/mem_engine.h"
#include "metering/meter.h"
#include "runtime/blocking.h"
#include "runtime/io_threads.h"
#include "shard/shard.h"

namespace tidemark::metering {

class MeterFixture : public testing::Test {
 protected:
  MeterFixture();
  ~MeterFixture() override;

  // A server that is killed and started again, as far as the ledger knows.
  void Restart();
  Timestamp Now() const { return shard_->Now(); }
  void Pass(Micros time) { clock_.Advance(time); }

  TableId AddTable(const std::string& name);
  // From now on all of the table is one item of that size.
  void Resize(TableId table, uint64_t bytes);
  void SwitchRecovery(TableId table, bool on);
  // A backup of now; its ARN.
  std::string AddBackup(TableId table, catalog::BackupType type, uint64_t bytes,
                        const std::string& copied_from = "");
  void MoveToCold(const std::string& arn);
  std::vector<Entry> Entries() const;

  shard::Shard& system() { return *system_; }
  asio::io_context& context() { return threads_.context(0); }

  const AccountId account_{"123456789012"};
  const Region region_{"us-east-1"};
  ManualClock clock_{FromMicros(1'767'225'600'000'000)};  // 2026-01-01
  std::vector<Entry> done_;
  std::optional<Timestamp> copied_;  // when what is a copy was made
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Meter> meter_;
  std::unique_ptr<catalog::Catalog> catalog_;

 private:
  std::unique_ptr<shard::Shard> OpenShard(const std::string& name, uint64_t log_id);

  TestDirectory directory_;
  runtime::IoThreads threads_{1};
  std::unique_ptr<engine::MemEngine> engine_ = engine::MakeMemEngine();
  runtime::BlockingPool pool_{2};
  std::unique_ptr<shard::Shard> shard_, system_;
  catalog::OneRegion regions_;
  uint64_t backups_ = 0;
};

}  // namespace tidemark::metering
