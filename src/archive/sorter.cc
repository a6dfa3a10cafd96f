#include "archive/sorter.h"

#include "shard/change.h"

namespace tidemark::archive {
namespace {

// The damaged range a reader that stood behind `read_to` ran into.
std::optional<log::DamagedRange> DamageBehind(const log::CommitLog& log, log::Position read_to) {
  for (const log::DamagedRange& range : log.Damage()) {
    if (range.to > read_to) return range;
  }
  return std::nullopt;
}

// Whether the frame has rows of a held table.
Result<bool> ConcernsHeld(const log::Frame& frame, const BatchRequest& request) {
  if (request.held.empty()) return false;
  shard::ChangeViewReader changes(frame.payload);
  while (true) {
    auto next = changes.Next();
    if (!next) return Fail(WithContext(next.error(), "{}", frame.header.position.ToString()));
    if (!*next) return false;
    for (const shard::TableView& table : (*next)->tables) {
      if (!table.rows.empty() && request.held.contains(table.table)) return true;
    }
  }
}

Result<void> Collect(const log::Frame& frame, const BatchRequest& request, Batch* batch,
                     size_t* memory) {
  shard::ChangeViewReader changes(frame.payload);
  while (true) {
    auto next = changes.Next();
    if (!next) return Fail(WithContext(next.error(), "{}", frame.header.position.ToString()));
    if (!*next) return {};
    const shard::ChangeView& change = **next;
    for (const shard::TableView& table : change.tables) {
      if (!request.tables.contains(table.table)) continue;
      SectionBuilder& section = batch->content.sections[table.table];
      *memory -= section.memory_bytes();
      if (change.kind == shard::ChangeKind::kControl) section.AddControl(change);
      if (!table.rows.empty()) section.AddWrite(change, table);
      *memory += section.memory_bytes();
      if (section.empty()) batch->content.sections.erase(table.table);
    }
  }
}

}  // namespace

Result<log::Position> ReadableFrom(const log::CommitLog& log, log::Position mark) {
  const log::Position begin = log.begin();
  if (mark >= begin) return mark;
  const auto segments = log.Segments();
  if (!segments.empty() && segments.front().segment <= mark.segment + 1) return begin;
  return Fail(ErrorKind::kNotFound, "the commit log begins at {}, the history needed at {}",
              begin.ToString(), mark.ToString());
}

Result<Batch> ReadBatch(log::CommitLog& log, const BatchRequest& request,
                        const std::function<bool()>& cancelled) {
  Batch batch;
  batch.content.from = batch.content.to = batch.mark = request.from;
  const auto from = ReadableFrom(log, request.from);
  if (!from) {
    batch.mark = log.begin();
    batch.gap = Gap{request.from, log.begin(), from.error().message};
    return batch;
  }
  size_t memory = 0;
  bool full = false;
  log::Position last_read = request.from;
  TM_TRY(auto reader, log.Read(*from));
  while (true) {
    if (cancelled()) return Fail(ErrorKind::kCancelled, "the sorting of history was stopped");
    auto frame = reader->Next();
    if (!frame && frame.error().kind == ErrorKind::kCorruption) {
      const auto damage = DamageBehind(log, last_read);
      if (!damage) return Fail(frame.error());
      const log::Position begin = std::max(damage->from, request.from);
      if (damage->accepted) {
        batch.gap = Gap{begin, damage->to, damage->what};
        batch.mark = damage->to;
      } else if (begin == request.from) {
        return Fail(frame.error());
      } else {
        batch.mark = begin;
      }
      batch.content.to = begin;
      return batch;
    }
    if (!frame) return Fail(frame.error());
    const log::Position position = *frame ? (*frame)->header.position : request.end;
    if (full || position >= request.end) {
      batch.content.to = batch.mark = std::min(position, request.end);
      return batch;
    }
    TM_TRY(const bool held, ConcernsHeld(**frame, request));
    if (held) {
      batch.content.to = batch.mark = position;
      return batch;
    }
    TM_TRYV(Collect(**frame, request, &batch, &memory));
    last_read = position;
    full = memory >= request.memory_bytes;
  }
}

}  // namespace tidemark::archive
