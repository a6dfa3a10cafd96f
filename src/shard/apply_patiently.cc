#include "shard/apply_patiently.h"

#include <chrono>
#include <thread>

namespace tidemark::shard {
namespace {

constexpr auto kBusyPause = std::chrono::milliseconds(10);
constexpr auto kBusyMax = std::chrono::seconds(60);

}  // namespace

Result<void> ApplyPatiently(engine::TableStore& store, std::span<const engine::RowWrite> writes,
                            log::Position position, BytesView note) {
  for (auto waited = kBusyPause; waited < kBusyMax; waited += kBusyPause) {
    auto applied = store.Apply(writes, position, note);
    if (applied || applied.error().kind != ErrorKind::kBusy) return applied;
    std::this_thread::sleep_for(kBusyPause);
  }
  return Fail(ErrorKind::kUnavailable, "the store was busy for {} s",
              std::chrono::duration_cast<std::chrono::seconds>(kBusyMax).count());
}

}  // namespace tidemark::shard
