#include "shard/backlog.h"

#include <algorithm>
#include <utility>

#include "shard/apply_patiently.h"

namespace tidemark::shard {
namespace {

constexpr uint64_t kBatchBytes = 1 << 20;
constexpr uint64_t kRowOverheadBytes = 200;  // of memory: the row, its place in the map
constexpr size_t kSupersededMin = 4096;      // fewer are not worth the copying

uint64_t DataBytes(const RowImage& row) {
  return row.key.size() + (row.value ? row.value->size() : 0);
}

}  // namespace

void Backlog::Add(log::Position position, TableChange change) {
  if (change.rows.empty()) return;
  if (steps_.empty()) first_ = position;
  if (steps_.empty() || steps_.back().position != position) {
    steps_.push_back({position, {}, rows_.size()});
  }
  steps_.back().totals = totals_ = change.totals;
  last_ = position;
  for (RowImage& image : change.rows) AddRow(std::move(image));
  if (superseded_ > kSupersededMin && superseded_ > rows_.size() / 2) Compact();
}

void Backlog::AddRow(RowImage image) {
  const Row& row = rows_.emplace_back(Row{std::move(image), false});
  bytes_ += DataBytes(row.image) + kRowOverheadBytes;
  const BytesView key = row.image.key;
  const size_t index = rows_.size() - 1;
  const auto older = newest_.find(key);
  if (older == newest_.end()) {
    newest_.emplace(key, index);
    return;
  }
  Row& old = rows_[older->second];
  // The map must refer to the key that stays.
  auto node = newest_.extract(older);
  node.key() = key;
  node.mapped() = index;
  newest_.insert(std::move(node));
  bytes_ -= DataBytes(old.image) + kRowOverheadBytes;
  old.superseded = true;
  old.image.value.reset();
  Bytes().swap(old.image.key);
  ++superseded_;
}

void Backlog::Compact() {
  std::vector<Step> steps;
  std::deque<Row> rows;
  newest_.clear();
  for (size_t i = 0; i < steps_.size(); ++i) {
    const size_t begin = rows.size();
    for (size_t row = steps_[i].begin; row < EndOf(i); ++row) {
      if (rows_[row].superseded) continue;
      rows.push_back(std::move(rows_[row]));
      newest_.emplace(rows.back().image.key, rows.size() - 1);
    }
    if (rows.size() > begin) steps.push_back({steps_[i].position, steps_[i].totals, begin});
  }
  steps_ = std::move(steps);
  rows_ = std::move(rows);
  superseded_ = 0;
}

size_t Backlog::EndOf(size_t step) const {
  return step + 1 < steps_.size() ? steps_[step + 1].begin : rows_.size();
}

Result<void> Backlog::ApplyTo(engine::TableStore& store) const {
  const log::Position flushed = store.Flushed();
  std::vector<engine::RowWrite> writes;
  uint64_t bytes = 0;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (step.position.log_id == flushed.log_id && step.position <= flushed) continue;
    for (size_t row = step.begin; row < EndOf(i); ++row) {
      const RowImage& image = rows_[row].image;
      if (rows_[row].superseded) continue;
      writes.push_back(
          {image.key, image.value ? std::optional<BytesView>(*image.value) : std::nullopt});
      bytes += DataBytes(image);
    }
    // A batch carries the position it is complete up to, so it may end only between frames.
    if (bytes < kBatchBytes && i + 1 < steps_.size()) continue;
    TM_TRYV(ApplyPatiently(store, writes, step.position, EncodeTotals(step.totals)));
    writes.clear();
    bytes = 0;
  }
  return {};
}

}  // namespace tidemark::shard
