#include "shard/owed_run.h"

#include <functional>

#include "base/files.h"
#include "base/log.h"
#include "codec/varint.h"
#include "log/position_codec.h"
#include "shard/apply_patiently.h"
#include "shard/owed_file.h"

namespace tidemark::shard {
namespace {

constexpr size_t kFrameBytes = 1 << 20;
constexpr std::string_view kHalf = ".making";

Bytes KeyContext(TableId table) { return "owed run " + table.ToString(); }

// The rows of one frame of the run.
Result<std::vector<engine::RowWrite>> DecodeRows(BytesView plain, const std::string& path) {
  std::vector<engine::RowWrite> rows;
  while (!plain.empty()) {
    engine::RowWrite row;
    uint8_t put = 0;
    BytesView value;
    if (!codec::ReadSized(&plain, &row.key) || !codec::ReadU8(&plain, &put) || put > 1 ||
        (put && !codec::ReadSized(&plain, &value))) {
      return Fail(ErrorKind::kCorruption, "{}: rows do not decode", path);
    }
    if (put) row.value = value;
    rows.push_back(row);
  }
  return rows;
}

struct RunEnds {
  log::Position from, through;
  Totals totals;
};
Result<RunEnds> DecodeBegin(BytesView plain, const std::string& path) {
  RunEnds ends;
  if (!ReadPosition(&plain, &ends.from) || !ReadPosition(&plain, &ends.through) || !plain.empty())
    return Fail(ErrorKind::kCorruption, "{}: its begin does not decode", path);
  return ends;
}

using OnRows = std::function<Result<void>(std::span<const engine::RowWrite>)>;

Result<RunEnds> ReadRun(const std::string& path, TableId table, crypto::DataKeyProvider& keys,
                        const OnRows& on_rows) {
  TM_TRY(auto reader, OwedFileReader::Open(path, KeyContext(table), keys));
  RunEnds ends;
  while (true) {
    TM_TRY(auto frame, reader.Next());
    if (!frame) return ends;
    if (frame->kind == OwedFrameKind::kRows) {
      TM_TRY(const auto rows, DecodeRows(frame->plain, path));
      if (on_rows) TM_TRYV(on_rows(rows));
    } else if (frame->kind == OwedFrameKind::kBegin) {
      TM_TRY(ends, DecodeBegin(frame->plain, path));
    } else {
      TM_TRY(ends.totals, DecodeTotals(frame->plain));
    }
  }
}

// Up to where a run reaches, without reading its rows.
Result<log::Position> ReadThrough(const std::string& path, TableId table,
                                  crypto::DataKeyProvider* keys) {
  if (!keys) return Fail(ErrorKind::kUnavailable, "{}: this shard has no key for it", path);
  TM_TRY(auto reader, OwedFileReader::Open(path, KeyContext(table), *keys));
  TM_TRY(const auto begin, reader.Next());
  if (!begin || begin->kind != OwedFrameKind::kBegin)
    return Fail(ErrorKind::kCorruption, "{}: it does not begin as an owed run", path);
  TM_TRY(const RunEnds ends, DecodeBegin(begin->plain, path));
  return ends.through;
}

}  // namespace

Result<OwedRun> OwedRuns::Write(log::CommitLog& log, const Slice& slice) const {
  if (!keys_) return Fail(ErrorKind::kUnavailable, "this shard has no key for owed runs");
  TM_TRYV(MakeDirectories(directory_));
  const std::string path = PathOf(slice.table);
  TM_TRY(auto file, OwedFileWriter::Make(path, KeyContext(slice.table), *keys_));
  Bytes plain;
  AppendPosition(slice.from, &plain);
  AppendPosition(slice.through, &plain);
  TM_TRYV(file.Append(OwedFrameKind::kBegin, plain));
  plain.clear();
  std::optional<Totals> totals;
  TM_TRY(auto reader, log.Read(slice.from));
  while (true) {
    TM_TRY(auto frame, reader->Next());
    if (!frame || frame->header.position > slice.through) break;
    ChangeReader changes(frame->payload);
    while (true) {
      TM_TRY(auto change, changes.Next());
      if (!change) break;
      for (const TableChange& table : change->tables) {
        if (table.table != slice.table || table.rows.empty()) continue;
        totals = table.totals;
        for (const RowImage& row : table.rows) {
          codec::AppendSized(row.key, &plain);
          codec::AppendU8(row.value ? 1 : 0, &plain);
          if (row.value) codec::AppendSized(*row.value, &plain);
        }
      }
      if (plain.size() < kFrameBytes) continue;
      TM_TRYV(file.Append(OwedFrameKind::kRows, plain));
      plain.clear();
    }
  }
  if (!totals) {
    return Fail(ErrorKind::kInternal, "the log holds no change of table {} from {} to {}",
                slice.table.ToString(), slice.from.ToString(), slice.through.ToString());
  }
  if (!plain.empty()) TM_TRYV(file.Append(OwedFrameKind::kRows, plain));
  TM_TRYV(file.Append(OwedFrameKind::kEnd, EncodeTotals(*totals)));
  TM_TRYV(file.Finish());
  return OwedRun{.path = path, .through = slice.through};
}

Result<void> OwedRuns::Apply(const OwedRun& run, TableId table, engine::TableStore& store) const {
  if (!keys_) return Fail(ErrorKind::kUnavailable, "this shard has no key for owed runs");
  const log::Position flushed = store.Flushed();
  const auto has = [&](log::Position through) {
    return flushed.log_id == through.log_id && flushed >= through;
  };
  // Its file may be gone already: it goes once the store has all of it.
  if (run.through != log::Position{} && has(run.through)) return {};
  TM_TRY(const RunEnds ends, ReadRun(run.path, table, *keys_, nullptr));
  if (has(ends.through)) return {};
  const Bytes note = store.Note();
  const OnRows apply = [&](std::span<const engine::RowWrite> rows) {
    // Under the position the store has: it may speak for the run's end only when all is there.
    return ApplyPatiently(store, rows, flushed, note);
  };
  TM_TRYV(ReadRun(run.path, table, *keys_, apply));
  return store.SetPosition(ends.through, EncodeTotals(ends.totals));
}

Result<std::map<TableId, OwedRun>> OwedRuns::Find() const {
  std::map<TableId, OwedRun> found;
  if (!Exists(directory_)) return found;
  TM_TRY(const auto names, ListDirectory(directory_));
  for (const std::string& name : names) {
    const std::string path = directory_ + "/" + name;
    if (name.ends_with(kHalf)) {
      TM_TRYV(RemoveFile(path));
      continue;
    }
    const auto table = TableId::Parse(name);
    if (!table) continue;
    OwedRun run{.path = path, .through = {}};
    if (auto through = ReadThrough(path, *table, keys_)) {
      run.through = *through;
    } else {
      // Its table cannot be opened, and says why then; the others can.
      LogError("owed_run: {}", through.error().message);
    }
    found.emplace(*table, std::move(run));
  }
  return found;
}

Result<void> OwedRuns::Remove(TableId table) const {
  const std::string path = PathOf(table);
  if (!Exists(path)) return {};
  TM_TRYV(RemoveFile(path));
  return SyncDirectory(directory_);
}

}  // namespace tidemark::shard
