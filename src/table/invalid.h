// The service's most frequent beginning of a text.
#pragma once
#include <fmt/format.h>

#include "base/result.h"

namespace tidemark::table {

// kValidation: "One or more parameter values were invalid: ...".
template <class... Args>
Unexpected Invalid(fmt::format_string<Args...> format, Args&&... args) {
  return Fail(ErrorKind::kValidation, "One or more parameter values were invalid: {}",
              fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace tidemark::table
