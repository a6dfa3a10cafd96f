// A log position as a JSON object. Private to this module.
#pragma once
#include "catalog/json_fields.h"
#include "log/position.h"

namespace tidemark::catalog {

inline json::object PositionJson(const log::Position& position) {
  return {{"log_id", std::to_string(position.log_id)},
          {"segment", position.segment},
          {"offset", position.offset}};
}

inline log::Position ReadPosition(Fields fields) {
  return {fields.Unsigned("log_id"), static_cast<uint32_t>(fields.Int("segment")),
          static_cast<uint32_t>(fields.Int("offset"))};
}

}  // namespace tidemark::catalog
