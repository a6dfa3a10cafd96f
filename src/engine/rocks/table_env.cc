#include "engine/rocks/table_env.h"

#include <rocksdb/system_clock.h>

#include <algorithm>

namespace tidemark::engine {
namespace {

// WHY: after a failed flush RocksDB sleeps for a second on its background thread. The threads are
// shared by all tables, so a table that cannot be flushed would hold up the flushes of the others,
// and closing many such tables would take a second each.
constexpr int kSleepMaxMicros = 10'000;

class ShortSleeps : public rocksdb::SystemClockWrapper {
 public:
  using SystemClockWrapper::SystemClockWrapper;
  const char* Name() const override { return "TidemarkShortSleeps"; }
  void SleepForMicroseconds(int micros) override {
    target_->SleepForMicroseconds(std::min(micros, kSleepMaxMicros));
  }
};

class TableEnv : public rocksdb::EnvWrapper {
 public:
  explicit TableEnv(std::shared_ptr<rocksdb::FileSystem> files)
      : EnvWrapper(rocksdb::NewCompositeEnv(files)) {
    file_system_ = std::move(files);
    system_clock_ = std::make_shared<ShortSleeps>(rocksdb::SystemClock::Default());
  }
};

}  // namespace

std::unique_ptr<rocksdb::Env> MakeTableEnv(std::shared_ptr<rocksdb::FileSystem> files) {
  return std::make_unique<TableEnv>(std::move(files));
}

}  // namespace tidemark::engine
