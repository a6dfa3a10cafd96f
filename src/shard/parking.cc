#include "shard/parking.h"

#include "base/assert.h"

namespace tidemark::shard {
namespace {

constexpr uint64_t kEntryBytes = 512;  // of a change beside its rows

uint64_t BytesOf(const TableChange& change) {
  uint64_t bytes = 0;
  for (const RowImage& row : change.rows) {
    bytes += row.key.size() + (row.value ? row.value->size() : 0);
  }
  return bytes;
}

}  // namespace

void ParkingLot::Add(log::Position position, Entry entry) {
  const bool newer =
      position != log::Position{} && (frames_.empty() || frames_.back().position != position);
  if (newer) frames_.push_back({.position = position, .entries = {}, .bytes = 0});
  TM_ASSERT(!frames_.empty());
  uint64_t bytes = kEntryBytes;
  if (entry.change->IsLogged()) bytes += BytesOf(entry.change->change.tables[entry.table]);
  frames_.back().bytes += bytes;
  bytes_ += bytes;
  frames_.back().entries.push_back(std::move(entry));
}

ParkingLot::Batch ParkingLot::Oldest(const OpenTable& table) const {
  Batch batch;
  if (table.dropped) return batch;
  for (const Entry& entry : frames_.front().entries) {
    const QueuedChange& queued = *entry.change;
    if (!queued.IsLogged()) continue;
    const TableChange& change = queued.change.tables[entry.table];
    if (change.rows.empty()) continue;
    for (const RowImage& row : change.rows) {
      batch.writes.push_back(
          {row.key, row.value ? std::optional<BytesView>(*row.value) : std::nullopt});
    }
    batch.totals = change.totals;
    batch.store = queued.tables[entry.table].store;
  }
  return batch;
}

std::vector<ParkingLot::Entry> ParkingLot::TakeOldest(Micros now) {
  Frame frame = std::move(frames_.front());
  frames_.pop_front();
  bytes_ -= frame.bytes;
  progress_ = now;
  return std::move(frame.entries);
}

std::vector<ParkingLot::Entry> ParkingLot::TakeAll() {
  std::vector<Entry> all;
  for (Frame& frame : frames_) {
    for (Entry& entry : frame.entries) all.push_back(std::move(entry));
  }
  frames_.clear();
  bytes_ = 0;
  return all;
}

const char* ParkingLot::Overdue(const ParkingOptions& options, Micros now) const {
  const Micros waited = Waited(now);
  if (waited >= options.patience) return "it took no change for too long";
  if (bytes_ > options.bytes_max && waited >= options.full_patience)
    return "too many changes wait for it";
  return nullptr;
}

}  // namespace tidemark::shard
