// The first block of a segment (docs/formats/commit_log.md):
//   block  = magic[8] "TIDELOG1" | version u32 | segment_bytes u32 | log_id u64 | segment u32 |
//            before.segment u32 | before.end u32 | wrapped_bytes u32 | last_commit i64 |
//            before.tag[16] | wrapped key[wrapped_bytes] | zeros | before.use[16] | check[8] |
//            tag[16]
// `check` finds accidents without a key; `tag` seals the block under the segment's own key, so the
// chain of segments cannot be rewritten by someone who has only the disk.
#pragma once
#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "log/local/frame_format.h"

namespace tidemark::log {

constexpr BytesView kSegmentKeyContext = "log segment";  // of DataKeyProvider

// The tag a segment ends with: of its last accepted frame or, without frames, of its header.
using ChainTag = std::array<char, crypto::kTagBytes>;

struct SegmentHeader {
  uint64_t log_id = 0;
  uint32_t segment = 0;
  uint32_t segment_bytes = 0;
  // The last segment there was when this one began, as it was then; 0 = this is the log's first.
  struct Before {
    uint32_t segment = 0;
    uint32_t end = 0;
    ChainTag tag{};  // zeros: where it ends could not be known
    // The tag of that segment's header, which names one use of it: the file of another use in its
    // place (an old copy, a fork) is told by it. Zeros: not recorded.
    ChainTag use{};
    bool operator==(const Before&) const = default;
  };
  Before before;
  Timestamp last_commit{};  // largest commit time of all frames before this segment
  Bytes wrapped_key;
};

constexpr size_t kWrappedKeyBytesMax = kBlockBytes - 64 - 16 - 24;

// Writes one block, its tag included, to `out`; `tag` gets the tag. The wrapped key must not be
// longer than kWrappedKeyBytesMax.
void EncodeSegmentHeader(const SegmentHeader& header, const crypto::Aead& aead, char* out,
                         ChainTag* tag);

// kCorruption with the cause; checks everything that needs no key.
Result<SegmentHeader> ParseSegmentHeader(BytesView block);

// kCorruption unless the block was sealed under this key. Gives the block's tag.
Result<ChainTag> CheckSegmentHeaderSeal(BytesView block, const crypto::Aead& aead);

}  // namespace tidemark::log
