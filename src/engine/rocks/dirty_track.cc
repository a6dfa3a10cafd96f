#include "engine/rocks/dirty_track.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::engine {

void DirtyTrack::Add(log::Position position, uint64_t bytes, bool with_row) {
  if (!open_) open_ = Stretch{.first = position};
  open_->bytes += bytes;
  ++open_->batches;
  bytes_ += bytes;
  if (with_row) AddRow(position);
}

void DirtyTrack::TakeBack(uint64_t bytes) {
  TM_ASSERT(open_);
  bytes_ -= bytes;
  open_->bytes -= bytes;
  if (--open_->batches == 0) open_.reset();
}

void DirtyTrack::AddRow(log::Position position) {
  if (!open_) return;
  open_->last = position;
  closed_.push_back(*open_);
  open_.reset();
}

void DirtyTrack::Flushed(log::Position position) {
  // The newest stretch that ends there: positions of different logs have no order, so none is used.
  auto end = std::find_if(closed_.rbegin(), closed_.rend(),
                          [&](const Stretch& stretch) { return stretch.last == position; });
  for (auto stretch = closed_.begin(); stretch != end.base(); ++stretch) bytes_ -= stretch->bytes;
  closed_.erase(closed_.begin(), end.base());
}

void DirtyTrack::Clear() {
  closed_.clear();
  open_.reset();
  bytes_ = 0;
}

std::optional<log::Position> DirtyTrack::oldest() const {
  if (!closed_.empty()) return closed_.front().first;
  if (open_) return open_->first;
  return std::nullopt;
}

}  // namespace tidemark::engine
