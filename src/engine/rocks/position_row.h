// The row in which a table's files say how far they reach into the log. Its key lies below every
// key a caller may use, so scans that begin at kFirstRowKey never meet it.
#pragma once
#include "base/bytes.h"
#include "base/result.h"
#include "log/position.h"

namespace tidemark::engine {

inline constexpr BytesView kPositionKey{"\0", 1};

struct PositionRow {
  log::Position position;
  Bytes note;
};

// row := version(u8) log_id(u64) segment(u32) offset(u32) note
Bytes EncodePositionRow(log::Position position, BytesView note);
Result<PositionRow> DecodePositionRow(BytesView row);

}  // namespace tidemark::engine
