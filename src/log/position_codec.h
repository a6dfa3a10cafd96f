// A position as every stored format has it: log_id:u64le segment:u32le offset:u32le.
#pragma once
#include "codec/varint.h"
#include "log/position.h"

namespace tidemark::log {

inline void AppendPosition(const Position& position, Bytes* out) {
  codec::AppendLittle64(position.log_id, out);
  codec::AppendLittle32(position.segment, out);
  codec::AppendLittle32(position.offset, out);
}
inline bool ReadPosition(BytesView* in, Position* position) {
  return codec::ReadLittle64(in, &position->log_id) &&
         codec::ReadLittle32(in, &position->segment) && codec::ReadLittle32(in, &position->offset);
}

}  // namespace tidemark::log
