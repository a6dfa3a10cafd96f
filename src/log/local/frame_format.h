// The bytes of one frame (docs/formats/commit_log.md):
//   frame   = header[64] ciphertext[payload_bytes] tag[16] zeros up to a multiple of 4096
//   header  = magic u32 | version u16 | flags u16 (0) | log_id u64 | segment u32 | offset u32 |
//             payload_bytes u32 | zero u32 | first_commit i64 | last_commit i64 | wall i64 |
//             check[8] (SHA-256 of what stands before, cut)
// The header is readable without a key and is the additional data of the seal; the nonce is the
// offset. So a frame validates only in the place and the use of a segment it was written for.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "log/commit_log.h"

namespace tidemark::log {

constexpr size_t kBlockBytes = 4096;
constexpr size_t kFrameHeaderBytes = 64;
constexpr uint32_t kFrameMagic = 0x314d4654;  // "TFM1"
constexpr uint32_t kFrameNoncePurpose = 1;
constexpr uint32_t kSegmentHeaderNoncePurpose = 2;

constexpr size_t PaddedToBlock(size_t bytes) {
  return (bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
}
constexpr size_t FrameBytes(size_t payload_bytes) {
  return PaddedToBlock(kFrameHeaderBytes + payload_bytes + crypto::kTagBytes);
}

struct ParsedFrameHeader {
  FrameHeader header;
  uint32_t payload_bytes = 0;
  size_t frame_bytes() const { return FrameBytes(payload_bytes); }
};

// Writes kFrameHeaderBytes to `out`.
void EncodeFrameHeader(const ParsedFrameHeader& frame, char* out);

// kCorruption with the cause. `bytes` may be longer than the header. Needs no key.
Result<ParsedFrameHeader> ParseFrameHeader(BytesView bytes);

// Seals a whole frame, padding included, into `out` (FrameBytes(payload.size()) bytes) and returns
// its tag, a view into `out`. `header.position` says where it will be written.
BytesView SealFrame(const crypto::Aead& aead, const FrameHeader& header, BytesView payload,
                    char* out);

// Checks the seal of a frame whose header was parsed from `frame`, and writes the payload to
// `payload`. kCorruption when it does not hold.
Result<void> OpenFrame(const crypto::Aead& aead, const ParsedFrameHeader& parsed, BytesView frame,
                       Bytes* payload);

// The tag inside a frame of at least its unpadded length.
BytesView FrameTag(const ParsedFrameHeader& parsed, BytesView frame);

}  // namespace tidemark::log
