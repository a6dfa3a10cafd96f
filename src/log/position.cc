#include "log/position.h"

#include <fmt/core.h>

namespace tidemark::log {

std::string Position::ToString() const {
  return fmt::format("log {}, segment {}, offset {}", log_id, segment, offset);
}

}  // namespace tidemark::log
