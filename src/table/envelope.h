// The service's newer layer of checks, which writes to single items pass, reports its one fault the
// way the service model's constraints are reported. What is found out later (the table's keys, the
// stored item) stands bare.
#pragma once
#include <utility>

#include "base/result.h"

namespace tidemark::table {

template <class T>
Result<T> InEnvelope(Result<T> result) {
  if (!result && result.error().kind == ErrorKind::kValidation) {
    result.error().message = "1 validation error detected: " + result.error().message;
  }
  return result;
}

}  // namespace tidemark::table
