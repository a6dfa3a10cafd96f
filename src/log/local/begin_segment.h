// Starts one use of a segment: fresh key, header, name.
#pragma once
#include <filesystem>

#include "base/result.h"
#include "crypto/data_key.h"
#include "log/local/disk.h"
#include "log/local/segment_header.h"
#include "log/local/segment_list.h"
#include "log/local/segment_preparer.h"

namespace tidemark::log {

std::filesystem::path SegmentPath(const std::filesystem::path& directory, uint32_t number);
// 0: the name is not a segment's.
uint32_t SegmentNumber(const std::filesystem::path& path);

struct BegunSegment {
  File file;
  SegmentState state;
  ChainTag tag{};  // of the header
};

struct SegmentSource {
  const Disk& disk;
  SegmentPreparer& preparer;
  crypto::DataKeyProvider& keys;
  std::filesystem::path directory;
};

// Takes a spare, gives it a fresh key and `header` (its wrapped key is filled in), renames it to
// the segment's name, over an empty use of the same number if there is one, and moves the newest
// mark (newest_mark.h) there.
// Durable: header, name and mark, on return; so frames may follow.
// Errors: whatever failed, no frame is concerned, and another attempt takes a new key.
Result<BegunSegment> BeginSegment(const SegmentSource& source, SegmentHeader header,
                                  uint32_t* newest_mark);

}  // namespace tidemark::log
