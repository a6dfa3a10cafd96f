// Finds one request in a growing buffer; knows nothing of sockets.
//
// The head is handed to llhttp once it is complete, so that header fields are never cut by the
// edges of reads; the body is framed here. INVARIANT: between calls the parser holds offsets only,
// so the buffer may move.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "http/chunked.h"
#include "http/limits.h"
#include "http/request.h"

namespace tidemark::http {

class RequestParser {
 public:
  enum class Status { kNeedMore, kComplete, kRefused };

  explicit RequestParser(const Limits& limits) : limits_(limits) {}

  // Looks at the bytes received so far, from the request's first one. A chunked body is decoded in
  // place, which shortens `size`: that many bytes are valid afterwards.
  Status Parse(char* data, size_t& size);

  // After kRefused: the status to answer before closing (400, 413, 417).
  int refusal() const { return refusal_; }

  // After kComplete, with the same buffer: fills all but `body` (that is, raw_body is final, body
  // is not yet gzip-decoded) and the remote address. Views point into `data`.
  void Fill(const char* data, Request& request) const;
  // After kComplete: where the next request begins.
  size_t consumed() const { return consumed_; }

  // Once the head is there:
  bool head_complete() const { return stage_ != Stage::kHead; }
  bool keep_alive() const { return keep_alive_; }
  bool http10() const { return http10_; }
  // The client waits for "100 Continue" before it sends the body.
  bool expects_continue() const { return expects_continue_; }
  // How many more bytes are known to come; 0: unknown.
  size_t missing_bytes(size_t size) const;

  // Ready for the next request.
  void Reset();

 private:
  enum class Stage { kHead, kBody, kChunked, kComplete, kRefused };
  struct Span {
    uint32_t offset = 0;
    uint32_t size = 0;
  };
  struct Field {
    Span name;
    Span value;
  };
  struct Callbacks;

  Status Refuse(int status);
  // Advances to the blank line; nullopt: not there yet or refused (see stage_).
  bool FindHeadEnd(const char* data, size_t size);
  bool ParseHead(const char* data);
  bool ReadFraming(const char* data);
  std::string_view View(const char* data, Span span) const {
    return {data + span.offset, span.size};
  }

  const Limits limits_;
  Stage stage_ = Stage::kHead;
  int refusal_ = 0;

  size_t head_begin_ = 0;  // after blank lines that precede the request
  size_t line_begin_ = 0;  // the head's line that is not complete yet
  size_t scanned_ = 0;     // bytes of that line already searched for its end
  size_t head_end_ = 0;
  Span target_;
  Span method_;
  std::vector<Field> fields_;

  bool http10_ = false;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
  size_t content_length_ = 0;
  std::optional<ChunkedDecoder> chunked_;
  size_t chunked_read_ = 0;
  size_t body_end_ = 0;
  size_t consumed_ = 0;
};

}  // namespace tidemark::http
