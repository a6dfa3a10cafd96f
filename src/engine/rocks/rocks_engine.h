// Table stores on RocksDB without its WAL, over a sealing file system: every file at rest is
// AES-256-GCM.
#pragma once
#include <memory>

#include "base/random.h"
#include "engine/table_store.h"

namespace tidemark::engine {

Result<std::unique_ptr<Engine>> MakeRocksEngine(const EngineOptions& options,
                                                crypto::DataKeyProvider& keys, Random& random);

}  // namespace tidemark::engine
