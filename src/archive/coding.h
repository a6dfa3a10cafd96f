// What the formats of this module share. Private to it.
#pragma once
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "codec/varint.h"
#include "log/position_codec.h"

namespace tidemark::archive {

inline Unexpected Damaged(std::string_view what) {
  return Fail(ErrorKind::kCorruption, "{} does not decode", what);
}

// A number of things that take at least one byte each.
inline bool ReadCount(BytesView* in, uint64_t* count) {
  return codec::ReadVarint(in, count) && *count <= in->size();
}

inline void AppendTime(Timestamp time, Bytes* out) {
  codec::AppendLittle64(static_cast<uint64_t>(ToMicros(time)), out);
}
inline bool ReadTime(BytesView* in, Timestamp* time) {
  uint64_t micros = 0;
  if (!codec::ReadLittle64(in, &micros)) return false;
  *time = FromMicros(static_cast<int64_t>(micros));
  return true;
}

}  // namespace tidemark::archive
