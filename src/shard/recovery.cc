#include "shard/recovery.h"

#include <filesystem>

#include "base/files.h"
#include "base/log.h"
#include "codec/crc32.h"
#include "codec/varint.h"

namespace tidemark::shard {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBatchBytes = 1 << 20;

// Rows of one table waiting to be applied during replay.
struct PendingRows {
  std::vector<RowImage> rows;
  size_t bytes = 0;
  log::Position first, position;  // of the frames they come from
  Totals totals;
};

Result<void> ApplyRows(OpenTable& table, PendingRows* pending) {
  std::vector<engine::RowWrite> writes;
  writes.reserve(pending->rows.size());
  for (const RowImage& row : pending->rows) {
    writes.push_back({row.key, row.value ? std::optional<BytesView>(*row.value) : std::nullopt});
  }
  auto applied =
      table.mutable_store().Apply(writes, pending->position, EncodeTotals(pending->totals));
  if (!applied) {
    return Fail(WithContext(applied.error(), "replaying the commit log into table {}",
                            table.id().ToString()));
  }
  table.Replayed(pending->first, pending->position);
  table.SetTotals(pending->totals);
  table.queued = pending->totals;
  *pending = {};
  return {};
}

}  // namespace

Result<OpenTables> OpenAllTables(const std::string& directory, engine::Engine& engine) {
  OpenTables tables;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    const auto id = TableId::Parse(name);
    if (!id) {
      LogInfo("removing {}, left by an unfinished act", entry.path().string());
      fs::remove_all(entry.path(), error);
      continue;
    }
    auto store = engine.Open(entry.path().string(), *id);
    if (!store) return Fail(WithContext(store.error(), "opening table {}", name));
    auto totals = DecodeTotals((*store)->Note());
    if (!totals) return Fail(WithContext(totals.error(), "opening table {}", name));
    tables[*id] = std::make_shared<OpenTable>(*id, std::move(*store), *totals);
  }
  if (error) return Fail(FromErrno(error.value(), "listing " + directory));
  return tables;
}

Result<void> Replay(log::CommitLog& log, log::Position from, OpenTables& tables) {
  std::unordered_map<TableId, log::Position> durable;
  for (const auto& [id, table] : tables) {
    durable[id] = table->store().Flushed();
    // New frames would come to stand at positions the table takes for applied, and be lost at the
    // next start.
    if (durable[id].log_id == log.log_id() && durable[id] >= log.end()) {
      return Fail(ErrorKind::kCorruption,
                  "table {} holds changes up to {}, but the commit log ends at {}: its newest part "
                  "is missing or was "
                  "replaced by an older copy. Put the log's newest segment back",
                  id.ToString(), durable[id].ToString(), log.end().ToString());
    }
  }

  std::unordered_map<TableId, PendingRows> pending;
  uint64_t replayed = 0;
  TM_TRY(auto reader, log.Read(from));
  while (true) {
    TM_TRY(auto frame, reader->Next());
    if (!frame) break;
    const log::Position position = frame->header.position;
    ChangeReader changes(frame->payload);
    while (true) {
      auto next = changes.Next();
      if (!next) return Fail(WithContext(next.error(), "{}", position.ToString()));
      if (!*next) break;
      for (TableChange& change : (*next)->tables) {
        const auto table = tables.find(change.table);
        if (table == tables.end() || change.rows.empty()) continue;
        const log::Position& known = durable[change.table];
        if (known.log_id == position.log_id && position <= known) continue;
        PendingRows& rows = pending[change.table];
        // A batch carries the position it is complete up to, so it may end only between frames.
        if (rows.bytes > kBatchBytes && rows.position != position) {
          TM_TRYV(ApplyRows(*table->second, &rows));
        }
        for (RowImage& row : change.rows) {
          rows.bytes += row.key.size() + (row.value ? row.value->size() : 0);
          rows.rows.push_back(std::move(row));
        }
        if (rows.first == log::Position{}) rows.first = position;
        rows.position = position;
        rows.totals = change.totals;
        ++replayed;
      }
    }
  }
  for (auto& [id, rows] : pending) {
    if (!rows.rows.empty()) TM_TRYV(ApplyRows(*tables.at(id), &rows));
  }
  if (replayed) LogInfo("replayed {} changes from the commit log", replayed);
  return {};
}

// file := log_id:u64le segment:u32le offset:u32le crc32:u32le of what is before
log::Position LoadReplayStart(const std::string& file, const log::CommitLog& log) {
  const Bytes bytes = ReadFile(file).value_or(Bytes());
  BytesView rest = bytes;
  log::Position position;
  uint32_t crc = 0;
  if (codec::ReadLittle64(&rest, &position.log_id) &&
      codec::ReadLittle32(&rest, &position.segment) &&
      codec::ReadLittle32(&rest, &position.offset) && codec::ReadLittle32(&rest, &crc) &&
      rest.empty() && crc == codec::Crc32(BytesView(bytes).substr(0, 16)) &&
      position.log_id == log.log_id() && position > log.begin()) {
    return position;
  }
  return log.begin();
}

Result<void> StoreReplayStart(const std::string& file, log::Position position) {
  Bytes bytes;
  codec::AppendLittle64(position.log_id, &bytes);
  codec::AppendLittle32(position.segment, &bytes);
  codec::AppendLittle32(position.offset, &bytes);
  codec::AppendLittle32(codec::Crc32(bytes), &bytes);
  return ReplaceFile(file, bytes);
}

}  // namespace tidemark::shard
