#include "shard/change.h"

#include <algorithm>

#include "codec/varint.h"
#include "item/row_key.h"

namespace tidemark::shard {
namespace {

using codec::AppendSized;
using codec::AppendVarint;
using codec::ReadSized;
using codec::ReadVarint;

// Of a table and of an index alike.
template <class Sums>
void AppendSums(const Sums& sums, Bytes* out) {
  AppendVarint(sums.items, out);
  AppendVarint(sums.bytes, out);
  codec::AppendLittle64(sums.hash.low, out);
  codec::AppendLittle64(sums.hash.high, out);
}

template <class Sums>
bool ReadSums(BytesView* in, Sums* sums) {
  return ReadVarint(in, &sums->items) && ReadVarint(in, &sums->bytes) &&
         codec::ReadLittle64(in, &sums->hash.low) && codec::ReadLittle64(in, &sums->hash.high);
}

template <class Sums, class Delta>
void AddSums(Sums& sums, const Delta& delta) {
  sums.items += static_cast<uint64_t>(delta.items);
  sums.bytes += static_cast<uint64_t>(delta.bytes);
  sums.hash += delta.added;
  sums.hash -= delta.removed;
}

// Those of the index that adds up to nothing are taken out, so that equal tables have equal totals.
void AddIndex(std::vector<IndexTotals>& indexes, const IndexDelta& delta) {
  auto at = std::ranges::lower_bound(indexes, delta.index, {}, &IndexTotals::index);
  if (at == indexes.end() || at->index != delta.index) at = indexes.insert(at, {delta.index});
  AddSums(*at, delta);
  if (*at == IndexTotals{delta.index}) indexes.erase(at);
}

bool ReadRow(BytesView* in, RowView* row) {
  BytesView value;
  uint8_t put = 0;
  if (!ReadSized(in, &row->key) || !codec::ReadU8(in, &put) || put > 1) return false;
  row->value.reset();
  if (!put) return true;
  if (!ReadSized(in, &value)) return false;
  row->value = value;
  return true;
}

constexpr uint8_t kStreamed = 1;
constexpr uint8_t kOldKept = 2;
constexpr uint8_t kOldFollows = 4;

void AppendStream(const std::optional<StreamNote>& note, Bytes* out) {
  uint8_t flags = 0;
  if (note) flags |= kStreamed;
  if (note && note->old_kept) flags |= kOldKept;
  if (note && note->old) flags |= kOldFollows;
  codec::AppendU8(flags, out);
  if (note && note->old) AppendSized(*note->old, out);
}

bool ReadStream(BytesView* in, std::optional<StreamNoteView>* note) {
  uint8_t flags = 0;
  if (!codec::ReadU8(in, &flags) || flags > 7) return false;
  note->reset();
  if (flags == 0) return true;
  if (!(flags & kStreamed)) return false;
  note->emplace().old_kept = flags & kOldKept;
  if (!(flags & kOldFollows)) return true;
  BytesView old;
  if (!ReadSized(in, &old)) return false;
  (*note)->old = old;
  return true;
}

bool ReadTable(BytesView* in, TableView* table) {
  BytesView id;
  uint64_t rows = 0;
  if (!codec::ReadBytes(in, 16, &id) || !ReadVarint(in, &rows) || rows > in->size()) return false;
  table->table = TableId::FromBytes(id);
  table->rows.resize(rows);
  for (RowView& row : table->rows) {
    if (!ReadRow(in, &row)) return false;
  }
  return ReadVarint(in, &table->replaced_bytes) && ReadTotals(in, &table->totals) &&
         ReadStream(in, &table->stream);
}

bool ReadChange(BytesView record, ChangeView* change) {
  uint8_t kind = 0;
  uint64_t time = 0, tables = 0;
  if (!codec::ReadU8(&record, &kind) || (kind != 1 && kind != 2) ||
      !codec::ReadLittle64(&record, &time) || !ReadSized(&record, &change->access_key) ||
      !ReadSized(&record, &change->request_id) || !ReadVarint(&record, &tables) ||
      tables > record.size()) {
    return false;
  }
  change->kind = static_cast<ChangeKind>(kind);
  change->commit_time = FromMicros(static_cast<int64_t>(time));
  change->tables.resize(tables);
  for (TableView& table : change->tables) {
    if (!ReadTable(&record, &table)) return false;
  }
  return ReadSized(&record, &change->control) && record.empty();
}

std::optional<Bytes> Copied(const std::optional<BytesView>& view) {
  return view ? std::optional<Bytes>(*view) : std::nullopt;
}

TableChange Copied(const TableView& view) {
  TableChange table{.table = view.table, .replaced_bytes = view.replaced_bytes};
  table.rows.reserve(view.rows.size());
  for (const RowView& row : view.rows) table.rows.push_back({Bytes(row.key), Copied(row.value)});
  table.totals = view.totals;
  if (view.stream) table.stream = {view.stream->old_kept, Copied(view.stream->old)};
  return table;
}

}  // namespace

void AppendTotals(const Totals& totals, Bytes* out) {
  AppendSums(totals, out);
  AppendVarint(totals.indexes.size(), out);
  for (const IndexTotals& index : totals.indexes) {
    codec::AppendLittle16(index.index, out);
    AppendSums(index, out);
  }
}

bool ReadTotals(BytesView* in, Totals* totals) {
  uint64_t indexes = 0;
  if (!ReadSums(in, totals) || !ReadVarint(in, &indexes) || indexes > in->size()) return false;
  totals->indexes.resize(indexes);
  for (size_t i = 0; i < indexes; ++i) {
    IndexTotals& index = totals->indexes[i];
    if (!codec::ReadLittle16(in, &index.index) || !ReadSums(in, &index)) return false;
    if (i > 0 && index.index <= totals->indexes[i - 1].index) return false;
  }
  return true;
}

void EncodeChange(const Change& change, Bytes* frame) {
  thread_local Bytes record;  // reused: one record is built per write
  record.clear();
  record += static_cast<char>(change.kind);
  codec::AppendLittle64(static_cast<uint64_t>(ToMicros(change.commit_time)), &record);
  AppendSized(change.origin.access_key, &record);
  AppendSized(change.origin.request_id, &record);
  AppendVarint(change.tables.size(), &record);
  for (const TableChange& table : change.tables) {
    record += table.table.AsBytes();
    AppendVarint(table.rows.size(), &record);
    for (const RowImage& row : table.rows) {
      AppendSized(row.key, &record);
      record += row.value ? '\1' : '\0';
      if (row.value) AppendSized(*row.value, &record);
    }
    AppendVarint(table.replaced_bytes, &record);
    AppendTotals(table.totals, &record);
    AppendStream(table.stream, &record);
  }
  AppendSized(change.control, &record);
  AppendSized(record, frame);
}

Result<const ChangeView*> ChangeViewReader::Next() {
  if (rest_.empty()) return nullptr;
  BytesView record;
  if (!ReadSized(&rest_, &record) || !ReadChange(record, &change_)) {
    return Fail(ErrorKind::kCorruption, "a change record does not decode");
  }
  return &change_;
}

Result<std::optional<Change>> ChangeReader::Next() {
  TM_TRY(const ChangeView* view, views_.Next());
  if (!view) return std::nullopt;
  Change change{.kind = view->kind,
                .commit_time = view->commit_time,
                .origin = {Bytes(view->access_key), Bytes(view->request_id)},
                .control = Bytes(view->control)};
  change.tables.reserve(view->tables.size());
  for (const TableView& table : view->tables) change.tables.push_back(Copied(table));
  return change;
}

Bytes EncodeTotals(const Totals& totals) {
  Bytes bytes;
  AppendTotals(totals, &bytes);
  return bytes;
}

Result<Totals> DecodeTotals(BytesView bytes) {
  Totals totals;
  if (bytes.empty()) return totals;
  if (!ReadTotals(&bytes, &totals) || !bytes.empty()) {
    return Fail(ErrorKind::kCorruption, "a table's totals do not decode");
  }
  return totals;
}

void Add(Totals& totals, const TotalsDelta& delta) {
  AddSums(totals, delta);
  for (const IndexDelta& index : delta.indexes) AddIndex(totals.indexes, index);
}

TotalsDelta Opposite(const TotalsDelta& delta) {
  TotalsDelta opposite{-delta.items, -delta.bytes, delta.removed, delta.added, {}};
  for (const IndexDelta& index : delta.indexes) {
    opposite.indexes.push_back(
        {index.index, -index.items, -index.bytes, index.removed, index.added});
  }
  return opposite;
}

IndexTotals Totals::OfIndex(uint16_t index) const {
  const auto at = std::ranges::lower_bound(indexes, index, {}, &IndexTotals::index);
  return at != indexes.end() && at->index == index ? *at : IndexTotals{index};
}

const RowImage* TableChange::PrimaryRow() const {
  const bool there = !rows.empty() && item::IndexOf(rows.front().key) == item::kPrimaryIndex;
  return there ? &rows.front() : nullptr;
}

}  // namespace tidemark::shard
