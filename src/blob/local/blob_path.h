// Where a blob lies in a local store, and back: pure (docs/formats/blob_store.md).
//
//   path  = *( continued "/" ) last          directories; in the last lies the blob's one file
//   piece = the name's bytes up to a "/" (included) or 80 of them, whichever is less
//   continued = escaped piece without its "/", then "+"  |  escaped piece of 80 bytes, then "~"
//   last      = escaped rest of the name (less than 80 bytes, or 80; no "/" but at its end), "="
//   escaped   = letters, digits, ".", "-", "_" as they are, others as %XX
//   file      = size "." sha256 "." writer   in decimal, 64 and 16 hex digits
//
// The order of pieces as bytes, "=" before the others, is the order of names.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "blob/blob_store.h"

namespace tidemark::blob {

std::string PathOf(std::string_view name);  // relative

struct PathPiece {
  Bytes piece;        // of the name, a "/" included
  bool last = false;  // a blob's own directory
};
std::optional<PathPiece> ParsePathPiece(std::string_view entry);  // nullopt: none of ours

std::string FileNameOf(const BlobInfo& info);
std::optional<BlobInfo> ParseFileName(std::string_view entry);  // without retention

}  // namespace tidemark::blob
