#include "archive/section_format.h"

#include <algorithm>

#include "archive/coding.h"
#include "crypto/aead.h"

namespace tidemark::archive {
namespace {

using codec::AppendSized;
using codec::AppendVarint;
using codec::ReadSized;
using codec::ReadVarint;
using codec::ReadVarint32;
using shard::AppendTotals;
using shard::ReadTotals;

uint64_t Since(Timestamp time, Timestamp base) {
  return static_cast<uint64_t>(ToMicros(time)) - static_cast<uint64_t>(ToMicros(base));
}

// A time stored as what has passed since `base`.
bool ReadTimeSince(BytesView* in, Timestamp base, Timestamp* time) {
  uint64_t micros = 0;
  if (!ReadVarint(in, &micros) || micros > static_cast<uint64_t>(INT64_MAX / 2)) return false;
  *time = FromMicros(static_cast<int64_t>(static_cast<uint64_t>(ToMicros(base)) + micros));
  return true;
}

// Adds a step to what was before.
bool ReadStep(BytesView* in, int64_t* value) {
  uint64_t coded = 0;
  if (!ReadVarint(in, &coded)) return false;
  const uint64_t step = (coded >> 1) ^ (0 - (coded & 1));
  *value = static_cast<int64_t>(static_cast<uint64_t>(*value) + step);
  return true;
}
// Of the step from `before` to `to`.
void AppendStep(int64_t to, int64_t before, Bytes* out) {
  const auto value =
      static_cast<int64_t>(static_cast<uint64_t>(to) - static_cast<uint64_t>(before));
  AppendVarint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63), out);
}

bool ReadBurst(BytesView* in, const SectionMeta& meta, int64_t* minute, Burst* burst) {
  uint8_t kind = 0;
  if (!ReadStep(in, minute) || !ReadVarint32(in, &burst->access_key) || !codec::ReadU8(in, &kind) ||
      kind > 1 || !ReadVarint(in, &burst->count) || !ReadTimeSince(in, meta.base, &burst->first) ||
      !ReadTimeSince(in, meta.base, &burst->last)) {
    return false;
  }
  burst->minute = *minute;
  burst->kind = static_cast<Burst::Kind>(kind);
  return burst->access_key < meta.access_keys.size();
}

bool ReadMeta(BytesView in, SectionMeta* meta) {
  uint64_t count = 0;
  BytesView text;
  if (!ReadTime(&in, &meta->base) || !ReadCount(&in, &count)) return false;
  for (; count; --count) {
    if (!ReadSized(&in, &text)) return false;
    meta->access_keys.emplace_back(text);
  }
  if (!ReadCount(&in, &count)) return false;
  for (; count; --count) {
    BlockEntry& block = meta->data.emplace_back();
    if (!ReadSized(&in, &text) || !ReadVarint(&in, &block.bytes)) return false;
    block.first_key = text;
  }
  if (!ReadCount(&in, &count)) return false;
  for (; count; --count) {
    BlockEntry& block = meta->totals.emplace_back();
    if (!ReadTimeSince(&in, meta->base, &block.first_commit) || !ReadVarint(&in, &block.bytes))
      return false;
  }
  uint8_t has_totals = 0;
  if (!codec::ReadU8(&in, &has_totals) || has_totals > 1) return false;
  if (has_totals && !ReadTotals(&in, &meta->last_totals.emplace())) return false;
  if (!ReadCount(&in, &count)) return false;
  for (int64_t second = 0; count; --count) {
    SecondActivity& entry = meta->seconds.emplace_back();
    if (!ReadStep(&in, &second) || !ReadVarint(&in, &entry.puts) ||
        !ReadVarint(&in, &entry.overwrites) || !ReadVarint(&in, &entry.deletes)) {
      return false;
    }
    entry.second = second;
  }
  if (!ReadCount(&in, &count)) return false;
  for (int64_t minute = 0; count; --count) {
    if (!ReadBurst(&in, *meta, &minute, &meta->bursts.emplace_back())) return false;
  }
  if (!ReadCount(&in, &count)) return false;
  for (; count; --count) {
    ControlAct& act = meta->controls.emplace_back();
    BytesView request_id, json;
    if (!ReadTimeSince(&in, meta->base, &act.time) || !ReadVarint32(&in, &act.access_key) ||
        !ReadSized(&in, &request_id) || !ReadSized(&in, &json) ||
        act.access_key >= meta->access_keys.size()) {
      return false;
    }
    act.request_id = request_id;
    act.json = json;
  }
  if (!ReadSized(&in, &text)) return false;
  meta->filter = text;
  return in.empty();
}

}  // namespace

Bytes EncodeMeta(const SectionMeta& meta) {
  Bytes out;
  AppendTime(meta.base, &out);
  AppendVarint(meta.access_keys.size(), &out);
  for (const Bytes& key : meta.access_keys) AppendSized(key, &out);
  AppendVarint(meta.data.size(), &out);
  for (const BlockEntry& block : meta.data) {
    AppendSized(block.first_key, &out);
    AppendVarint(block.bytes, &out);
  }
  AppendVarint(meta.totals.size(), &out);
  for (const BlockEntry& block : meta.totals) {
    AppendVarint(Since(block.first_commit, meta.base), &out);
    AppendVarint(block.bytes, &out);
  }
  codec::AppendU8(meta.last_totals ? 1 : 0, &out);
  if (meta.last_totals) AppendTotals(*meta.last_totals, &out);
  AppendVarint(meta.seconds.size(), &out);
  int64_t second = 0;
  for (const SecondActivity& entry : meta.seconds) {
    AppendStep(entry.second, second, &out);
    AppendVarint(entry.puts, &out);
    AppendVarint(entry.overwrites, &out);
    AppendVarint(entry.deletes, &out);
    second = entry.second;
  }
  AppendVarint(meta.bursts.size(), &out);
  int64_t minute = 0;
  for (const Burst& burst : meta.bursts) {
    AppendStep(burst.minute, minute, &out);
    AppendVarint(burst.access_key, &out);
    codec::AppendU8(static_cast<uint8_t>(burst.kind), &out);
    AppendVarint(burst.count, &out);
    AppendVarint(Since(burst.first, meta.base), &out);
    AppendVarint(Since(burst.last, meta.base), &out);
    minute = burst.minute;
  }
  AppendVarint(meta.controls.size(), &out);
  for (const ControlAct& act : meta.controls) {
    AppendVarint(Since(act.time, meta.base), &out);
    AppendVarint(act.access_key, &out);
    AppendSized(act.request_id, &out);
    AppendSized(act.json, &out);
  }
  AppendSized(meta.filter, &out);
  return out;
}

Result<SectionMeta> ParseMeta(BytesView bytes, uint64_t block_bytes) {
  SectionMeta meta;
  if (!ReadMeta(bytes, &meta)) return Damaged("a section's meta part");
  const auto take = [&](const BlockEntry& block) {
    if (block.bytes <= crypto::kTagBytes || block.bytes > block_bytes) return false;
    block_bytes -= block.bytes;
    return true;
  };
  if (!std::all_of(meta.data.begin(), meta.data.end(), take) ||
      !std::all_of(meta.totals.begin(), meta.totals.end(), take) || block_bytes != 0) {
    return Fail(ErrorKind::kCorruption, "a section's blocks do not add up to its size");
  }
  return meta;
}

// version := shared:varint suffix:sized time:varint put:u8 access_key:varint request_id:sized
//            [value:sized]
void DataBlockBuilder::Add(const Version& version) {
  size_t shared = 0;
  const size_t most = std::min(last_key_.size(), version.key.size());
  while (shared < most && last_key_[shared] == version.key[shared]) ++shared;
  AppendVarint(shared, &bytes_);
  AppendSized(version.key.substr(shared), &bytes_);
  AppendVarint(Since(version.time, base_), &bytes_);
  codec::AppendU8(version.value ? 1 : 0, &bytes_);
  AppendVarint(version.access_key, &bytes_);
  AppendSized(version.request_id, &bytes_);
  if (version.value) AppendSized(*version.value, &bytes_);
  last_key_.resize(shared);
  last_key_ += version.key.substr(shared);
}

void DataBlockBuilder::Clear() {
  bytes_.clear();
  last_key_.clear();
}

Result<const Version*> DataBlockReader::Next() {
  if (rest_.empty()) return nullptr;
  uint64_t shared = 0;
  uint8_t put = 0;
  BytesView suffix, value;
  if (!ReadVarint(&rest_, &shared) || shared > key_.size() || !ReadSized(&rest_, &suffix) ||
      !ReadTimeSince(&rest_, base_, &version_.time) || !codec::ReadU8(&rest_, &put) || put > 1 ||
      !ReadVarint32(&rest_, &version_.access_key) || !ReadSized(&rest_, &version_.request_id) ||
      (put && !ReadSized(&rest_, &value))) {
    return Damaged("a block of row versions");
  }
  key_.resize(shared);
  key_ += suffix;
  version_.key = key_;
  version_.value = put ? std::optional<BytesView>(value) : std::nullopt;
  return &version_;
}

void AppendTotalsEntry(const TotalsEntry& entry, Timestamp base, Bytes* block) {
  AppendVarint(Since(entry.time, base), block);
  AppendTotals(entry.totals, block);
}

Result<std::optional<TotalsEntry>> ReadTotalsEntry(BytesView* block, Timestamp base) {
  if (block->empty()) return std::nullopt;
  TotalsEntry entry;
  if (!ReadTimeSince(block, base, &entry.time) || !ReadTotals(block, &entry.totals))
    return Damaged("a block of totals");
  return entry;
}

}  // namespace tidemark::archive
