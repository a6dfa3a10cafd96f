// Messages of other servers, whatever they are: read or refused, and what is read keeps its
// promises.
#include <cstdint>
#include <cstdlib>

#include "peer/sealed_terms.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tidemark::peer;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto offer = ReadOffer(text)) {
    for (const OfferedFile& file : offer->files) {
      if (!IsFileName(file.name) || file.bytes == 0) std::abort();
    }
    if (ReadOffer(WriteOffer(*offer))->files != offer->files) std::abort();
  }
  if (const auto terms = ReadTerms(text); terms && *ReadTerms(WriteTerms(*terms)) != *terms)
    std::abort();
  (void)ReadStatus(text);
  (void)OpenTerms(text, "secret", "job");
  return 0;
}
