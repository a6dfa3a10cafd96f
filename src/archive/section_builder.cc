#include "archive/section_builder.h"

#include <algorithm>

#include "codec/varint.h"

namespace tidemark::archive {
namespace {

constexpr size_t kPieceRows = 4096;

}  // namespace

uint32_t SectionBuilder::Note(Timestamp time, const Bytes& access_key) {
  if (!first_commit_) first_commit_ = time;
  last_commit_ = time;
  const auto [at, is_new] =
      access_key_numbers_.try_emplace(access_key, static_cast<uint32_t>(access_keys_.size()));
  if (is_new) access_keys_.push_back(access_key);
  return at->second;
}

void SectionBuilder::AddWrite(Timestamp time, const shard::Origin& origin,
                              shard::TableChange change) {
  const uint32_t who = Note(time, origin.access_key);
  activity_.Add(Activity::EventOf(time, who, change));
  totals_.push_back({time, change.totals});
  const uint32_t number = static_cast<uint32_t>(changes_.size());
  changes_.push_back({time, who, origin.request_id});
  memory_bytes_ += sizeof(Change) + sizeof(TotalsEntry) + origin.request_id.size();
  for (shard::RowImage& row : change.rows) {
    const size_t bytes = row.key.size() + (row.value ? row.value->size() : 0);
    raw_bytes_ += bytes;
    memory_bytes_ += bytes + 2 * sizeof(Row) + 32;  // a vector's spare room and malloc's own
    char prefix[8] = {};
    std::copy_n(row.key.data(), std::min<size_t>(8, row.key.size()), prefix);
    places_.push_back({codec::LoadBig64(prefix), static_cast<uint32_t>(versions_.size())});
    versions_.push_back({std::move(row.key), std::move(row.value), number});
    if (places_.size() % kPieceRows == 0) SortPiece(std::span(places_).last(kPieceRows));
  }
}

void SectionBuilder::AddControl(Timestamp time, const shard::Origin& origin, Bytes json) {
  const uint32_t who = Note(time, origin.access_key);
  memory_bytes_ += sizeof(ControlAct) + json.size();
  controls_.push_back({time, who, origin.request_id, std::move(json)});
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

const Version* SortedVersions::Next() {
  if (pieces_.empty()) return nullptr;
  const auto behind = [this](Piece a, Piece b) { return Behind(a, b); };
  std::ranges::pop_heap(pieces_, behind);
  Piece& piece = pieces_.back();
  const SectionBuilder::Row& row = section_.versions_[piece.front().row];
  const SectionBuilder::Change& change = section_.changes_[row.change];
  version_ = {row.key, change.time, row.value ? std::optional<BytesView>(*row.value) : std::nullopt,
              change.access_key, change.request_id};
  piece = piece.subspan(1);
  if (piece.empty()) {
    pieces_.pop_back();
  } else {
    std::ranges::push_heap(pieces_, behind);
  }
  return &version_;
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
