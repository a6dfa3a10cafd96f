#include "streams/frame_cache.h"

#include "item/row_key.h"
#include "shard/change.h"

namespace tidemark::streams {
namespace {

// The row a stream shows: the primary one, which comes first.
bool IsShown(const shard::TableChange& change) {
  if (!change.stream || change.rows.empty()) return false;
  const Bytes& key = change.rows[0].key;
  return key.size() > 2 && key[0] == '\0' && key[1] == static_cast<char>(item::kPrimaryIndex);
}

Event EventOf(const shard::TableChange& change) {
  if (!change.rows[0].value) return Event::kRemove;
  return change.replaced_bytes > 0 ? Event::kModify : Event::kInsert;
}

}  // namespace

Result<StreamFramePtr> DecodeFrame(const log::Frame& frame) {
  auto decoded = std::make_shared<StreamFrame>();
  decoded->position = frame.header.position;
  decoded->next = frame.next;
  decoded->last_commit = frame.header.last_commit;
  decoded->bytes = sizeof(StreamFrame) + 128;
  shard::ChangeReader reader(frame.payload);
  while (true) {
    TM_TRY(auto change, reader.Next());
    if (!change) break;
    uint32_t index = 0;
    for (shard::TableChange& table : change->tables) {
      if (!IsShown(table)) continue;
      Change& shown = decoded->changes.emplace_back();
      shown.table = table.table;
      shown.sequence = {change->commit_time, index++};
      shown.event = EventOf(table);
      shown.by_service = change->origin.access_key == shard::kServiceAccessKey;
      shown.old_kept = table.stream->old_kept;
      shown.key = std::move(table.rows[0].key);
      shown.now = std::move(table.rows[0].value);
      shown.old = std::move(table.stream->old);
      decoded->bytes += sizeof(Change) + shown.key.size() + (shown.now ? shown.now->size() : 0) +
                        (shown.old ? shown.old->size() : 0);
    }
  }
  return StreamFramePtr(std::move(decoded));
}

StreamFramePtr FrameCache::Find(log::Position from) {
  std::lock_guard lock(mutex_);
  const auto at = frames_.find(from);
  if (at == frames_.end()) return nullptr;
  uses_.splice(uses_.begin(), uses_, at->second);
  return at->second->second;
}

void FrameCache::Put(log::Position from, StreamFramePtr frame) {
  std::lock_guard lock(mutex_);
  if (frames_.contains(from)) return;
  bytes_ += frame->bytes;
  uses_.emplace_front(from, std::move(frame));
  frames_.emplace(from, uses_.begin());
  while (bytes_ > bytes_max_ && uses_.size() > 1) {
    bytes_ -= uses_.back().second->bytes;
    frames_.erase(uses_.back().first);
    uses_.pop_back();
  }
}

uint64_t FrameCache::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace tidemark::streams
