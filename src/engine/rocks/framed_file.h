// Sealed files that are appended to and read in order (MANIFEST, CURRENT, IDENTITY, the empty
// logs): a head, then one frame per Append. Bytes: docs/formats/sealed_file.md.
//
// A crash may cut the last frame; such a tail is the end of the file. Any other damage is
// kCorruption.
#pragma once
#include <rocksdb/file_system.h>

#include <memory>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "engine/rocks/key_ring.h"

namespace tidemark::engine {

// The head is written with the first byte: a file without data has no bytes on disk either.
std::unique_ptr<rocksdb::FSWritableFile> MakeFramedWriter(
    std::unique_ptr<rocksdb::FSWritableFile> target, std::shared_ptr<const KeyRing> keys,
    Random& random, const std::string& file);

Result<std::unique_ptr<rocksdb::FSSequentialFile>> OpenFramedReader(
    std::unique_ptr<rocksdb::FSSequentialFile> target, uint64_t physical_size, const KeyRing& keys,
    const std::string& file);

// A whole framed file in memory. RocksDB reads none of them at random, but tries whether it could.
Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> LoadFramedFile(
    std::unique_ptr<rocksdb::FSSequentialFile> target, uint64_t physical_size, const KeyRing& keys,
    const std::string& file);

// Bytes of data in a framed file: walks over its frames.
Result<uint64_t> FramedLogicalSize(std::unique_ptr<rocksdb::FSSequentialFile> target,
                                   uint64_t physical_size, const KeyRing& keys,
                                   const std::string& file);

}  // namespace tidemark::engine
