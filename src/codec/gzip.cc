#include "codec/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace tidemark::codec {

namespace {

// An inflate stream that is freed with its scope.
class Inflater {
 public:
  Inflater() {
    // 15: the largest window; 16: gzip framing only.
    TM_ASSERT(inflateInit2(&stream_, 15 + 16) == Z_OK);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }
  z_stream* operator->() { return &stream_; }
  z_stream* get() { return &stream_; }

 private:
  z_stream stream_{};
};

}  // namespace

Result<Bytes> Gunzip(BytesView compressed, size_t bytes_max) {
  if (compressed.size() > std::numeric_limits<uInt>::max()) {
    return Fail(ErrorKind::kRequestTooLarge, "gzip body of {} bytes", compressed.size());
  }
  Inflater inflater;
  inflater->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  inflater->avail_in = static_cast<uInt>(compressed.size());
  Bytes out;
  char chunk[16 * 1024];
  while (true) {
    inflater->next_out = reinterpret_cast<Bytef*>(chunk);
    inflater->avail_out = sizeof chunk;
    int code = inflate(inflater.get(), Z_NO_FLUSH);
    size_t produced = sizeof chunk - inflater->avail_out;
    if (produced > bytes_max - out.size()) {
      return Fail(ErrorKind::kRequestTooLarge, "gzip body expands to more than {} bytes",
                  bytes_max);
    }
    out.append(chunk, produced);
    if (code == Z_STREAM_END) {
      if (inflater->avail_in == 0) return out;
      inflateReset(inflater.get());  // another member follows
    } else if (code != Z_OK) {
      // Z_BUF_ERROR: the input ended early. Everything else: the bytes are not gzip.
      return Fail(ErrorKind::kSerialization, "gzip body is {}",
                  code == Z_BUF_ERROR ? "cut short" : "damaged");
    }
  }
}

}  // namespace tidemark::codec
