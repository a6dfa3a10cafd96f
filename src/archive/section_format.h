// The bytes of one table's section of a run (docs/formats/run.md): pure coding. Parsers take
// foreign bytes: they fail with kCorruption and never read outside.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "shard/change.h"

namespace tidemark::archive {

constexpr size_t kBlockBytes = 64 << 10;  // a block is closed once it holds so much

struct BlockEntry {
  Bytes first_key;           // data blocks
  Timestamp first_commit{};  // totals blocks
  uint64_t bytes = 0;        // sealed
  bool operator==(const BlockEntry&) const = default;
};

struct SecondActivity {
  int64_t second = 0;  // since the epoch, of commit time
  uint64_t puts = 0;
  uint64_t overwrites = 0;  // of the puts: there was an item before
  uint64_t deletes = 0;
  bool operator==(const SecondActivity&) const = default;
};

// What one access key took away in one minute: the who of a disaster.
struct Burst {
  enum class Kind : uint8_t { kDelete = 0, kOverwrite = 1 };
  int64_t minute = 0;       // since the epoch, of commit time
  uint32_t access_key = 0;  // index into SectionMeta::access_keys
  Kind kind = Kind::kDelete;
  uint64_t count = 0;
  Timestamp first{}, last{};  // commit times
  bool operator==(const Burst&) const = default;
};

struct ControlAct {
  Timestamp time{};
  uint32_t access_key = 0;
  Bytes request_id;
  Bytes json;
  bool operator==(const ControlAct&) const = default;
};

struct SectionMeta {
  Timestamp base{};                // times in blocks count from here
  std::vector<Bytes> access_keys;  // who made the changes; "" the server itself
  std::vector<BlockEntry> data;
  std::vector<BlockEntry> totals;
  std::optional<shard::Totals> last_totals;  // after the section's last change of rows
  std::vector<SecondActivity> seconds;       // in order; seconds without changes are left out
  std::vector<Burst> bursts;
  std::vector<ControlAct> controls;
  Bytes filter;  // of the row keys in it (key_filter.h)
  bool operator==(const SectionMeta&) const = default;
};
Bytes EncodeMeta(const SectionMeta& meta);
// kCorruption unless the blocks it lists take exactly `block_bytes`.
Result<SectionMeta> ParseMeta(BytesView bytes, uint64_t block_bytes);

// One state of one row.
struct Version {
  BytesView key;
  Timestamp time{};
  std::optional<BytesView> value;  // null: deleted
  uint32_t access_key = 0;
  BytesView request_id;
};

// Versions go in by (key ascending, time descending); times not before `base`.
class DataBlockBuilder {
 public:
  explicit DataBlockBuilder(Timestamp base) : base_(base) {}
  void Add(const Version& version);
  size_t size() const { return bytes_.size(); }
  const Bytes& bytes() const { return bytes_; }
  void Clear();

 private:
  Timestamp base_;
  Bytes bytes_;
  Bytes last_key_;
};

// Reads a data block's versions one by one. The version's views hold until the next call.
class DataBlockReader {
 public:
  DataBlockReader() = default;
  DataBlockReader(BytesView block, Timestamp base) : rest_(block), base_(base) {}
  // Null at the end.
  Result<const Version*> Next();

 private:
  BytesView rest_;
  Timestamp base_{};
  Bytes key_;
  Version version_;
};

struct TotalsEntry {
  Timestamp time{};
  shard::Totals totals;
};
void AppendTotalsEntry(const TotalsEntry& entry, Timestamp base, Bytes* block);
// Nullopt at the end.
Result<std::optional<TotalsEntry>> ReadTotalsEntry(BytesView* block, Timestamp base);

}  // namespace tidemark::archive
