// Reads one segment whole and finds its valid frames, whatever is damaged between them.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/data_key.h"
#include "log/local/disk.h"
#include "log/local/segment_header.h"
#include "log/local/segment_list.h"

namespace tidemark::log {

// The header of one use of a segment, checked under its key.
struct SegmentUse {
  SegmentHeader header;
  ChainTag tag{};  // of the header
  std::shared_ptr<const SegmentFile> file;
  uint64_t file_bytes = 0;
};

// Errors say why the file is of no use. `*key_error` is set when it is the key that cannot be
// unwrapped, which may be no fault of the file.
Result<SegmentUse> OpenSegmentUse(const Disk& disk, crypto::DataKeyProvider& keys, uint64_t log_id,
                                  uint32_t number, const std::filesystem::path& path,
                                  std::optional<Error>* key_error);

struct ScannedSegment {
  SegmentHeader header;
  ChainTag use{};      // the header's tag
  SegmentState state;  // all valid frames; ends behind the last of them
  ChainTag tag{};      // of the last valid frame or, without frames, of the header
  uint64_t frames = 0;

  struct Gap {  // damage with a valid frame behind it
    uint32_t from = 0;
    uint32_t to = 0;
    std::string cause;
  };
  std::vector<Gap> gaps;
  // Set when `state.end` is not where the frames should end, or nobody can say: why.
  std::string tail_damage;
  // The frames are valid but not those the successor was written after: nothing here is of use.
  std::string foreign;

  // Behind the end, when no successor says where the end is:
  uint64_t torn_bytes = 0;  // what a write cut short, as a crash leaves it
  bool untouched = false;   // no frame was ever begun in this use
  bool cuttable = false;    // what follows the end can be nothing of this use
};

// Goes on in 4 KiB steps behind damage, so that a broken length hides nothing. `claim` is what the
// header of a successor says of this segment. Blocks that cannot be read count as damaged.
// Errors: only that the file cannot be opened again.
Result<ScannedSegment> ScanSegment(const Disk& disk, SegmentUse use,
                                   const std::optional<SegmentHeader::Before>& claim);

// Reads the header alone, without its key.
Result<SegmentHeader> ReadSegmentHeader(const Disk& disk, const std::filesystem::path& path);

}  // namespace tidemark::log
