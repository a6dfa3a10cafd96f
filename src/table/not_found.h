#pragma once
#include <string_view>

#include "base/result.h"

namespace tidemark::table {

// What operations on tables themselves answer; those on items leave out the name.
inline Unexpected TableNotFound(std::string_view name) {
  return Fail(ErrorKind::kResourceNotFound, "Requested resource not found: Table: {} not found",
              name);
}

}  // namespace tidemark::table
