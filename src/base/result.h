// Result<T>: a value or an Error. tl::expected, because GCC 12 hides std::expected under C++20 and
// Clang 14 rejects it; the interface is the same later.
#pragma once
#include <tl/expected.hpp>

#include "base/error.h"

namespace tidemark {

template <class T = void>
using Result = tl::expected<T, Error>;

using Unexpected = tl::unexpected<Error>;

inline Unexpected Fail(Error error) { return Unexpected(std::move(error)); }

template <class... Args>
Unexpected Fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return Unexpected(MakeError(kind, format, std::forward<Args>(args)...));
}

}  // namespace tidemark

#define TM_CONCAT_INNER(a, b) a##b
#define TM_CONCAT(a, b) TM_CONCAT_INNER(a, b)

// TM_TRY(auto x, Load(id));   declares x from the value, or returns the error.
#define TM_TRY(declaration, ...) \
  TM_TRY_INNER(TM_CONCAT(tm_result_, __LINE__), return, declaration, __VA_ARGS__)
// TM_TRYV(Flush());           the same for Result<void>.
#define TM_TRYV(...) TM_TRYV_INNER(TM_CONCAT(tm_result_, __LINE__), return, __VA_ARGS__)
// The same inside coroutines.
#define TM_CO_TRY(declaration, ...) \
  TM_TRY_INNER(TM_CONCAT(tm_result_, __LINE__), co_return, declaration, __VA_ARGS__)
#define TM_CO_TRYV(...) TM_TRYV_INNER(TM_CONCAT(tm_result_, __LINE__), co_return, __VA_ARGS__)

#define TM_TRY_INNER(result, leave, declaration, ...)                   \
  auto result = __VA_ARGS__;                                            \
  if (!result) leave ::tidemark::Unexpected(std::move(result).error()); \
  declaration = std::move(*result)
#define TM_TRYV_INNER(result, leave, ...)                                 \
  do {                                                                    \
    auto result = __VA_ARGS__;                                            \
    if (!result) leave ::tidemark::Unexpected(std::move(result).error()); \
  } while (false)
