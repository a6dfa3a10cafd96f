#include "engine/rocks/position_row.h"

#include "codec/varint.h"

namespace tidemark::engine {
namespace {
constexpr uint8_t kPositionVersion = 1;
}  // namespace

Bytes EncodePositionRow(log::Position position, BytesView note) {
  Bytes row;
  codec::AppendU8(kPositionVersion, &row);
  codec::AppendLittle64(position.log_id, &row);
  codec::AppendLittle32(position.segment, &row);
  codec::AppendLittle32(position.offset, &row);
  row += note;
  return row;
}

Result<PositionRow> DecodePositionRow(BytesView row) {
  PositionRow out;
  uint8_t version = 0;
  if (!codec::ReadU8(&row, &version) || version != kPositionVersion ||
      !codec::ReadLittle64(&row, &out.position.log_id) ||
      !codec::ReadLittle32(&row, &out.position.segment) ||
      !codec::ReadLittle32(&row, &out.position.offset)) {
    return Fail(ErrorKind::kCorruption, "the table's position row is malformed");
  }
  out.note = row;
  return out;
}

}  // namespace tidemark::engine
