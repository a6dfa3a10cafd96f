#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace tidemark {

void AssertionFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "tidemark: assertion failed at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace tidemark
