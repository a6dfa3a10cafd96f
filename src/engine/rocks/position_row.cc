#include "engine/rocks/position_row.h"

#include "engine/rocks/little_endian.h"

namespace tidemark::engine {
namespace {
constexpr uint8_t kVersion = 1;
}  // namespace

Bytes EncodePositionRow(log::Position position, BytesView note) {
  Bytes row;
  AppendLittleEndian(row, kVersion);
  AppendLittleEndian(row, position.log_id);
  AppendLittleEndian(row, position.segment);
  AppendLittleEndian(row, position.offset);
  row += note;
  return row;
}

Result<PositionRow> DecodePositionRow(BytesView row) {
  PositionRow out;
  uint8_t version = 0;
  if (!TakeLittleEndian(row, version) || version != kVersion ||
      !TakeLittleEndian(row, out.position.log_id) || !TakeLittleEndian(row, out.position.segment) ||
      !TakeLittleEndian(row, out.position.offset)) {
    return Fail(ErrorKind::kCorruption, "the table's position row is malformed");
  }
  out.note = row;
  return out;
}

}  // namespace tidemark::engine
