#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstring>
#include <utility>

#include "base/assert.h"
#include "crypto/secret.h"

namespace tidemark::crypto {

namespace {

constexpr size_t kBlockBytes = 64;

// Fetched once and never freed: a fetch by name takes locks and searches the providers.
const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  TM_ASSERT(algorithm != nullptr);
  return algorithm;
}

class HashContext {
 public:
  HashContext() : context_(EVP_MD_CTX_new()) { TM_ASSERT(context_ != nullptr); }
  HashContext(const HashContext&) = delete;
  HashContext& operator=(const HashContext&) = delete;
  ~HashContext() { EVP_MD_CTX_free(context_); }

  void Start() { TM_ASSERT(EVP_DigestInit_ex2(context_, Sha256Algorithm(), nullptr) == 1); }
  void StartFrom(const HashContext& prototype) {
    TM_ASSERT(EVP_MD_CTX_copy_ex(context_, prototype.context_) == 1);
  }
  void Add(const void* data, size_t size) {
    TM_ASSERT(EVP_DigestUpdate(context_, data, size) == 1);
  }
  Digest256 Finish() {
    Digest256 digest;
    TM_ASSERT(EVP_DigestFinal_ex(context_, digest.data(), nullptr) == 1);
    return digest;
  }

 private:
  EVP_MD_CTX* context_;
};

HashContext& ThreadContext() {
  thread_local HashContext context;
  return context;
}

}  // namespace

Digest256 Sha256(BytesView data) {
  HashContext& context = ThreadContext();
  context.Start();
  context.Add(data.data(), data.size());
  return context.Finish();
}

std::string Sha256Hex(BytesView data) {
  constexpr char kDigits[] = "0123456789abcdef";
  Digest256 digest = Sha256(data);
  std::string text(digest.size() * 2, '\0');
  for (size_t i = 0; i < digest.size(); ++i) {
    text[2 * i] = kDigits[digest[i] >> 4];
    text[2 * i + 1] = kDigits[digest[i] & 15];
  }
  return text;
}

// Never changed once made; Sign copies from it.
struct HmacKey::State {
  HashContext inner;
  HashContext outer;
};

HmacKey::HmacKey(BytesView key) : state_(new State) {
  uint8_t block[kBlockBytes] = {};
  if (key.size() > kBlockBytes) {
    Digest256 digest = Sha256(key);
    std::memcpy(block, digest.data(), digest.size());
  } else if (!key.empty()) {
    std::memcpy(block, key.data(), key.size());
  }
  for (uint8_t& byte : block) byte ^= 0x36;
  state_->inner.Start();
  state_->inner.Add(block, sizeof block);
  for (uint8_t& byte : block) byte ^= 0x36 ^ 0x5c;
  state_->outer.Start();
  state_->outer.Add(block, sizeof block);
  Wipe(block, sizeof block);
}

HmacKey::~HmacKey() { delete state_; }

HmacKey::HmacKey(HmacKey&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

HmacKey& HmacKey::operator=(HmacKey&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

Digest256 HmacKey::Sign(BytesView data) const {
  HashContext& context = ThreadContext();
  context.StartFrom(state_->inner);
  context.Add(data.data(), data.size());
  Digest256 inner = context.Finish();
  context.StartFrom(state_->outer);
  context.Add(inner.data(), inner.size());
  return context.Finish();
}

Digest256 HmacSha256(BytesView key, BytesView data) { return HmacKey(key).Sign(data); }

bool EqualConstantTime(BytesView a, BytesView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace tidemark::crypto
