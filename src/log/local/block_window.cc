#include "log/local/block_window.h"

#include <algorithm>
#include <cstring>

namespace tidemark::log {
namespace {
constexpr size_t kReadAheadBytes = 1 << 20;
}  // namespace

Result<BytesView> BlockWindow::View(uint64_t offset, size_t bytes, uint64_t limit) {
  if (offset >= limit) return BytesView();
  size_t wanted = static_cast<size_t>(std::min<uint64_t>(bytes, limit - offset));
  if (offset < start_ || offset + wanted > start_ + filled_) {
    size_t kept = 0;
    if (offset >= start_ && offset < start_ + filled_) {
      // Whole blocks only: what follows them is read again, as O_DIRECT starts at block boundaries.
      size_t skipped = static_cast<size_t>(offset - start_);
      kept = (filled_ - skipped) / kBlockBytes * kBlockBytes;
      std::memmove(buffer_.data(), buffer_.data() + skipped, kept);
    }
    filled_ = kept;
    start_ = offset;
    size_t target = static_cast<size_t>(
        std::min<uint64_t>(std::max(PaddedToBlock(wanted), kReadAheadBytes), limit - offset));
    buffer_.Reserve(target, kept);
    auto read = file_.ReadAt(start_ + kept, buffer_.data() + kept, target - kept);
    // An unreadable place ahead must not hide what stands before it.
    if (!read && target > wanted) {
      read = file_.ReadAt(start_ + kept, buffer_.data() + kept, PaddedToBlock(wanted) - kept);
    }
    if (!read) return Fail(std::move(read).error());
    filled_ += *read;
  }
  size_t there = static_cast<size_t>(start_ + filled_ - offset);
  return BytesView(buffer_.data() + (offset - start_), std::min(wanted, there));
}

}  // namespace tidemark::log
