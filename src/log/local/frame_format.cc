#include "log/local/frame_format.h"

#include <cstring>

#include "base/clock.h"
#include "codec/varint.h"
#include "crypto/hash.h"

namespace tidemark::log {
namespace {

constexpr uint16_t kFrameVersion = 1;
constexpr size_t kFrameCheckOffset = 56;
constexpr size_t kFrameCheckBytes = 8;

// Guards against accidents only; the seal is what guards against people.
void StoreCheck(char* header) {
  crypto::Digest256 digest = crypto::Sha256({header, kFrameCheckOffset});
  std::memcpy(header + kFrameCheckOffset, digest.data(), kFrameCheckBytes);
}

bool CheckHolds(const char* header) {
  crypto::Digest256 digest = crypto::Sha256({header, kFrameCheckOffset});
  return std::memcmp(header + kFrameCheckOffset, digest.data(), kFrameCheckBytes) == 0;
}

}  // namespace

void EncodeFrameHeader(const ParsedFrameHeader& frame, char* out) {
  const FrameHeader& header = frame.header;
  codec::StoreLittle32(kFrameMagic, out + 0);
  codec::StoreLittle16(kFrameVersion, out + 4);
  codec::StoreLittle16(0, out + 6);
  codec::StoreLittle64(header.position.log_id, out + 8);
  codec::StoreLittle32(header.position.segment, out + 16);
  codec::StoreLittle32(header.position.offset, out + 20);
  codec::StoreLittle32(frame.payload_bytes, out + 24);
  codec::StoreLittle32(0, out + 28);
  codec::StoreLittle64(static_cast<uint64_t>(ToMicros(header.first_commit)), out + 32);
  codec::StoreLittle64(static_cast<uint64_t>(ToMicros(header.last_commit)), out + 40);
  codec::StoreLittle64(static_cast<uint64_t>(ToMicros(header.wall)), out + 48);
  StoreCheck(out);
}

Result<ParsedFrameHeader> ParseFrameHeader(BytesView bytes) {
  if (bytes.size() < kFrameHeaderBytes) {
    return Fail(ErrorKind::kCorruption, "the frame header is cut off");
  }
  const char* in = bytes.data();
  if (codec::LoadLittle32(in + 0) != kFrameMagic) {
    return Fail(ErrorKind::kCorruption, "no frame starts here");
  }
  if (!CheckHolds(in)) return Fail(ErrorKind::kCorruption, "the frame header is damaged");
  uint16_t version = codec::LoadLittle16(in + 4);
  if (version != kFrameVersion || codec::LoadLittle16(in + 6) != 0 ||
      codec::LoadLittle32(in + 28) != 0) {
    return Fail(ErrorKind::kCorruption, "the frame has version {}, not one this build knows",
                version);
  }
  ParsedFrameHeader parsed;
  parsed.header.position.log_id = codec::LoadLittle64(in + 8);
  parsed.header.position.segment = codec::LoadLittle32(in + 16);
  parsed.header.position.offset = codec::LoadLittle32(in + 20);
  parsed.payload_bytes = codec::LoadLittle32(in + 24);
  parsed.header.first_commit = FromMicros(static_cast<int64_t>(codec::LoadLittle64(in + 32)));
  parsed.header.last_commit = FromMicros(static_cast<int64_t>(codec::LoadLittle64(in + 40)));
  parsed.header.wall = FromMicros(static_cast<int64_t>(codec::LoadLittle64(in + 48)));
  return parsed;
}

BytesView SealFrame(const crypto::Aead& aead, const FrameHeader& header, BytesView payload,
                    char* out) {
  auto payload_bytes = static_cast<uint32_t>(payload.size());
  EncodeFrameHeader({.header = header, .payload_bytes = payload_bytes}, out);
  aead.Seal({.purpose = kFrameNoncePurpose, .counter = header.position.offset},
            {out, kFrameHeaderBytes}, payload, out + kFrameHeaderBytes);
  size_t used = kFrameHeaderBytes + payload.size() + crypto::kTagBytes;
  std::memset(out + used, 0, FrameBytes(payload.size()) - used);
  return {out + used - crypto::kTagBytes, crypto::kTagBytes};
}

Result<void> OpenFrame(const crypto::Aead& aead, const ParsedFrameHeader& parsed, BytesView frame,
                       Bytes* payload) {
  size_t sealed_bytes = parsed.payload_bytes + crypto::kTagBytes;
  if (frame.size() < kFrameHeaderBytes + sealed_bytes) {
    return Fail(ErrorKind::kCorruption, "the frame is cut off");
  }
  payload->resize(parsed.payload_bytes);
  if (!aead.Open({.purpose = kFrameNoncePurpose, .counter = parsed.header.position.offset},
                 frame.substr(0, kFrameHeaderBytes), frame.substr(kFrameHeaderBytes, sealed_bytes),
                 payload->data())) {
    return Fail(ErrorKind::kCorruption, "the frame's seal does not hold");
  }
  return {};
}

BytesView FrameTag(const ParsedFrameHeader& parsed, BytesView frame) {
  return frame.substr(kFrameHeaderBytes + parsed.payload_bytes, crypto::kTagBytes);
}

}  // namespace tidemark::log
