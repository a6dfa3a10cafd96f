// Fixed-width little-endian integers of the engine's own files.
#pragma once
#include <concepts>
#include <cstring>

#include "base/bytes.h"

namespace tidemark::engine {

template <std::unsigned_integral T>
void PutLittleEndian(T value, char* out) {
  for (size_t i = 0; i < sizeof(T); ++i) out[i] = static_cast<char>(value >> (8 * i));
}

template <std::unsigned_integral T>
void AppendLittleEndian(Bytes& out, T value) {
  char bytes[sizeof(T)];
  PutLittleEndian(value, bytes);
  out.append(bytes, sizeof(T));
}

template <std::unsigned_integral T>
T GetLittleEndian(const char* bytes) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<T>(static_cast<T>(static_cast<uint8_t>(bytes[i])) << (8 * i));
  }
  return value;
}

// Takes an integer off the front; false when `in` is too short.
template <std::unsigned_integral T>
bool TakeLittleEndian(BytesView& in, T& value) {
  if (in.size() < sizeof(T)) return false;
  value = GetLittleEndian<T>(in.data());
  in.remove_prefix(sizeof(T));
  return true;
}

}  // namespace tidemark::engine
