// What clients send back: iterators and sequence numbers. What parses must be what we would write.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "streams/iterator.h"
#include "streams/sequence.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tidemark::streams;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto iterator = ShardIterator::Parse(text)) {
    if (iterator->ToText() != text) std::abort();
  }
  if (const auto sequence = Sequence::Parse(text)) {
    if (Sequence::Parse(sequence->ToText()) != *sequence) std::abort();
  }
  return 0;
}
