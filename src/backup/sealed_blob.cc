#include "backup/sealed_blob.h"

#include "codec/varint.h"
#include "crypto/aead.h"

namespace tidemark::backup {
namespace {

constexpr uint16_t kSealedVersion = 1;
constexpr crypto::Nonce kSealedNonce{};  // each blob has a key of its own

struct SealedParts {
  BytesView wrapped, sealed;
};

Unexpected DoesNotOpen(const SealedBlobKind& kind, std::string_view name, std::string_view why) {
  return Fail(ErrorKind::kCorruption, "{} {}: {}", kind.what, name, why);
}

Result<SealedParts> Split(const SealedBlobKind& kind, BytesView blob, std::string_view name) {
  BytesView rest = blob, magic, wrapped;
  uint16_t version = 0, wrapped_size = 0;
  if (!codec::ReadBytes(&rest, kind.magic.size(), &magic) || magic != kind.magic) {
    return DoesNotOpen(kind, name, "it is none");
  }
  if (!codec::ReadLittle16(&rest, &version) || version != kSealedVersion) {
    return DoesNotOpen(kind, name, fmt::format("version {} is not known here", version));
  }
  if (!codec::ReadLittle16(&rest, &wrapped_size) ||
      !codec::ReadBytes(&rest, wrapped_size, &wrapped) || rest.size() < crypto::kTagBytes) {
    return DoesNotOpen(kind, name, "it was cut");
  }
  return SealedParts{.wrapped = wrapped, .sealed = rest};
}

std::string ContextOf(const SealedBlobKind& kind, std::string_view name) {
  return fmt::format("{} {}", kind.context, name);
}

}  // namespace

Result<Bytes> SealBlob(const SealedBlobKind& kind, std::string_view text, std::string_view name,
                       crypto::DataKeyProvider& keys) {
  TM_TRY(const crypto::DataKey key, keys.Generate(ContextOf(kind, name)));
  Bytes blob(kind.magic);
  codec::AppendLittle16(kSealedVersion, &blob);
  codec::AppendLittle16(static_cast<uint16_t>(key.wrapped.size()), &blob);
  blob += key.wrapped;
  const Bytes authenticated = blob + Bytes(name);
  const size_t head = blob.size();
  blob.resize(head + text.size() + crypto::kTagBytes);
  crypto::Aead(key.key).Seal(kSealedNonce, BytesView(authenticated), text, blob.data() + head);
  return blob;
}

Result<std::string> OpenBlob(const SealedBlobKind& kind, BytesView blob, std::string_view name,
                             crypto::DataKeyProvider& keys) {
  TM_TRY(const SealedParts parts, Split(kind, blob, name));
  const auto key = keys.Unwrap(parts.wrapped, ContextOf(kind, name));
  if (!key) return DoesNotOpen(kind, name, key.error().message);
  Bytes authenticated(blob.substr(0, blob.size() - parts.sealed.size()));
  authenticated += name;
  std::string text(parts.sealed.size() - crypto::kTagBytes, '\0');
  if (!crypto::Aead(*key).Open(kSealedNonce, BytesView(authenticated), parts.sealed, text.data())) {
    return DoesNotOpen(kind, name, "it was changed");
  }
  return text;
}

Result<Bytes> WrappedKeyOf(const SealedBlobKind& kind, BytesView blob) {
  TM_TRY(const SealedParts parts, Split(kind, blob, ""));
  return Bytes(parts.wrapped);
}

}  // namespace tidemark::backup
