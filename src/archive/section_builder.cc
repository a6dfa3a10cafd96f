#include "archive/section_builder.h"

#include <algorithm>

#include "codec/varint.h"

namespace tidemark::archive {

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
    memory_bytes_ += bytes + 2 * sizeof(Row) + 32;  // the sorted order and malloc's own
    versions_.push_back({std::move(row.key), std::move(row.value), number});
  }
}

void SectionBuilder::AddControl(Timestamp time, const shard::Origin& origin, Bytes json) {
  const uint32_t who = Note(time, origin.access_key);
  memory_bytes_ += sizeof(ControlAct) + json.size();
  controls_.push_back({time, who, origin.request_id, std::move(json)});
}

std::vector<Version> SectionBuilder::Sorted() const {
  // The key's first bytes decide nearly every comparison without touching the key.
  struct Order {
    uint64_t prefix;
    uint32_t row;
  };
  std::vector<Order> order;
  order.reserve(versions_.size());
  for (uint32_t row = 0; row < versions_.size(); ++row) {
    char prefix[8] = {};
    const Bytes& key = versions_[row].key;
    std::copy_n(key.data(), std::min<size_t>(8, key.size()), prefix);
    order.push_back({codec::LoadBig64(prefix), row});
  }
  std::sort(order.begin(), order.end(), [&](const Order& a, const Order& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    const int compared = versions_[a.row].key.compare(versions_[b.row].key);
    return compared != 0 ? compared < 0 : a.row > b.row;  // rows were added in time order
  });
  std::vector<Version> sorted;
  sorted.reserve(order.size());
  for (const Order& entry : order) {
    const Row& row = versions_[entry.row];
    const Change& change = changes_[row.change];
    sorted.push_back({row.key, change.time,
                      row.value ? std::optional<BytesView>(*row.value) : std::nullopt,
                      change.access_key, change.request_id});
  }
  return sorted;
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
