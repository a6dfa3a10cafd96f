// Steps of a benchmark that must not fail.
#pragma once
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace tidemark {

// Ends the program if a step fails.
template <class T>
T Must(Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>) {
      return;
    } else {
      return *std::move(result);
    }
  }
  fmt::print(stderr, "{}\n", result.error().message);
  std::exit(1);
}

}  // namespace tidemark
