#include "engine/rocks/position_row.h"

#include "log/position_codec.h"

namespace tidemark::engine {
namespace {
constexpr uint8_t kPositionVersion = 1;
}  // namespace

Bytes EncodePositionRow(log::Position position, BytesView note) {
  Bytes row;
  codec::AppendU8(kPositionVersion, &row);
  log::AppendPosition(position, &row);
  row += note;
  return row;
}

Result<PositionRow> DecodePositionRow(BytesView row) {
  PositionRow out;
  uint8_t version = 0;
  if (!codec::ReadU8(&row, &version) || version != kPositionVersion ||
      !log::ReadPosition(&row, &out.position)) {
    return Fail(ErrorKind::kCorruption, "the table's position row is malformed");
  }
  out.note = row;
  return out;
}

}  // namespace tidemark::engine
