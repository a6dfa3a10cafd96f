#include "shard/table_closer.h"

#include <algorithm>
#include <utility>

namespace tidemark::shard {

std::vector<OpenTablePtr> TableCloser::Close(const std::vector<OpenTablePtr>& tables, Micros now) {
  std::vector<std::pair<Micros, OpenTablePtr>> open;
  for (const OpenTablePtr& table : tables) {
    if (table->state() == TableState::kOpen) open.emplace_back(table->LastUsed(now), table);
  }
  std::sort(open.begin(), open.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<OpenTablePtr> dirty;
  size_t beyond = open.size() > options_.open_max ? open.size() - options_.open_max : 0;
  for (const auto& [last_used, table] : open) {
    if (beyond == 0 && now - last_used < options_.idle && !table->close_soon()) continue;
    if (beyond > 0) --beyond;
    auto store = table->StoreForUpkeep();
    const bool is_dirty = store && store->OldestDirty();
    store.reset();
    if (is_dirty) {
      dirty.push_back(table);
    } else if (table->CloseIfUnused()) {
      ++closed_;
    }
  }
  return dirty;
}

}  // namespace tidemark::shard
