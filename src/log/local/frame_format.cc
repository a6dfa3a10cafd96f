#include "log/local/frame_format.h"

#include <cstring>

#include "base/clock.h"
#include "crypto/hash.h"
#include "log/local/little_endian.h"

namespace tidemark::log {
namespace {

constexpr uint16_t kVersion = 1;
constexpr size_t kCheckOffset = 56;
constexpr size_t kCheckBytes = 8;

// Guards against accidents only; the seal is what guards against people.
void StoreCheck(char* header) {
  crypto::Digest256 digest = crypto::Sha256({header, kCheckOffset});
  std::memcpy(header + kCheckOffset, digest.data(), kCheckBytes);
}

bool CheckHolds(const char* header) {
  crypto::Digest256 digest = crypto::Sha256({header, kCheckOffset});
  return std::memcmp(header + kCheckOffset, digest.data(), kCheckBytes) == 0;
}

}  // namespace

void EncodeFrameHeader(const ParsedFrameHeader& frame, char* out) {
  const FrameHeader& header = frame.header;
  StoreAt<uint32_t>(out, 0, kFrameMagic);
  StoreAt<uint16_t>(out, 4, kVersion);
  StoreAt<uint16_t>(out, 6, 0);
  StoreAt<uint64_t>(out, 8, header.position.log_id);
  StoreAt<uint32_t>(out, 16, header.position.segment);
  StoreAt<uint32_t>(out, 20, header.position.offset);
  StoreAt<uint32_t>(out, 24, frame.payload_bytes);
  StoreAt<uint32_t>(out, 28, 0);
  StoreAt<int64_t>(out, 32, ToMicros(header.first_commit));
  StoreAt<int64_t>(out, 40, ToMicros(header.last_commit));
  StoreAt<int64_t>(out, 48, ToMicros(header.wall));
  StoreCheck(out);
}

Result<ParsedFrameHeader> ParseFrameHeader(BytesView bytes) {
  if (bytes.size() < kFrameHeaderBytes) {
    return Fail(ErrorKind::kCorruption, "the frame header is cut off");
  }
  const char* in = bytes.data();
  if (LoadAt<uint32_t>(in, 0) != kFrameMagic) {
    return Fail(ErrorKind::kCorruption, "no frame starts here");
  }
  if (!CheckHolds(in)) return Fail(ErrorKind::kCorruption, "the frame header is damaged");
  uint16_t version = LoadAt<uint16_t>(in, 4);
  if (version != kVersion || LoadAt<uint16_t>(in, 6) != 0 || LoadAt<uint32_t>(in, 28) != 0) {
    return Fail(ErrorKind::kCorruption, "the frame has version {}, not one this build knows",
                version);
  }
  ParsedFrameHeader parsed;
  parsed.header.position.log_id = LoadAt<uint64_t>(in, 8);
  parsed.header.position.segment = LoadAt<uint32_t>(in, 16);
  parsed.header.position.offset = LoadAt<uint32_t>(in, 20);
  parsed.payload_bytes = LoadAt<uint32_t>(in, 24);
  parsed.header.first_commit = FromMicros(LoadAt<int64_t>(in, 32));
  parsed.header.last_commit = FromMicros(LoadAt<int64_t>(in, 40));
  parsed.header.wall = FromMicros(LoadAt<int64_t>(in, 48));
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
