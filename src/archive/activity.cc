#include "archive/activity.h"

#include "item/row_key.h"

namespace tidemark::archive {
namespace {

template <class Unit>
int64_t UnitOf(Timestamp time) {
  return std::chrono::floor<Unit>(time).time_since_epoch().count();
}

}  // namespace

Activity::Event Activity::EventOf(Timestamp time, uint32_t access_key, const shard::RowView& first,
                                  uint64_t replaced_bytes) {
  return {.time = time,
          .of_item = item::IndexOf(first.key) == item::kPrimaryIndex,
          .access_key = access_key,
          .is_put = first.value.has_value(),
          .replaces = replaced_bytes > 0};
}

void Activity::Add(const Event& event) {
  if (!event.of_item) return;
  const int64_t second = UnitOf<std::chrono::seconds>(event.time);
  if (seconds_.empty() || seconds_.back().second != second) seconds_.push_back({.second = second});
  SecondActivity& counts = seconds_.back();
  ++(event.is_put ? counts.puts : counts.deletes);
  if (event.is_put && event.replaces) ++counts.overwrites;
  if (event.is_put && !event.replaces) return;
  const auto kind = event.is_put ? Burst::Kind::kOverwrite : Burst::Kind::kDelete;
  const int64_t minute = UnitOf<std::chrono::minutes>(event.time);
  Burst& burst = bursts_[{minute, event.access_key, kind}];
  if (burst.count == 0) {
    burst = {.minute = minute, .access_key = event.access_key, .kind = kind, .first = event.time};
  }
  ++burst.count;
  burst.last = event.time;
}

std::vector<Burst> Activity::Bursts() const {
  std::vector<Burst> bursts;
  for (const auto& [key, burst] : bursts_) bursts.push_back(burst);
  return bursts;
}

}  // namespace tidemark::archive
