// Answers of a store, whatever they are: read or refused, and what is read keeps its promises.
#include <cstdint>
#include <cstdlib>

#include "blob/s3/s3_answers.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tidemark::blob;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto page = ParseListing(text, "p/")) {
    if (page->more && page->blobs.empty()) std::abort();
    for (const ListedBlob& blob : page->blobs) {
      if (blob.name.empty()) std::abort();
    }
  }
  if (const auto id = ParseUploadId(text); id && id->empty()) std::abort();
  if (const auto page = ParseUploads(text); page && page->more && page->uploads.empty()) {
    std::abort();
  }
  (void)ParseError(text);
  (void)ParseTotal(text);
  (void)ParseRetention("COMPLIANCE", text);
  return 0;
}
