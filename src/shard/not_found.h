#pragma once
#include "base/result.h"

namespace tidemark::shard {

inline Error NotFound() {
  return MakeError(ErrorKind::kResourceNotFound, "Requested resource not found");
}

}  // namespace tidemark::shard
