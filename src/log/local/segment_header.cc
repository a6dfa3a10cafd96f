#include "log/local/segment_header.h"

#include <cstring>

#include "base/assert.h"
#include "crypto/hash.h"
#include "log/local/little_endian.h"

namespace tidemark::log {
namespace {

constexpr BytesView kMagic = "TIDELOG1";
constexpr uint32_t kVersion = 1;
constexpr size_t kFixedBytes = 64;
constexpr size_t kTagOffset = kBlockBytes - crypto::kTagBytes;
constexpr size_t kCheckBytes = 8;
constexpr size_t kCheckOffset = kTagOffset - kCheckBytes;
constexpr crypto::Nonce kNonce{.purpose = kSegmentHeaderNoncePurpose, .counter = 0};

}  // namespace

void EncodeSegmentHeader(const SegmentHeader& header, const crypto::Aead& aead, char* out,
                         ChainTag* tag) {
  TM_ASSERT(header.wrapped_key.size() <= kWrappedKeyBytesMax);
  std::memset(out, 0, kBlockBytes);
  std::memcpy(out, kMagic.data(), kMagic.size());
  StoreAt<uint32_t>(out, 8, kVersion);
  StoreAt<uint32_t>(out, 12, header.segment_bytes);
  StoreAt<uint64_t>(out, 16, header.log_id);
  StoreAt<uint32_t>(out, 24, header.segment);
  StoreAt<uint32_t>(out, 28, header.before.segment);
  StoreAt<uint32_t>(out, 32, header.before.end);
  StoreAt<uint32_t>(out, 36, static_cast<uint32_t>(header.wrapped_key.size()));
  StoreAt<int64_t>(out, 40, ToMicros(header.last_commit));
  std::memcpy(out + 48, header.before.tag.data(), header.before.tag.size());
  std::memcpy(out + kFixedBytes, header.wrapped_key.data(), header.wrapped_key.size());
  crypto::Digest256 digest = crypto::Sha256({out, kCheckOffset});
  std::memcpy(out + kCheckOffset, digest.data(), kCheckBytes);
  // Nothing is encrypted: the seal's only output is the tag.
  aead.Seal(kNonce, {out, kTagOffset}, {}, out + kTagOffset);
  std::memcpy(tag->data(), out + kTagOffset, tag->size());
}

Result<SegmentHeader> ParseSegmentHeader(BytesView block) {
  if (block.size() < kBlockBytes) {
    return Fail(ErrorKind::kCorruption, "the segment header is cut off");
  }
  const char* in = block.data();
  if (block.substr(0, kMagic.size()) != kMagic) {
    return Fail(ErrorKind::kCorruption, "this is not a segment of a commit log");
  }
  crypto::Digest256 digest = crypto::Sha256({in, kCheckOffset});
  if (std::memcmp(in + kCheckOffset, digest.data(), kCheckBytes) != 0) {
    return Fail(ErrorKind::kCorruption, "the segment header is damaged");
  }
  if (uint32_t version = LoadAt<uint32_t>(in, 8); version != kVersion) {
    return Fail(ErrorKind::kCorruption, "the segment has version {}, not one this build knows",
                version);
  }
  SegmentHeader header;
  header.segment_bytes = LoadAt<uint32_t>(in, 12);
  header.log_id = LoadAt<uint64_t>(in, 16);
  header.segment = LoadAt<uint32_t>(in, 24);
  header.before.segment = LoadAt<uint32_t>(in, 28);
  header.before.end = LoadAt<uint32_t>(in, 32);
  uint32_t wrapped_bytes = LoadAt<uint32_t>(in, 36);
  header.last_commit = FromMicros(LoadAt<int64_t>(in, 40));
  std::memcpy(header.before.tag.data(), in + 48, header.before.tag.size());
  if (wrapped_bytes > kWrappedKeyBytesMax) {
    return Fail(ErrorKind::kCorruption, "the segment header names a key of {} bytes",
                wrapped_bytes);
  }
  header.wrapped_key = Bytes(block.substr(kFixedBytes, wrapped_bytes));
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
