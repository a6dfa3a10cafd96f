#include "crypto/hasher.h"

#include <openssl/evp.h>

#include "base/assert.h"

namespace tidemark::crypto {

struct Sha256Hasher::State {
  State() : context(EVP_MD_CTX_new()) { TM_ASSERT(context != nullptr); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }

  EVP_MD_CTX* context;
};

Sha256Hasher::Sha256Hasher() : state_(std::make_unique<State>()) {
  TM_ASSERT(EVP_DigestInit_ex2(state_->context, EVP_sha256(), nullptr) == 1);
}
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;
Sha256Hasher::~Sha256Hasher() = default;

void Sha256Hasher::Add(BytesView bytes) {
  TM_ASSERT(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

Digest256 Sha256Hasher::Finish() {
  Digest256 digest;
  TM_ASSERT(EVP_DigestFinal_ex(state_->context, digest.data(), nullptr) == 1);
  return digest;
}

}  // namespace tidemark::crypto
