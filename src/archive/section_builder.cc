#include "archive/section_builder.h"

#include <algorithm>

#include "codec/varint.h"

namespace tidemark::archive {
namespace {

constexpr size_t kPieceRows = 4096;
constexpr size_t kAhead = 4;  // rows of a piece
constexpr size_t kFetchBytesMax = 2048;
constexpr size_t kCacheLine = 64;

}  // namespace

uint32_t SectionBuilder::Note(const shard::ChangeView& change) {
  if (!first_commit_) first_commit_ = change.commit_time;
  last_commit_ = change.commit_time;
  if (!access_keys_.empty() && access_keys_[last_who_] == change.access_key) return last_who_;
  const auto [at, is_new] = access_key_numbers_.try_emplace(
      Bytes(change.access_key), static_cast<uint32_t>(access_keys_.size()));
  if (is_new) access_keys_.push_back(at->first);
  return last_who_ = at->second;
}

void SectionBuilder::AddWrite(const shard::ChangeView& change, const shard::TableView& table) {
  const uint32_t who = Note(change);
  activity_.Add(
      Activity::EventOf(change.commit_time, who, table.rows.front(), table.replaced_bytes));
  totals_.push_back({change.commit_time, table.totals});
  memory_bytes_ += 2 * sizeof(TotalsEntry);
  const BytesView request_id = values_.Keep(change.request_id);
  for (const shard::RowView& row : table.rows) {
    raw_bytes_ += row.key.size() + (row.value ? row.value->size() : 0);
    memory_bytes_ += 2 * (sizeof(Version) + sizeof(Place));  // with the vectors' spare room
    char prefix[8] = {};
    std::copy_n(row.key.data(), std::min<size_t>(8, row.key.size()), prefix);
    places_.push_back({codec::LoadBig64(prefix), static_cast<uint32_t>(versions_.size())});
    Version& version = versions_.emplace_back();
    version.key = keys_.Keep(row.key);
    version.time = change.commit_time;
    if (row.value) version.value = values_.Keep(*row.value);
    version.access_key = who;
    version.request_id = request_id;
    if (places_.size() % kPieceRows == 0) SortPiece(std::span(places_).last(kPieceRows));
  }
}

void SectionBuilder::AddControl(const shard::ChangeView& change) {
  const uint32_t who = Note(change);
  memory_bytes_ += sizeof(ControlAct) + change.control.size();
  controls_.push_back({change.commit_time, who, Bytes(change.request_id), Bytes(change.control)});
}

bool SectionBuilder::Before(const Place& a, const Place& b) const {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  const int compared = versions_[a.row].key.compare(versions_[b.row].key);
  return compared != 0 ? compared < 0 : a.row > b.row;  // rows were added in time order
}

void SectionBuilder::SortPiece(std::span<Place> piece) const {
  std::ranges::sort(piece, [this](const Place& a, const Place& b) { return Before(a, b); });
}

SortedVersions::SortedVersions(const SectionBuilder& section) : section_(section) {
  std::span<const SectionBuilder::Place> rest = section.places_;
  for (; rest.size() >= kPieceRows; rest = rest.subspan(kPieceRows))
    pieces_.push_back(rest.first(kPieceRows));
  last_piece_.assign(rest.begin(), rest.end());
  section.SortPiece(last_piece_);
  if (!last_piece_.empty()) pieces_.push_back(last_piece_);
  std::ranges::make_heap(pieces_, [this](Piece a, Piece b) { return Behind(a, b); });
}

bool SortedVersions::Behind(Piece a, Piece b) const {
  return section_.Before(b.front(), a.front());
}

// Rows lie in the order of time, so nearly each one's bytes come from memory: they are asked for
// before it is their turn.
void SortedVersions::FetchAhead(Piece piece) const {
  if (piece.size() <= kAhead) return;
  __builtin_prefetch(&section_.versions_[piece[kAhead].row]);
  const Version& version = section_.versions_[piece[kAhead / 2].row];
  __builtin_prefetch(version.key.data());
  if (!version.value) return;
  const size_t bytes = std::min(version.value->size(), kFetchBytesMax);
  for (size_t at = 0; at < bytes; at += kCacheLine) __builtin_prefetch(version.value->data() + at);
}

const Version* SortedVersions::Next() {
  if (pieces_.empty()) return nullptr;
  const auto behind = [this](Piece a, Piece b) { return Behind(a, b); };
  std::ranges::pop_heap(pieces_, behind);
  Piece& piece = pieces_.back();
  const Version& version = section_.versions_[piece.front().row];
  piece = piece.subspan(1);
  FetchAhead(piece);
  if (piece.empty()) {
    pieces_.pop_back();
  } else {
    std::ranges::push_heap(pieces_, behind);
  }
  return &version;
}

SectionMeta SectionBuilder::Meta() const {
  SectionMeta meta;
  meta.base = *first_commit_;
  meta.access_keys = access_keys_;
  if (!totals_.empty()) meta.last_totals = totals_.back().totals;
  meta.seconds = activity_.seconds();
  meta.bursts = activity_.Bursts();
  meta.controls = controls_;
  return meta;
}

}  // namespace tidemark::archive
