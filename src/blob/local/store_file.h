// A source's bytes into a file of their own: linked, cloned or copied.
#pragma once
#include <string>

#include "blob/blob_source.h"

namespace tidemark::blob {

// Makes `path`, which must not be there: a hard link if the source is a sealed file of the same
// file system; else a copy, whose blocks are shared where the file system can do that. Gives the
// SHA-256 of what is there now, read back from it where it is linked or cloned.
// Durable: its content, its name not. Errors: those of files; kCorruption: the source was cut.
Result<crypto::Digest256> StoreAsFile(const BlobSource& source, const std::string& path);

}  // namespace tidemark::blob
