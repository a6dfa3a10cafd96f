// Sealed files that are appended to and read in order (MANIFEST, CURRENT, IDENTITY, the unused
// logs): a head, then one frame per Sync, of all that was appended since the last. Bytes:
// docs/formats/sealed_file.md.
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
#include "engine/rocks/out_file.h"

namespace tidemark::engine {

// Appends are gathered, and written by Sync() or Close(). The head is written with the first byte:
// a file without data is not there. Between a Sync() and the next it holds no descriptor.
std::unique_ptr<rocksdb::FSWritableFile> MakeFramedWriter(OutFile target,
                                                          std::shared_ptr<const KeyRing> keys,
                                                          Random& random);

// The data of a whole framed file: they are small. `file`: its name in messages.
Result<Bytes> OpenFramed(BytesView raw, const KeyRing& keys, const std::string& file);

std::unique_ptr<rocksdb::FSSequentialFile> ReadInOrder(Bytes content);
// RocksDB reads no framed file at random, it only tries whether it could open one.
std::unique_ptr<rocksdb::FSRandomAccessFile> RefuseToReadAtRandom();

}  // namespace tidemark::engine
