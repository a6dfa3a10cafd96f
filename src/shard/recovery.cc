#include "shard/recovery.h"

#include <algorithm>

#include "base/files.h"
#include "base/log.h"
#include "codec/crc32.h"
#include "codec/varint.h"
#include "log/position_codec.h"

namespace tidemark::shard {
namespace {

// The log's frames from a position on, without those that cannot be read.
class TailReader {
 public:
  TailReader(log::CommitLog& log, log::Position from)
      : log_(log), damage_(log.Damage()), at_(from) {}

  Result<std::optional<log::Frame>> Next() {
    while (true) {
      if (!reader_) {
        TM_TRY(reader_, log_.Read(at_));
      }
      auto frame = reader_->Next();
      if (frame) {
        if (*frame) at_ = (*frame)->header.position;
        return frame;
      }
      const log::DamagedRange* met = nullptr;
      for (const log::DamagedRange& range : damage_) {
        if (range.to > at_ && (!met || range.from < met->from)) met = &range;
      }
      if (frame.error().kind != ErrorKind::kCorruption || !met) return frame;
      LogWarn("the commit log is damaged from {} to {}, the start goes on behind that: {}",
              met->from.ToString(), met->to.ToString(), met->what);
      at_ = met->to;
      reader_.reset();
    }
  }

 private:
  log::CommitLog& log_;
  const std::vector<log::DamagedRange> damage_;
  log::Position at_;  // everything before it was handed out, or is lost
  std::unique_ptr<log::FrameReader> reader_;
};

// Sees to it that what the tables are owed fits into memory.
class Debts {
 public:
  Debts(const Tables& tables, uint64_t memory_max) : tables_(tables), memory_max_(memory_max) {}

  void Add(log::Position position, TableChange change) {
    const auto at = tables_.find(change.table);
    if (at == tables_.end() || change.rows.empty()) return;
    OpenTable& table = *at->second;
    const uint64_t before = table.BacklogBytes();
    table.Owe(position, std::move(change));
    bytes_ += table.BacklogBytes() - before;
    ++changes_;
  }
  // Between two frames only: a table that has been given part of a frame would count as having all
  // of it.
  void PayIfTooLarge() {
    if (bytes_ <= memory_max_) return;
    // WHY half: what cannot be paid stays, and must not be tried again with every frame.
    while (bytes_ > memory_max_ / 2 && PayLargest()) {
    }
    memory_max_ = std::max(memory_max_, 2 * bytes_);
  }
  uint64_t changes() const { return changes_; }

 private:
  bool PayLargest() {
    OpenTable* largest = nullptr;
    for (const auto& [id, table] : tables_) {
      if (!largest || table->BacklogBytes() > largest->BacklogBytes()) largest = table.get();
    }
    const uint64_t before = largest->BacklogBytes();
    largest->PayEarly();
    const uint64_t paid = before - largest->BacklogBytes();
    bytes_ -= paid;
    return paid > 0;
  }

  const Tables& tables_;
  uint64_t memory_max_;
  uint64_t bytes_ = 0;
  uint64_t changes_ = 0;
};

}  // namespace

Result<std::vector<TableId>> FindTables(const std::string& directory,
                                        const std::function<bool(TableId)>& known) {
  std::vector<TableId> tables;
  TM_TRY(const auto names, ListDirectory(directory));
  for (const std::string& name : names) {
    const auto id = TableId::Parse(name);
    if (id && (!known || known(*id))) {
      tables.push_back(*id);
      continue;
    }
    std::string path = directory + "/" + name;
    LogInfo("removing {}, left by an unfinished act", path);
    // Aside first: a crash must not leave half a table under its name.
    if (id && RenameDurably(path, path + ".dropped")) path += ".dropped";
    if (auto removed = RemoveTree(path); !removed) {
      LogWarn("{} stays until the next start: {}", path, removed.error().message);
    }
  }
  return tables;
}

Result<Tail> ReadTail(log::CommitLog& log, log::Position from, const Tables& tables,
                      uint64_t memory_max) {
  Tail tail;
  Debts debts(tables, memory_max);
  TailReader reader(log, from);
  while (true) {
    TM_TRY(auto frame, reader.Next());
    if (!frame) break;
    tail.last = frame->header.position;
    tail.bytes += frame->payload.size();
    ChangeReader changes(frame->payload);
    while (true) {
      auto next = changes.Next();
      if (!next) return Fail(WithContext(next.error(), "{}", tail.last.ToString()));
      if (!*next) break;
      for (TableChange& change : (*next)->tables) {
        change.stream.reset();  // for readers of the log, not for the table
        debts.Add(tail.last, std::move(change));
      }
    }
    debts.PayIfTooLarge();
  }
  tail.changes = debts.changes();
  return tail;
}

// file := position crc32:u32le of what is before
log::Position LoadReplayStart(const std::string& file, const log::CommitLog& log) {
  const Bytes bytes = ReadFile(file).value_or(Bytes());
  BytesView rest = bytes;
  log::Position position;
  uint32_t crc = 0;
  if (log::ReadPosition(&rest, &position) && codec::ReadLittle32(&rest, &crc) && rest.empty() &&
      crc == codec::Crc32(BytesView(bytes).substr(0, 16)) && position.log_id == log.log_id() &&
      position > log.begin() && position <= log.end()) {
    return position;
  }
  return log.begin();
}

Result<void> StoreReplayStart(const std::string& file, log::Position position) {
  Bytes bytes;
  log::AppendPosition(position, &bytes);
  codec::AppendLittle32(codec::Crc32(bytes), &bytes);
  return ReplaceFile(file, bytes);
}

}  // namespace tidemark::shard
