// What all stores do alike: checks of a put, a get, and their errors. Private to the module.
#pragma once
#include <algorithm>

#include "blob/blob_store.h"

namespace tidemark::blob {

inline Result<void> CheckPut(std::string_view name, const BlobSource& source,
                             const PutOptions& options, const Capabilities& capabilities,
                             size_t name_bytes_max = kNameBytesMax) {
  TM_TRYV(CheckName(name, name_bytes_max));
  if (!options.writer.empty() && !IsWriter(options.writer)) {
    return Fail(ErrorKind::kValidation, "a put is named by 16 hex digits, not {}", options.writer);
  }
  if (options.retention && !capabilities.retention) {
    return Fail(ErrorKind::kValidation, "this store cannot retain blobs");
  }
  if (options.only_if_absent && source.size() > capabilities.conditional_bytes_max) {
    return Fail(ErrorKind::kValidation,
                "blob {} has {} bytes; this store puts {} at most on a condition", name,
                source.size(), capabilities.conditional_bytes_max);
  }
  return {};
}

inline Result<void> CheckDigest(std::string_view name, const crypto::Digest256& found,
                                const PutOptions& options) {
  if (!options.sha256 || *options.sha256 == found) return {};
  return Fail(ErrorKind::kCorruption, "blob {} is not put: its source is not what it was", name);
}

inline Unexpected AlreadyThere(std::string_view name) {
  return Fail(ErrorKind::kAlreadyExists, "blob {} is there already", name);
}
inline Unexpected NotThere(std::string_view name) {
  return Fail(ErrorKind::kNotFound, "there is no blob {}", name);
}

// The part of the range that a blob of `bytes` has.
inline ByteRange Within(ByteRange range, uint64_t bytes) {
  const uint64_t offset = std::min(range.offset, bytes);
  return {.offset = offset, .bytes = std::min(range.bytes, bytes - offset)};
}

// Compares with the checksum if the part is the whole blob.
inline Result<void> CheckWhole(std::string_view name, const BlobPart& part) {
  if (part.bytes.size() != part.info.bytes) return {};
  if (crypto::Sha256(part.bytes) == part.info.sha256) return {};
  return Fail(ErrorKind::kCorruption, "blob {} is not what was put: its SHA-256 differs", name);
}

}  // namespace tidemark::blob
