#include "streams/record_reader.h"

#include <algorithm>
#include <utility>

#include "item/item_codec.h"
#include "item/item_size.h"

namespace tidemark::streams {
namespace {

using catalog::StreamView;

// The log's frames from a position on: decoded once for all who read them.
class FrameSource {
 public:
  FrameSource(log::CommitLog& log, FrameCache& cache) : log_(log), cache_(cache) {}

  // The first frame at or behind `at`; null: there is none yet. `time`: of what is read next, where
  // the log no longer has `at`.
  Result<StreamFramePtr> Next(log::Position at, Timestamp time) {
    if (auto cached = cache_.Find(at)) {
      reader_.reset();
      return cached;
    }
    while (true) {
      auto frame = Read(at);
      if (frame && !*frame) return StreamFramePtr();
      if (frame) {
        bytes_ += (*frame)->payload.size();
        TM_TRY(auto decoded, DecodeFrame(**frame));
        cache_.Put(at, decoded);
        return decoded;
      }
      reader_.reset();
      if (frame.error().kind == ErrorKind::kNotFound) {
        // Truncated: nothing of it is younger than what streams keep.
        at = std::max(log_.begin(), log_.PositionAt(time));
      } else if (!Skip(&at, frame.error())) {
        return Fail(std::move(frame).error());
      }
    }
  }
  uint64_t bytes() const { return bytes_; }

 private:
  Result<std::optional<log::Frame>> Read(log::Position at) {
    if (!reader_) {
      TM_TRY(reader_, log_.Read(at));
    }
    return reader_->Next();
  }

  // Behind a damaged range that an operator has given up.
  bool Skip(log::Position* at, const Error& error) {
    if (error.kind != ErrorKind::kCorruption) return false;
    for (const log::DamagedRange& range : log_.Damage()) {
      if (range.to <= *at) continue;
      if (range.accepted) *at = range.to;
      return range.accepted;
    }
    return false;
  }

  log::CommitLog& log_;
  FrameCache& cache_;
  std::unique_ptr<log::FrameReader> reader_;  // stands where the next one to be read is
  uint64_t bytes_ = 0;
};

Result<uint64_t> SizeOf(const std::optional<Bytes>& image) {
  if (!image) return 0;
  return item::EncodedItemSize(*image);
}

Result<Record> MakeRecord(const catalog::TableRecord& table, const StreamFramePtr& frame,
                          const Change& change) {
  const StreamView view = table.stream->view;
  Record record;
  record.change = std::shared_ptr<const Change>(frame, &change);
  TM_TRY(record.keys, item::KeyFromRow(table.keys, change.key));
  record.show_new =
      change.now && (view == StreamView::kNewImage || view == StreamView::kNewAndOldImages);
  record.show_old =
      change.old && (view == StreamView::kOldImage || view == StreamView::kNewAndOldImages);
  record.size = item::ItemSize(record.keys);
  if (record.show_new) {
    TM_TRY(const uint64_t size, SizeOf(change.now));
    record.size += size;
  }
  if (record.show_old) {
    TM_TRY(const uint64_t size, SizeOf(change.old));
    record.size += size;
  }
  return record;
}

bool NeedsOld(StreamView view) {
  return view == StreamView::kOldImage || view == StreamView::kNewAndOldImages;
}

// One call's work.
class Reading {
 public:
  Reading(const ReadRequest& request, const ReadLimits& limits)
      : request_(request), limits_(limits) {
    result_.after = request.after;
    result_.at = request.at;
  }

  // False: that is enough for one call.
  Result<bool> Take(const StreamFramePtr& frame) {
    for (const Change& change : frame->changes) {
      if (change.sequence.commit >= request_.end) return End();
      if (!IsWanted(change)) continue;
      TM_TRY(Record record, MakeRecord(*request_.table, frame, change));
      if (!result_.records.empty() && bytes_ + record.size > limits_.record_bytes) return false;
      bytes_ += record.size;
      result_.after = change.sequence;
      result_.records.push_back(std::move(record));
      if (result_.records.size() >= request_.records_max) return false;
    }
    Advance({frame->last_commit, Sequence::kIndexMax});
    result_.at = frame->next;
    return !result_.ended;
  }

  // Nothing of the shard up to here is left out.
  void Advance(Sequence to) {
    result_.after = std::max(result_.after, to);
    if (result_.after >= Sequence::Before(request_.end)) result_.ended = true;
  }

  ReadResult& result() { return result_; }

 private:
  bool IsWanted(const Change& change) const {
    if (change.table != request_.table->id || change.sequence <= request_.after) return false;
    // Made before this stream was on, and stored while it was being switched on.
    return change.old_kept || !NeedsOld(request_.table->stream->view);
  }
  bool End() {
    result_.ended = true;
    return false;
  }

  const ReadRequest& request_;
  const ReadLimits& limits_;
  ReadResult result_;
  uint64_t bytes_ = 0;
};

}  // namespace

Result<ReadResult> ReadRecords(shard::Shard& shard, FrameCache& cache, const ReadRequest& request,
                               const ReadLimits& limits) {
  log::CommitLog& log = shard.log();
  const auto settled = shard.SettledNow();
  Reading reading(request, limits);
  ReadResult& result = reading.result();
  if (result.at.log_id != log.log_id()) result.at = log.PositionAt(request.after.commit);
  FrameSource source(log, cache);
  for (size_t frames = 0; result.at <= settled.newest; ++frames) {
    if (frames >= limits.frames || source.bytes() >= limits.log_bytes) return std::move(result);
    TM_TRY(const auto frame, source.Next(result.at, result.after.commit));
    if (!frame || frame->position > settled.newest) break;
    TM_TRY(const bool more, reading.Take(frame));
    if (!more) return std::move(result);
  }
  reading.Advance({settled.time, Sequence::kIndexMax});
  return std::move(result);
}

}  // namespace tidemark::streams
