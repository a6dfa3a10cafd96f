// ciphertext := header sealed tag
// header     := version(1) key id(16) material number(4, little endian) salt(32)
#include "kms/ciphertext.h"

#include "codec/varint.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "kms/fault.h"

namespace tidemark::kms {
namespace {

constexpr uint8_t kCiphertextVersion = 1;
constexpr size_t kSaltBytes = 32;
constexpr size_t kHeaderIdBytes = 16;
constexpr size_t kCiphertextHeaderBytes = 1 + kHeaderIdBytes + 4 + kSaltBytes;
constexpr BytesView kMessageInfo = "tidemark kms message 1";
// A message's key seals nothing else, so the nonce may be the same for all.
constexpr crypto::Nonce kMessageNonce{};

Error Invalid() { return MakeFault(Fault::kInvalidCiphertext, ""); }

// Unambiguous, whatever keys and values hold; in order of keys.
Bytes Authenticated(BytesView header, const EncryptionContext& context) {
  Bytes out(header);
  for (const auto& [key, value] : context) {
    codec::AppendSized(key, &out);
    codec::AppendSized(value, &out);
  }
  return out;
}

crypto::Key256 MessageKey(const crypto::Key256& material, BytesView header) {
  return crypto::Hkdf(material, header.substr(kCiphertextHeaderBytes - kSaltBytes, kSaltBytes),
                      kMessageInfo);
}

}  // namespace

Bytes SealMessage(const crypto::Key256& material, const SealedUnder& under,
                  const EncryptionContext& context, BytesView plain, Random& random) {
  Bytes out;
  codec::AppendU8(kCiphertextVersion, &out);
  out += under.key.AsBytes();
  codec::AppendLittle32(under.material, &out);
  out += random.String(kSaltBytes);
  const Bytes header = out;
  out.resize(kCiphertextHeaderBytes + plain.size() + crypto::kTagBytes);
  crypto::Aead(MessageKey(material, header))
      .Seal(kMessageNonce, Authenticated(header, context), plain,
            out.data() + kCiphertextHeaderBytes);
  return out;
}

Result<SealedUnder> ReadSealedUnder(BytesView ciphertext) {
  BytesView in = ciphertext;
  uint8_t version = 0;
  BytesView id;
  SealedUnder under;
  const bool good = codec::ReadU8(&in, &version) && version == kCiphertextVersion &&
                    codec::ReadBytes(&in, kHeaderIdBytes, &id) &&
                    codec::ReadLittle32(&in, &under.material) &&
                    in.size() >= kSaltBytes + crypto::kTagBytes;
  if (!good) return Fail(Invalid());
  under.key = KeyId::FromBytes(id);
  return under;
}

Result<Bytes> OpenMessage(const crypto::Key256& material, const EncryptionContext& context,
                          BytesView ciphertext) {
  TM_TRYV(ReadSealedUnder(ciphertext));
  const BytesView header = ciphertext.substr(0, kCiphertextHeaderBytes);
  const BytesView sealed = ciphertext.substr(kCiphertextHeaderBytes);
  Bytes plain(sealed.size() - crypto::kTagBytes, '\0');
  auto opened = crypto::Aead(MessageKey(material, header))
                    .Open(kMessageNonce, Authenticated(header, context), sealed, plain.data());
  if (!opened) return Fail(Invalid());
  return plain;
}

}  // namespace tidemark::kms
