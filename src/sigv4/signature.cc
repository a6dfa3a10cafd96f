#include "sigv4/signature.h"

#include "codec/hex.h"
#include "crypto/secret.h"

namespace tidemark::sigv4 {

namespace {

BytesView View(const crypto::Digest256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

void AppendStringToSign(std::string_view amz_date, const Scope& scope,
                        std::string_view canonical_request, std::string* out) {
  out->reserve(out->size() + 192);
  out->append(kAlgorithm).append("\n").append(amz_date).append("\n");
  out->append(scope.date).append("/").append(scope.region).append("/").append(scope.service);
  out->append("/").append(kTerminator).append("\n");
  codec::AppendHex(View(crypto::Sha256(canonical_request)), out);
}

crypto::HmacKey DeriveSigningKey(std::string_view secret, const Scope& scope) {
  std::string first = "AWS4";
  first.append(secret);
  crypto::Digest256 key = crypto::HmacSha256(first, scope.date);
  crypto::Wipe(first.data(), first.size());
  key = crypto::HmacSha256(View(key), scope.region);
  key = crypto::HmacSha256(View(key), scope.service);
  key = crypto::HmacSha256(View(key), kTerminator);
  crypto::HmacKey result(View(key));
  crypto::Wipe(key.data(), key.size());
  return result;
}

std::string Signature(const crypto::HmacKey& key, std::string_view string_to_sign) {
  return codec::EncodeHex(View(key.Sign(string_to_sign)));
}

}  // namespace tidemark::sigv4
