#include "peer/sealed_terms.h"

#include "crypto/aead.h"
#include "crypto/hkdf.h"

namespace tidemark::peer {
namespace {

constexpr char kTermsVersion = 1;
constexpr size_t kSaltBytes = 32;
constexpr crypto::Nonce kTermsNonce{};

crypto::Key256 TermsKey(std::string_view secret, BytesView salt) {
  const crypto::Digest256 digest = crypto::Sha256(secret);
  const auto key =
      crypto::Key256::FromBytes({reinterpret_cast<const char*>(digest.data()), digest.size()});
  return crypto::Hkdf(key, salt, "tidemark copy to a peer 1");
}

}  // namespace

Bytes SealTerms(const CopyTerms& terms, std::string_view secret, std::string_view job,
                Random& random) {
  const Bytes salt = random.String(kSaltBytes);
  std::string plain = WriteTerms(terms);
  Bytes sealed(1, kTermsVersion);
  sealed += salt;
  const size_t head = sealed.size();
  sealed.resize(head + plain.size() + crypto::kTagBytes);
  crypto::Aead(TermsKey(secret, salt)).Seal(kTermsNonce, job, plain, sealed.data() + head);
  crypto::Wipe(plain.data(), plain.size());
  return sealed;
}

Result<CopyTerms> OpenTerms(BytesView sealed, std::string_view secret, std::string_view job) {
  constexpr size_t kHead = 1 + kSaltBytes;
  if (sealed.size() < kHead + crypto::kTagBytes || sealed[0] != kTermsVersion)
    return Fail(ErrorKind::kCorruption, "the terms of copy {} are none of this version", job);
  const crypto::Aead aead(TermsKey(secret, sealed.substr(1, kSaltBytes)));
  std::string plain(sealed.size() - kHead - crypto::kTagBytes, '\0');
  if (!aead.Open(kTermsNonce, job, sealed.substr(kHead), plain.data())) {
    return Fail(ErrorKind::kCorruption,
                "the terms of copy {} do not open: they are of another secret, or were changed",
                job);
  }
  auto terms = ReadTerms(plain);
  crypto::Wipe(plain.data(), plain.size());
  return terms;
}

}  // namespace tidemark::peer
