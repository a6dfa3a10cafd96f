// The console's files as the build has put them into the binary.
#pragma once
#include <span>
#include <string_view>

namespace tidemark::console {

struct Asset {
  std::string_view path;  // below /console/: "index.html", "assets/main-Cx81.js"
  std::string_view content_type;
  std::string_view etag;     // of the content, quoted
  bool immutable;            // its name has a hash of its content
  std::string_view gzipped;  // its bytes, always compressed
};

// Sorted by path; empty when the console was not built.
extern const std::span<const Asset> kAssets;

}  // namespace tidemark::console
