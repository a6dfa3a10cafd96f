// Table stores in memory, for tests and simulation: the same promises as the engine on RocksDB,
// where "durable" means kept by the engine under the directory's name. It never touches a disk:
// directories and images are names inside the engine and vanish with it. It must outlive its
// stores.
#pragma once
#include <memory>

#include "engine/table_store.h"

namespace tidemark::engine {

class MemEngine : public Engine {
 public:
  // What the destruction of a store does with writes that were not flushed. Off (as at start): it
  // flushes them, as the real engine does when it closes. On: they are lost, as in a crash.
  virtual void LoseUnflushed(bool lose) = 0;
  // Flushes fail with kIo while on; what was applied stays readable.
  virtual void FailFlushes(bool fail) = 0;
  // What befalls one table, named by the directory it is in.
  enum class Ailment {
    kNone,
    kBusy,    // Apply says kBusy
    kBroken,  // Apply, Flush and SetPosition fail with kIo
  };
  virtual void Afflict(const std::string& directory, Ailment ailment) = 0;
};

std::unique_ptr<MemEngine> MakeMemEngine();

}  // namespace tidemark::engine
