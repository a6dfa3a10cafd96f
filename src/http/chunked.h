// Decodes "Transfer-Encoding: chunked" in place: the decoded bytes move down over the framing.
//
// Strict on purpose: every line ends in CRLF and sizes are plain hex digits. Whatever one parser
// accepts and the next one reads differently is how requests are smuggled.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tidemark::http {

class ChunkedDecoder {
 public:
  enum class Status { kNeedMore, kDone, kBad, kTooLarge };

  // The decoded body may have `body_max` bytes, size lines and trailers together `framing_max` per
  // chunk; trailers are checked and dropped.
  ChunkedDecoder(size_t body_max, size_t framing_max)
      : body_max_(body_max), framing_max_(framing_max) {}

  // Decodes data[read .. size) and puts the decoded bytes at data[written ..). On return `read` and
  // `written` have moved on; read >= written always.
  Status Decode(char* data, size_t size, size_t& read, size_t& written);

 private:
  enum class State {
    kSizeStart,
    kSize,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailer,
    kTrailerLf,
    kEndLf,
  };

  size_t body_max_;
  size_t framing_max_;
  State state_ = State::kSizeStart;
  uint64_t chunk_left_ = 0;
  size_t body_bytes_ = 0;
  size_t framing_bytes_ = 0;  // of the current chunk
};

}  // namespace tidemark::http
