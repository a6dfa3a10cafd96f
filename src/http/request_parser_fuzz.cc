// Arbitrary bytes in arbitrary pieces: whatever the cuts, the parser must come to one reading.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "http/request_parser.h"

namespace {

using tidemark::http::Limits;
using tidemark::http::Request;
using tidemark::http::RequestParser;

// The requests found in `input` as one text, fed in pieces of `step` bytes.
std::string Read(const std::string& input, size_t step) {
  Limits limits;
  limits.head_bytes = 1024;
  limits.body_bytes = 4096;
  RequestParser parser(limits);
  std::string buffer, seen;
  for (size_t at = 0;;) {
    size_t size = buffer.size();
    auto status = size == 0 ? RequestParser::Status::kNeedMore : parser.Parse(buffer.data(), size);
    TM_ASSERT(size <= buffer.size());
    buffer.resize(size);
    if (status == RequestParser::Status::kComplete) {
      Request request;
      parser.Fill(buffer.data(), request);
      seen += std::string(request.method) + "|" + std::string(request.target) + "|" +
              std::string(request.raw_body) + "\n";
      for (auto& header : request.headers)
        seen += std::string(header.name) + ":" + std::string(header.value) + "\n";
      TM_ASSERT(parser.consumed() <= buffer.size() && parser.consumed() > 0);
      buffer.erase(0, parser.consumed());
      parser.Reset();
      continue;
    }
    if (status == RequestParser::Status::kRefused)
      return seen + "refused " + std::to_string(parser.refusal());
    if (at >= input.size()) return seen;
    size_t bytes = std::min(step, input.size() - at);
    buffer.append(input, at, bytes);
    at += bytes;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string input(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string whole = Read(input, input.size() + 1);
  TM_ASSERT(whole == Read(input, 1));
  TM_ASSERT(whole == Read(input, size_t{1} + data[0] % 64));
  return 0;
}
