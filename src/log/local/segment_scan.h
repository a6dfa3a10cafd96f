// Reads one segment at opening and finds where its accepted frames end.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.h"
#include "crypto/data_key.h"
#include "log/local/disk.h"
#include "log/local/segment_header.h"
#include "log/local/segment_list.h"

namespace tidemark::log {

struct ScannedSegment {
  SegmentHeader header;
  SegmentState state;  // frames up to the first thing that is not one
  ChainTag tag{};      // what the next segment's header must name
  // From the end to the last block that is not zero: what a write cut short left behind.
  uint64_t torn_bytes = 0;
  // A valid frame behind the end: something before it is damaged.
  std::optional<uint32_t> stray_frame;
};

// Unwraps the segment's key and checks every frame, going on in 4 KiB steps behind the first damage
// so that a broken length hides nothing.
// Errors: kCorruption when the header does not hold; kIo; kKeyDisabled.
Result<ScannedSegment> ScanSegment(const Disk& disk, crypto::DataKeyProvider& keys, uint64_t log_id,
                                   uint32_t number, const std::filesystem::path& path);

// Reads the header alone, without its key.
Result<SegmentHeader> ReadSegmentHeader(const Disk& disk, const std::filesystem::path& path);

// kCorruption that names the place and what an operator can do.
Error Damage(const std::filesystem::path& path, uint32_t segment, uint64_t offset,
             std::string_view what);

}  // namespace tidemark::log
