// Must crash: tools/run_fuzzers.py fails unless this fuzzer finds its bug, so that a harness that
// runs nothing, sees no coverage or overlooks crashes is noticed. The bug wants one byte after
// another, which blind guessing would not find and coverage does at once.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size >= 4 && data[0] == 'T' && data[1] == 'i' && data[2] == 'd' && data[3] == 'e')
    std::abort();
  return 0;
}
