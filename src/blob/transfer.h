// Whole blobs, to memory and to files, over the seam's ranges.
#pragma once
#include <string>

#include "blob/blob_store.h"

namespace tidemark::blob {

// The whole blob, checked; for what is known to be small: kValidation above `bytes_max`.
Result<Bytes> GetSmall(BlobStore& store, std::string_view name, uint64_t bytes_max);

// The whole blob into a new file (made, or emptied), in pieces of `piece_bytes`; then compares it
// with its checksum. Durable: the file's content is synced, its name not. After an error the file
// may be there and must not be used. Errors: kUnavailable: the blob was replaced meanwhile.
Result<BlobInfo> Fetch(BlobStore& store, std::string_view name, const std::string& path,
                       size_t piece_bytes = 4 << 20);

// Reads the whole blob in pieces and compares it with its checksum: kCorruption names it.
Result<BlobInfo> Verify(BlobStore& store, std::string_view name, size_t piece_bytes = 4 << 20);

// All names with that prefix, page by page.
Result<std::vector<ListedBlob>> ListAll(BlobStore& store, std::string_view prefix);

}  // namespace tidemark::blob
