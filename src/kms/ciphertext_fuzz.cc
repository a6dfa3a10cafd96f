// What clients send to Decrypt. Nobody makes up a ciphertext that opens; one that is changed in any
// byte, or comes with another context, does not open either.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "kms/ciphertext.h"

namespace tidemark::kms {
namespace {

// The same each time, so that runs can be repeated.
class CountingRandom : public Random {
 public:
  void Fill(void* data, size_t size) override {
    for (size_t i = 0; i < size; ++i) static_cast<uint8_t*>(data)[i] = ++next_;
  }

 private:
  uint8_t next_ = 0;
};

void RunForeign(BytesView text) {
  const crypto::Key256 material{};
  const auto under = ReadSealedUnder(text);
  const auto opened = OpenMessage(material, {}, text);
  TM_ASSERT(!opened);
  if (!under) return;
  // What names a key and a material keeps them when the rest is cut, until too little is left.
  for (size_t size = text.size(); size > 0; --size) {
    const auto cut = ReadSealedUnder(text.substr(0, size));
    if (!cut) break;
    TM_ASSERT(cut->key == under->key && cut->material == under->material);
  }
}

void RunOwn(BytesView text) {
  if (text.size() < 3) return;
  const size_t at =
      static_cast<uint8_t>(text[0]) | static_cast<size_t>(static_cast<uint8_t>(text[1])) << 8;
  const char flip = text[2];
  const BytesView plain = text.substr(3, text.size() / 2);
  const EncryptionContext context = {{"data", Bytes(text.substr(3 + plain.size()))}};
  const crypto::Key256 material{};
  CountingRandom random;
  Bytes sealed =
      SealMessage(material, {.key = KeyId::Make(random), .material = 7}, context, plain, random);
  const auto opened = OpenMessage(material, context, sealed);
  TM_ASSERT(opened && *opened == plain);
  TM_ASSERT(!OpenMessage(material, {}, sealed));
  if (flip == 0) return;
  sealed[at % sealed.size()] ^= flip;
  TM_ASSERT(!OpenMessage(material, context, sealed));
}

}  // namespace
}  // namespace tidemark::kms

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const tidemark::BytesView text(reinterpret_cast<const char*>(data), size);
  tidemark::kms::RunForeign(text);
  tidemark::kms::RunOwn(text);
  return 0;
}
