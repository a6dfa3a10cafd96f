// SHA-256 of bytes that come in pieces.
#pragma once
#include <memory>

#include "crypto/hash.h"

namespace tidemark::crypto {

// One thread at a time. Movable; one that was moved from may only be destroyed.
class Sha256Hasher {
 public:
  Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;
  ~Sha256Hasher();

  void Add(BytesView bytes);
  Digest256 Finish();  // once; then only destroy it

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::crypto
