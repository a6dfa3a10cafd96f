// The bytes of a run around its sections (docs/formats/run.md; a section's: section_format.h): pure
// coding, nothing read or written here. A run holds
// all row versions of all tables with history for one contiguous range of one shard's log.
//
//   run     := head[512] section* sealed(directory) footer[24]
//   section := sealed(data block)* sealed(totals block)* sealed(meta)
//   sealed(x) := AES-256-GCM(packed(x)) tag[16]       packed := 0 x | 1 raw_size:varint zstd(x)
//
// Parsers take foreign bytes: they fail with kCorruption and never read outside.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "log/position.h"

namespace tidemark::archive {

using RunId = Uuid<struct RunIdTag>;

constexpr BytesView kRunKeyContext = "history run";  // of DataKeyProvider
constexpr size_t kHeadBytes = 512;
constexpr size_t kFooterBytes = 24;
constexpr size_t kRawBytesMax = 256 << 20;  // no packed piece is larger

// Purposes of nonces; the counter is the block's number, 0 where there is one of a kind.
enum class Piece : uint32_t { kHead = 1, kDirectory = 2, kMeta = 3, kData = 4, kTotals = 5 };

// --- Under the run's own key.

struct RunHead {
  RunId id;
  log::Position from, to;    // [from, to) of one log
  Timestamp first_commit{};  // of all changes in the run; zero if there are none
  Timestamp last_commit{};
  Bytes wrapped_key;
  bool operator==(const RunHead&) const = default;
};

// The block without its seal: kHeadBytes - kTagBytes bytes.
Bytes EncodeHead(const RunHead& head);
Result<RunHead> ParseHead(BytesView block);  // kHeadBytes; everything that needs no key

struct RunFooter {
  uint64_t directory_offset = 0;
  uint64_t directory_bytes = 0;  // sealed
};
Bytes EncodeFooter(const RunFooter& footer);
// kCorruption unless directory and footer end a file of `file_bytes`.
Result<RunFooter> ParseFooter(BytesView bytes, uint64_t file_bytes);

struct SectionEntry {
  TableId table;
  uint64_t offset = 0;
  uint64_t bytes = 0;       // whole section, sealed
  uint64_t meta_bytes = 0;  // its last part, sealed
  uint64_t raw_bytes = 0;   // keys and values of its versions
  uint64_t versions = 0;
  Timestamp first_commit{};
  Timestamp last_commit{};
  bool operator==(const SectionEntry&) const = default;
};
using Directory = std::vector<SectionEntry>;  // in order of table id
Bytes EncodeDirectory(const Directory& directory);
// kCorruption unless the sections lie one behind the other from the head to `end`.
Result<Directory> ParseDirectory(BytesView bytes, uint64_t end);

// --- Sealing.

// How hard to compress. Quick: as well but for repetitions that are far apart or short.
enum class Effort : uint8_t { kNone, kQuick, kThorough };
// What Pack may need, for a piece of so many bytes.
size_t PackedBytesMax(size_t raw_bytes);
// Compresses unless that gains nothing. Writes to `out` and tells how many bytes.
size_t Pack(BytesView raw, Effort effort, char* out);
Bytes Pack(BytesView raw);
Result<Bytes> Unpack(BytesView packed);

crypto::Key256 SectionKey(const crypto::Key256& history_key, RunId run, TableId table);

Bytes SealPiece(const crypto::Aead& aead, Piece piece, uint64_t number, BytesView aad,
                BytesView raw);
// Seals what Pack wrote in its place. Returns the size with the tag, for which there is room.
size_t SealPacked(const crypto::Aead& aead, Piece piece, uint64_t number, BytesView aad,
                  char* packed, size_t bytes);
Result<Bytes> OpenPiece(const crypto::Aead& aead, Piece piece, uint64_t number, BytesView aad,
                        BytesView sealed);

}  // namespace tidemark::archive
