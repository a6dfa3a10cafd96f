// Compresses the blocks of one section, each no harder than it pays.
#pragma once
#include <cstdint>

#include "archive/run_format.h"

namespace tidemark::archive {

// Of every 64 blocks the first is compressed thoroughly and the second quickly; the others as these
// two show: not at all where nothing is gained, quickly where little is lost by it.
class BlockPacker {
 public:
  // As archive::Pack.
  size_t Pack(BytesView raw, char* out);

 private:
  uint64_t packed_ = 0;
  Effort effort_ = Effort::kThorough;
  double thorough_share_ = 1;  // that was left of the round's first block
};

}  // namespace tidemark::archive
