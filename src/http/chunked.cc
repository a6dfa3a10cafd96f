#include "http/chunked.h"

#include <algorithm>
#include <cstring>

namespace tidemark::http {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What may stand in a chunk extension or a trailer: no control characters but the tab.
bool IsText(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

}  // namespace

ChunkedDecoder::Status ChunkedDecoder::Decode(char* data, size_t size, size_t& read,
                                              size_t& written) {
  while (read < size) {
    if (state_ == State::kData) {
      size_t bytes = static_cast<size_t>(std::min<uint64_t>(chunk_left_, size - read));
      if (read != written) std::memmove(data + written, data + read, bytes);
      read += bytes;
      written += bytes;
      chunk_left_ -= bytes;
      if (chunk_left_ == 0) state_ = State::kDataCr;
      continue;
    }
    if (++framing_bytes_ > framing_max_) return Status::kBad;
    char c = data[read++];
    switch (state_) {
      case State::kSizeStart:
      case State::kSize: {
        int digit = HexDigit(c);
        if (digit >= 0) {
          // Any size that could overflow is above every limit already.
          if (chunk_left_ > (uint64_t{1} << 58)) return Status::kBad;
          chunk_left_ = chunk_left_ * 16 + static_cast<uint64_t>(digit);
          state_ = State::kSize;
          break;
        }
        if (state_ == State::kSizeStart) return Status::kBad;
        if (c == '\r')
          state_ = State::kSizeLf;
        else if (c == ';')
          state_ = State::kExtension;
        else
          return Status::kBad;
        break;
      }
      case State::kExtension:
        if (c == '\r')
          state_ = State::kSizeLf;
        else if (!IsText(c))
          return Status::kBad;
        break;
      case State::kSizeLf:
        if (c != '\n') return Status::kBad;
        if (chunk_left_ > body_max_ - body_bytes_) return Status::kTooLarge;
        body_bytes_ += static_cast<size_t>(chunk_left_);
        state_ = chunk_left_ == 0 ? State::kTrailerStart : State::kData;
        break;
      case State::kDataCr:
        if (c != '\r') return Status::kBad;
        state_ = State::kDataLf;
        break;
      case State::kDataLf:
        if (c != '\n') return Status::kBad;
        state_ = State::kSizeStart;
        framing_bytes_ = 0;
        break;
      case State::kTrailerStart:
        if (c == '\r')
          state_ = State::kEndLf;
        else if (!IsText(c))
          return Status::kBad;
        else
          state_ = State::kTrailer;
        break;
      case State::kTrailer:
        if (c == '\r')
          state_ = State::kTrailerLf;
        else if (!IsText(c))
          return Status::kBad;
        break;
      case State::kTrailerLf:
        if (c != '\n') return Status::kBad;
        state_ = State::kTrailerStart;
        break;
      case State::kEndLf:
        return c == '\n' ? Status::kDone : Status::kBad;
      case State::kData:
        break;  // handled above
    }
  }
  return Status::kNeedMore;
}

}  // namespace tidemark::http
