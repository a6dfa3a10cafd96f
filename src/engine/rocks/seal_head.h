// The first 4 KiB of every sealed file. Bytes: docs/formats/sealed_file.md.
#pragma once
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "engine/rocks/key_ring.h"

namespace tidemark::engine {

inline constexpr size_t kSealBlockBytes = 4096;
inline constexpr size_t kChunkPlainBytes = kSealBlockBytes - crypto::kTagBytes;

enum class SealKind : uint8_t {
  kChunked = 1,  // write-once, read at random: chunked_file.h
  kFramed = 2,   // appended to, read in order: framed_file.h
};

// Nonce purposes: within one file key, every use of the cipher has its own.
enum class SealPurpose : uint32_t { kHead = 1, kChunk = 2, kFrameHeader = 3, kFrame = 4 };

struct NewSeal {
  Bytes head;  // kSealBlockBytes
  std::unique_ptr<crypto::Aead> aead;
};

// A fresh file key under the ring's current generation, and the head that names it.
NewSeal MakeSeal(SealKind kind, const KeyRing& keys, Random& random);

// The file key named by `head`, which is authenticated with it. kCorruption: no head of this kind,
// of a key not in the ring, or damaged; `file` is for the message.
Result<std::unique_ptr<crypto::Aead>> OpenSeal(SealKind kind, BytesView head, const KeyRing& keys,
                                               const std::string& file);

// The generation a sealed file on disk names, unauthenticated.
Result<KeyGeneration> ReadGeneration(const std::string& path);

}  // namespace tidemark::engine
