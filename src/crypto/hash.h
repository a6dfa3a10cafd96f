// SHA-256 and HMAC-SHA256; contexts kept per thread.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tidemark::crypto {

using Digest256 = std::array<uint8_t, 32>;

Digest256 Sha256(BytesView data);
std::string Sha256Hex(BytesView data);  // 64 lower-case digits

// HMAC with the inner and outer states computed once (OpenSSL's HMAC() would do that per call).
class HmacKey {
 public:
  explicit HmacKey(BytesView key);
  ~HmacKey();
  HmacKey(HmacKey&&) noexcept;
  HmacKey& operator=(HmacKey&&) noexcept;
  Digest256 Sign(BytesView data) const;  // thread-safe

 private:
  struct State;
  State* state_;
};

Digest256 HmacSha256(BytesView key, BytesView data);
bool EqualConstantTime(BytesView a, BytesView b);

}  // namespace tidemark::crypto
