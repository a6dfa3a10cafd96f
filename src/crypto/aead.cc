#include "crypto/aead.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>

#include "base/assert.h"

namespace tidemark::crypto {

namespace {

const EVP_CIPHER* Algorithm() {
  static const EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  TM_ASSERT(algorithm != nullptr);
  return algorithm;
}

constexpr size_t kSizeMax = std::numeric_limits<int>::max();  // OpenSSL counts in int

struct NonceBytes {
  explicit NonceBytes(Nonce nonce) {
    for (int i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(nonce.purpose >> (24 - 8 * i));
    for (int i = 0; i < 8; ++i) bytes[4 + i] = static_cast<uint8_t>(nonce.counter >> (56 - 8 * i));
  }
  uint8_t bytes[kNonceBytes];
};

const uint8_t* In(BytesView bytes) { return reinterpret_cast<const uint8_t*>(bytes.data()); }

}  // namespace

// The key and a few contexts that have expanded it. A caller takes one out, or makes one when all
// are in use; so threads never wait for each other, and an idle key costs one context of about
// 1 KiB, not one per thread: there is a key for every open file.
struct Aead::State {
  static constexpr size_t kKeptContexts = 8;
  Key256 key;
  std::array<std::atomic<EVP_CIPHER_CTX*>, kKeptContexts> idle{};

  EVP_CIPHER_CTX* Take() {
    for (auto& slot : idle) {
      if (slot.load(std::memory_order_relaxed) == nullptr) continue;
      if (auto* context = slot.exchange(nullptr, std::memory_order_acquire)) return context;
    }
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    TM_ASSERT(context != nullptr);
    TM_ASSERT(EVP_EncryptInit_ex2(context, Algorithm(), key.data(), nullptr, nullptr) == 1);
    return context;
  }

  void GiveBack(EVP_CIPHER_CTX* context) {
    for (auto& slot : idle) {
      EVP_CIPHER_CTX* empty = nullptr;
      if (slot.load(std::memory_order_relaxed) == nullptr &&
          slot.compare_exchange_strong(empty, context, std::memory_order_release,
                                       std::memory_order_relaxed)) {
        return;
      }
    }
    EVP_CIPHER_CTX_free(context);
  }
};

Aead::Aead(const Key256& key) : state_(new State{.key = key}) {
  state_->GiveBack(state_->Take());  // the key is expanded here, not at the first use
}

Aead::~Aead() {
  for (auto& slot : state_->idle) EVP_CIPHER_CTX_free(slot.load());
  delete state_;
}

void Aead::Seal(Nonce nonce, BytesView aad, BytesView plain, char* out) const {
  TM_ASSERT(plain.size() <= kSizeMax && aad.size() <= kSizeMax);
  EVP_CIPHER_CTX* context = state_->Take();
  auto* to = reinterpret_cast<uint8_t*>(out);
  NonceBytes iv(nonce);
  int size = 0;
  bool ok = EVP_EncryptInit_ex2(context, nullptr, nullptr, iv.bytes, nullptr) == 1;
  if (!aad.empty()) {
    ok = ok &&
         EVP_EncryptUpdate(context, nullptr, &size, In(aad), static_cast<int>(aad.size())) == 1;
  }
  if (!plain.empty()) {
    ok =
        ok && EVP_EncryptUpdate(context, to, &size, In(plain), static_cast<int>(plain.size())) == 1;
  }
  ok = ok && EVP_EncryptFinal_ex(context, to + plain.size(), &size) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, to + plain.size()) == 1;
  TM_ASSERT(ok);
  state_->GiveBack(context);
}

Result<void> Aead::Open(Nonce nonce, BytesView aad, BytesView sealed, char* out) const {
  if (sealed.size() < kTagBytes || sealed.size() > kSizeMax) {
    return Fail(ErrorKind::kCorruption, "sealed data of {} bytes: not between {} and {}",
                sealed.size(), kTagBytes, kSizeMax);
  }
  // WHY: copied, as OpenSSL wants it writable and `out` may overlap `sealed`.
  std::array<uint8_t, kTagBytes> tag;
  size_t plain_bytes = sealed.size() - kTagBytes;
  std::copy_n(In(sealed) + plain_bytes, kTagBytes, tag.begin());

  EVP_CIPHER_CTX* context = state_->Take();
  auto* to = reinterpret_cast<uint8_t*>(out);
  NonceBytes iv(nonce);
  int size = 0;
  bool ok = EVP_DecryptInit_ex2(context, nullptr, nullptr, iv.bytes, nullptr) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1;
  if (!aad.empty()) {
    ok = ok &&
         EVP_DecryptUpdate(context, nullptr, &size, In(aad), static_cast<int>(aad.size())) == 1;
  }
  if (plain_bytes != 0) {
    ok =
        ok && EVP_DecryptUpdate(context, to, &size, In(sealed), static_cast<int>(plain_bytes)) == 1;
  }
  TM_ASSERT(ok);
  uint8_t nothing[kTagBytes];  // GCM writes no final block; `out` may be full
  bool authentic = EVP_DecryptFinal_ex(context, nothing, &size) == 1;
  state_->GiveBack(context);
  if (!authentic) {
    ERR_clear_error();  // or the thread's next TLS call takes the leftovers for its own
    return Fail(ErrorKind::kCorruption, "authentication tag of {} sealed bytes does not match",
                sealed.size());
  }
  return {};
}

}  // namespace tidemark::crypto
