// A name and its path are the same thing in two forms; entries of foreign directories do no harm.
#include <cstdint>
#include <cstdlib>

#include "blob/local/blob_path.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tidemark::blob;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!text.empty()) {
    const std::string path = PathOf(text);
    std::string name;
    for (size_t begin = 0; begin <= path.size();) {
      const size_t end = std::min(path.find('/', begin), path.size());
      const auto piece = ParsePathPiece(std::string_view(path).substr(begin, end - begin));
      if (!piece || end - begin > 255 || piece->last != (end == path.size())) std::abort();
      name += piece->piece;
      begin = end + 1;
    }
    if (name != text) std::abort();
  }
  (void)ParsePathPiece(text);
  if (const auto info = ParseFileName(text); info && FileNameOf(*info).empty()) std::abort();
  return 0;
}
