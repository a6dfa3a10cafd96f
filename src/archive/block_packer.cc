#include "archive/block_packer.h"

namespace tidemark::archive {
namespace {

constexpr uint64_t kRoundBlocks = 64;
constexpr double kGainless = 0.95;    // of a block is left: not worth the time
constexpr double kQuickLoss = 1.125;  // times what is left by the thorough way

}  // namespace

size_t BlockPacker::Pack(BytesView raw, char* out) {
  const uint64_t place = packed_++ % kRoundBlocks;
  const bool try_quick = place == 1 && effort_ != Effort::kNone;
  if (place == 0) effort_ = Effort::kThorough;
  if (try_quick) effort_ = Effort::kQuick;
  const size_t size = archive::Pack(raw, effort_, out);
  const double share = static_cast<double>(size) / static_cast<double>(raw.size());
  if (place == 0) {
    thorough_share_ = share;
    if (share > kGainless) effort_ = Effort::kNone;
  }
  if (try_quick && share > thorough_share_ * kQuickLoss) effort_ = Effort::kThorough;
  return size;
}

}  // namespace tidemark::archive
