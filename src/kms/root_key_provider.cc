#include "kms/root_key_provider.h"

#include <utility>

#include "base/assert.h"
#include "codec/hex.h"
#include "codec/varint.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"

namespace tidemark::kms {

namespace {

constexpr uint8_t kWrapVersion = 1;
constexpr size_t kWrappedKeyBytes = 32;
constexpr size_t kHeaderBytes = 1 + 8;
constexpr size_t kWrappedBytes =
    kHeaderBytes + crypto::kNonceBytes + kWrappedKeyBytes + crypto::kTagBytes;

Bytes Header(const RootKey& root) {
  auto id = codec::DecodeHex(root.Id());
  TM_ASSERT(id && id->size() == 8);
  return Bytes(1, static_cast<char>(kWrapVersion)) + *id;
}

crypto::Key256 WrappingKey(const RootKey& root, BytesView context) {
  return crypto::Hkdf(root.key(), "tidemark data key", context);
}

}  // namespace

std::string WrappedBy(BytesView wrapped) {
  if (wrapped.size() != kWrappedBytes || wrapped[0] != static_cast<char>(kWrapVersion)) return "";
  return codec::EncodeHex(wrapped.substr(1, kHeaderBytes - 1));
}

RootKeyProvider::RootKeyProvider(RootKey root, Random& random)
    : root_(std::move(root)), header_(Header(root_)), random_(random) {}

Result<crypto::DataKey> RootKeyProvider::Generate(BytesView context) {
  crypto::DataKey data_key{.key = crypto::Key256::Make(random_)};
  TM_TRY(data_key.wrapped, Wrap(data_key.key, context));
  return data_key;
}

Result<Bytes> RootKeyProvider::Wrap(const crypto::Key256& key, BytesView context) {
  // WHY a random nonce: nobody counts wraps across restarts; 2^32 of one context are far off.
  crypto::Nonce nonce{.purpose = static_cast<uint32_t>(random_.Next()), .counter = random_.Next()};
  Bytes wrapped = header_;
  codec::AppendBig32(nonce.purpose, &wrapped);
  codec::AppendBig64(nonce.counter, &wrapped);
  size_t sealed_at = wrapped.size();
  wrapped.resize(kWrappedBytes);
  crypto::Aead(WrappingKey(root_, context))
      .Seal(nonce, header_, key.view(), wrapped.data() + sealed_at);
  return wrapped;
}

Result<crypto::Key256> RootKeyProvider::Unwrap(BytesView wrapped, BytesView context) {
  if (wrapped.size() != kWrappedBytes) {
    return Fail(ErrorKind::kCorruption, "wrapped key of {} bytes, expected {}", wrapped.size(),
                kWrappedBytes);
  }
  if (wrapped[0] != static_cast<char>(kWrapVersion)) {
    return Fail(ErrorKind::kCorruption, "wrapped key of version {}, this server reads {}",
                static_cast<uint8_t>(wrapped[0]), kWrapVersion);
  }
  if (wrapped.substr(0, kHeaderBytes) != header_) {
    return Fail(ErrorKind::kCorruption,
                "wrapped by root key {}, but this server's is {}: the data belongs to another "
                "root key file",
                codec::EncodeHex(wrapped.substr(1, kHeaderBytes - 1)), root_.Id());
  }
  crypto::Nonce nonce{.purpose = codec::LoadBig32(wrapped.data() + kHeaderBytes),
                      .counter = codec::LoadBig64(wrapped.data() + kHeaderBytes + 4)};
  Bytes plain(kWrappedKeyBytes, '\0');
  Result<void> opened =
      crypto::Aead(WrappingKey(root_, context))
          .Open(nonce, header_, wrapped.substr(kHeaderBytes + crypto::kNonceBytes), plain.data());
  if (!opened) {
    return Fail(ErrorKind::kCorruption,
                "wrapped key is damaged, or was wrapped for another context");
  }
  crypto::Key256 key = crypto::Key256::FromBytes(plain);
  crypto::Wipe(plain.data(), plain.size());
  return key;
}

}  // namespace tidemark::kms
