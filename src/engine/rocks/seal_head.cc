// head := magic(8) version(u16) kind(u8) zero(5) generation(16) salt(32) zero(4016) tag(16)
#include "engine/rocks/seal_head.h"

#include <algorithm>
#include <fstream>

#include "base/file_hook.h"
#include "codec/varint.h"
#include "crypto/hkdf.h"

namespace tidemark::engine {
namespace {

constexpr BytesView kSealMagic = "TMSEALED";
constexpr uint16_t kSealVersion = 1;
constexpr size_t kVersionAt = 8;
constexpr size_t kKindAt = 10;
constexpr size_t kGenerationAt = 16;
constexpr size_t kSaltAt = 32;
constexpr size_t kSaltBytes = 32;
constexpr size_t kTagAt = kSealBlockBytes - crypto::kTagBytes;
constexpr BytesView kFileKeyInfo = "tidemark sealed file 1";
constexpr crypto::Nonce kHeadNonce{.purpose = static_cast<uint32_t>(SealPurpose::kHead)};

KeyGeneration GenerationOf(BytesView head) {
  KeyGeneration generation;
  std::copy_n(head.data() + kGenerationAt, generation.size(),
              reinterpret_cast<char*>(generation.data()));
  return generation;
}

std::unique_ptr<crypto::Aead> FileKey(const crypto::Key256& data_key, BytesView head) {
  return std::make_unique<crypto::Aead>(
      crypto::Hkdf(data_key, head.substr(kSaltAt, kSaltBytes), kFileKeyInfo));
}

}  // namespace

NewSeal MakeSeal(SealKind kind, const KeyRing& keys, Random& random) {
  NewSeal seal{.head = Bytes(kSealBlockBytes, '\0')};
  char* head = seal.head.data();
  std::copy(kSealMagic.begin(), kSealMagic.end(), head);
  codec::StoreLittle16(kSealVersion, head + kVersionAt);
  head[kKindAt] = static_cast<char>(kind);
  const KeyRing::Entry& entry = keys.current();
  std::copy(entry.generation.begin(), entry.generation.end(), head + kGenerationAt);
  random.Fill(head + kSaltAt, kSaltBytes);
  seal.aead = FileKey(entry.key, seal.head);
  seal.aead->Seal(kHeadNonce, BytesView(seal.head).substr(0, kTagAt), {}, head + kTagAt);
  return seal;
}

Result<std::unique_ptr<crypto::Aead>> OpenSeal(SealKind kind, BytesView head, const KeyRing& keys,
                                               const std::string& file) {
  if (head.size() != kSealBlockBytes || !head.starts_with(kSealMagic)) {
    return Fail(ErrorKind::kCorruption, "{} has no sealed head", file);
  }
  const uint16_t version = codec::LoadLittle16(head.data() + kVersionAt);
  if (version != kSealVersion) {
    return Fail(ErrorKind::kCorruption, "{} has seal version {}, known is {}", file, version,
                kSealVersion);
  }
  if (head[kKindAt] != static_cast<char>(kind)) {
    return Fail(ErrorKind::kCorruption, "{} is sealed as kind {}, expected {}", file,
                static_cast<int>(head[kKindAt]), static_cast<int>(kind));
  }
  const KeyRing::Entry* entry = keys.Find(GenerationOf(head));
  if (entry == nullptr) {
    return Fail(ErrorKind::kCorruption, "{} names a key generation that KEYS does not hold", file);
  }
  std::unique_ptr<crypto::Aead> aead = FileKey(entry->key, head);
  char nothing;
  if (!aead->Open(kHeadNonce, head.substr(0, kTagAt), head.substr(kTagAt), &nothing)) {
    return Fail(ErrorKind::kCorruption,
                "{}: the head at offset 0 fails its tag (damage or wrong key)", file);
  }
  return aead;
}

Result<KeyGeneration> ReadGeneration(const std::string& path) {
  Bytes head(kSaltAt, '\0');
  int failed = AskFileHook({.op = FileOp::kOpen, .path = path});
  if (failed == 0) failed = AskFileHook({.op = FileOp::kRead, .path = path, .bytes = head.size()});
  if (failed != 0) return Fail(FromErrno(failed, "read " + path));
  std::ifstream in(path, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (!in || !head.starts_with(kSealMagic)) {
    return Fail(ErrorKind::kCorruption, "{} has no sealed head", path);
  }
  return GenerationOf(head);
}

}  // namespace tidemark::engine
