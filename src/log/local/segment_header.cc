#include "log/local/segment_header.h"

#include <cstring>

#include "base/assert.h"
#include "codec/varint.h"
#include "crypto/hash.h"

namespace tidemark::log {
namespace {

constexpr BytesView kSegmentMagic = "TIDELOG1";
constexpr uint32_t kSegmentVersion = 1;
constexpr size_t kHeaderFixedBytes = 64;
constexpr size_t kTagOffset = kBlockBytes - crypto::kTagBytes;
constexpr size_t kHeaderCheckBytes = 8;
constexpr size_t kHeaderCheckOffset = kTagOffset - kHeaderCheckBytes;
constexpr size_t kUseOffset = kHeaderCheckOffset - crypto::kTagBytes;
static_assert(kHeaderFixedBytes + kWrappedKeyBytesMax == kUseOffset);
constexpr crypto::Nonce kNonce{.purpose = kSegmentHeaderNoncePurpose, .counter = 0};

}  // namespace

void EncodeSegmentHeader(const SegmentHeader& header, const crypto::Aead& aead, char* out,
                         ChainTag* tag) {
  TM_ASSERT(header.wrapped_key.size() <= kWrappedKeyBytesMax);
  std::memset(out, 0, kBlockBytes);
  std::memcpy(out, kSegmentMagic.data(), kSegmentMagic.size());
  codec::StoreLittle32(kSegmentVersion, out + 8);
  codec::StoreLittle32(header.segment_bytes, out + 12);
  codec::StoreLittle64(header.log_id, out + 16);
  codec::StoreLittle32(header.segment, out + 24);
  codec::StoreLittle32(header.before.segment, out + 28);
  codec::StoreLittle32(header.before.end, out + 32);
  codec::StoreLittle32(static_cast<uint32_t>(header.wrapped_key.size()), out + 36);
  codec::StoreLittle64(static_cast<uint64_t>(ToMicros(header.last_commit)), out + 40);
  std::memcpy(out + 48, header.before.tag.data(), header.before.tag.size());
  std::memcpy(out + kHeaderFixedBytes, header.wrapped_key.data(), header.wrapped_key.size());
  std::memcpy(out + kUseOffset, header.before.use.data(), header.before.use.size());
  crypto::Digest256 digest = crypto::Sha256({out, kHeaderCheckOffset});
  std::memcpy(out + kHeaderCheckOffset, digest.data(), kHeaderCheckBytes);
  // Nothing is encrypted: the seal's only output is the tag.
  aead.Seal(kNonce, {out, kTagOffset}, {}, out + kTagOffset);
  std::memcpy(tag->data(), out + kTagOffset, tag->size());
}

Result<SegmentHeader> ParseSegmentHeader(BytesView block) {
  if (block.size() < kBlockBytes) {
    return Fail(ErrorKind::kCorruption, "the segment header is cut off");
  }
  const char* in = block.data();
  if (block.substr(0, kSegmentMagic.size()) != kSegmentMagic) {
    return Fail(ErrorKind::kCorruption, "this is not a segment of a commit log");
  }
  crypto::Digest256 digest = crypto::Sha256({in, kHeaderCheckOffset});
  if (std::memcmp(in + kHeaderCheckOffset, digest.data(), kHeaderCheckBytes) != 0) {
    return Fail(ErrorKind::kCorruption, "the segment header is damaged");
  }
  if (uint32_t version = codec::LoadLittle32(in + 8); version != kSegmentVersion) {
    return Fail(ErrorKind::kCorruption, "the segment has version {}, not one this build knows",
                version);
  }
  SegmentHeader header;
  header.segment_bytes = codec::LoadLittle32(in + 12);
  header.log_id = codec::LoadLittle64(in + 16);
  header.segment = codec::LoadLittle32(in + 24);
  header.before.segment = codec::LoadLittle32(in + 28);
  header.before.end = codec::LoadLittle32(in + 32);
  uint32_t wrapped_bytes = codec::LoadLittle32(in + 36);
  header.last_commit = FromMicros(static_cast<int64_t>(codec::LoadLittle64(in + 40)));
  std::memcpy(header.before.tag.data(), in + 48, header.before.tag.size());
  std::memcpy(header.before.use.data(), in + kUseOffset, header.before.use.size());
  if (wrapped_bytes > kWrappedKeyBytesMax) {
    return Fail(ErrorKind::kCorruption, "the segment header names a key of {} bytes",
                wrapped_bytes);
  }
  header.wrapped_key = Bytes(block.substr(kHeaderFixedBytes, wrapped_bytes));
  return header;
}

Result<ChainTag> CheckSegmentHeaderSeal(BytesView block, const crypto::Aead& aead) {
  char nothing = 0;
  if (!aead.Open(kNonce, block.substr(0, kTagOffset), block.substr(kTagOffset, crypto::kTagBytes),
                 &nothing)) {
    return Fail(ErrorKind::kCorruption, "the segment header's seal does not hold");
  }
  ChainTag tag;
  std::memcpy(tag.data(), block.data() + kTagOffset, tag.size());
  return tag;
}

}  // namespace tidemark::log
