// Write-once sealed files (SSTs): a head, then 4 KiB chunks of 4080 bytes of data and a tag; the
// last chunk may be shorter and is sealed as the last, so that a cut file is noticed. RocksDB sees
// only the data: sizes and offsets here are logical unless called physical. Bytes:
// docs/formats/sealed_file.md.
#pragma once
#include <rocksdb/file_system.h>

#include <memory>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "engine/rocks/descriptor_pool.h"
#include "engine/rocks/key_ring.h"
#include "engine/rocks/out_file.h"

namespace tidemark::engine {

// kCorruption: no file of ours can have this physical size.
Result<uint64_t> ChunkedLogicalSize(uint64_t physical, const std::string& file);

// The first Sync() or Close() seals the last chunk; appending later is refused, because the chunk
// could only be sealed again under the same nonce.
std::unique_ptr<rocksdb::FSWritableFile> MakeChunkedWriter(OutFile target, const KeyRing& keys,
                                                           Random& random);

// `file`: its name in messages. Holds no descriptor of its own (descriptor_pool.h).
Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> OpenChunkedReader(
    std::unique_ptr<PooledFile> target, const KeyRing& keys, const std::string& file);

// The same read from the front.
std::unique_ptr<rocksdb::FSSequentialFile> ReadInOrder(
    std::unique_ptr<rocksdb::FSRandomAccessFile> reader);

}  // namespace tidemark::engine
