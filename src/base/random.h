// Randomness is passed in, so that tests can print and replay a seed.
#pragma once
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace tidemark {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(void* data, size_t size) = 0;  // thread-safe
  Bytes String(size_t size);
  uint64_t Next();
};

// The kernel's generator through OpenSSL; fit for keys.
class SystemRandom : public Random {
 public:
  void Fill(void* data, size_t size) override;
};

SystemRandom& TheSystemRandom();  // stateless, so one for all

}  // namespace tidemark
