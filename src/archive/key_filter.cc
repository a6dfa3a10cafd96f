#include "archive/key_filter.h"

#include <xxhash.h>

#include <algorithm>
#include <array>

#include "item/row_key.h"

namespace tidemark::archive {
namespace {

constexpr size_t kBitsPerElement = 10;
constexpr int kProbes = 7;
constexpr size_t kRowKeyHeadBytes = 4;  // of a row key: index and hash

uint64_t Hash(BytesView element) { return XXH3_64bits(element.data(), element.size()); }

// Calls `probe` with the bit numbers of an element, until it says false.
template <class Probe>
bool ForEachBit(uint64_t hash, uint64_t bits, const Probe& probe) {
  const uint64_t step = (hash >> 32) | 1;
  uint64_t at = hash;
  for (int i = 0; i < kProbes; ++i, at += step) {
    if (!probe(at % bits)) return false;
  }
  return true;
}

bool MayHold(BytesView filter, BytesView element) {
  if (filter.empty()) return true;
  return ForEachBit(Hash(element), filter.size() * 8, [&](uint64_t bit) {
    return (static_cast<uint8_t>(filter[bit / 8]) >> (bit % 8) & 1) != 0;
  });
}

// Where a string that begins a row key behind its head would end; 0: there is none.
size_t StringEnd(BytesView key) {
  for (size_t at = kRowKeyHeadBytes;;) {
    const size_t zero = key.find('\0', at);
    if (zero == BytesView::npos || zero + 1 >= key.size()) return 0;
    if (key[zero + 1] == '\x01') return zero + 2;
    at = zero + 2;
  }
}

size_t NumberEnd(BytesView key) {
  if (key.size() <= kRowKeyHeadBytes) return 0;
  const char sign = key[kRowKeyHeadBytes];
  if (sign == '\x80') return kRowKeyHeadBytes + 1;
  if (sign != '\xC0' && sign != '\x40') return 0;
  const size_t end = key.find(sign == '\xC0' ? '\0' : '\xFF', kRowKeyHeadBytes + 2);
  return end == BytesView::npos ? 0 : end + 1;
}

// The parts of a row key that may be its partition, with its head.
std::array<BytesView, 2> Partitions(BytesView key) {
  return {key.substr(0, StringEnd(key)), key.substr(0, NumberEnd(key))};
}

}  // namespace

void KeyFilterBuilder::AddElement(BytesView element) {
  const uint64_t hash = Hash(element);
  if (hashes_.empty() || hashes_.back() != hash) hashes_.push_back(hash);
}

void KeyFilterBuilder::Add(BytesView row_key) {
  if (!hashes_.empty() && row_key == last_key_) return;
  const auto before = Partitions(last_key_);
  const auto now = Partitions(row_key);
  for (size_t i = 0; i < now.size(); ++i) {
    if (!now[i].empty() && now[i] != before[i]) AddElement(now[i]);
  }
  AddElement(row_key);
  last_key_ = row_key;
}

Bytes KeyFilterBuilder::Finish() const {
  if (hashes_.empty()) return {};
  Bytes filter(std::max<size_t>(8, hashes_.size() * kBitsPerElement / 8 + 1), '\0');
  for (const uint64_t hash : hashes_) {
    ForEachBit(hash, filter.size() * 8, [&](uint64_t bit) {
      filter[bit / 8] = static_cast<char>(static_cast<uint8_t>(filter[bit / 8]) | 1 << (bit % 8));
      return true;
    });
  }
  return filter;
}

bool MayHoldKey(BytesView filter, BytesView row_key) { return MayHold(filter, row_key); }

bool MayHoldRange(BytesView filter, BytesView begin, BytesView end) {
  if (filter.empty() || end.empty()) return true;
  for (const BytesView partition : Partitions(begin)) {
    // Every row of the range has it, so it is an element if there is any.
    if (!partition.empty() && end <= item::PrefixEnd(partition) && !MayHold(filter, partition))
      return false;
  }
  return true;
}

}  // namespace tidemark::archive
