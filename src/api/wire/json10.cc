#include "api/wire/json10.h"

#include "base/random.h"
#include "codec/crc32.h"

namespace tidemark::api::wire {

namespace {

// SplitMix64: its state is one word, so every thread can have its own, seeded once from the kernel.
uint64_t NextRandom() {
  thread_local uint64_t state = TheSystemRandom().Next();
  uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

std::string NewRequestId() {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
  constexpr size_t kLength = 52;
  constexpr int kDigitsPerWord = 12;
  std::string id(kLength, '0');
  uint64_t word = 0;
  for (size_t i = 0; i < kLength; ++i, word >>= 5) {
    if (i % kDigitsPerWord == 0) word = NextRandom();
    id[i] = kDigits[word & 31];
  }
  return id;
}

http::Response Json10Response(int status, std::string body, std::string_view request_id) {
  return JsonResponse("application/x-amz-json-1.0", status, std::move(body), request_id);
}

http::Response JsonResponse(std::string_view type, int status, std::string body,
                            std::string_view request_id) {
  http::Response response;
  response.status = status;
  response.content_type = type;
  response.headers.reserve(2);
  response.headers.emplace_back("x-amzn-RequestId", request_id);
  response.headers.emplace_back("x-amz-crc32", std::to_string(codec::Crc32(body)));
  response.body = std::move(body);
  return response;
}

}  // namespace tidemark::api::wire
