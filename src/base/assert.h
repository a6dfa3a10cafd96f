// TM_ASSERT(condition): a bug of ours, never user input or bytes from disk. Stays on in release.
#pragma once

namespace tidemark {
[[noreturn]] void AssertionFailed(const char* condition, const char* file, int line);
}  // namespace tidemark

#define TM_ASSERT(condition) \
  ((condition) ? (void)0 : ::tidemark::AssertionFailed(#condition, __FILE__, __LINE__))
