// Integers as bytes: unsigned LEB128 ("varint") and fixed widths in both byte orders.
//
// Append* adds to the end of `out`. Read* takes from the front of `in`; false when the bytes are
// missing or wrong, `in` and the value are then untouched. Varints must be minimal, so that every
// number has one encoding.
//
//   bytes = *( 0x80 | 7 low bits ) ( 7 high bits )      least significant group first, 1..10 bytes
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace tidemark::codec {

void AppendVarint(uint64_t value, Bytes* out);
[[nodiscard]] bool ReadVarint(BytesView* in, uint64_t* value);
[[nodiscard]] bool ReadVarint32(BytesView* in, uint32_t* value);  // false above 2^32 - 1 as well
size_t VarintSize(uint64_t value);                                // 1..10

// A byte string behind its length as a varint.
void AppendSized(BytesView bytes, Bytes* out);
[[nodiscard]] bool ReadSized(BytesView* in, BytesView* bytes);  // points into *in
// The next `size` bytes as they are.
[[nodiscard]] bool ReadBytes(BytesView* in, size_t size, BytesView* bytes);

namespace internal {

template <class T>
T ToOrder(T value, std::endian order) {
  if (order == std::endian::native) return value;
  if constexpr (sizeof(T) == 1) return value;
  if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
}

template <class T>
T Load(const char* from, std::endian order) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return ToOrder(value, order);
}

template <class T>
void Store(T value, char* to, std::endian order) {
  value = ToOrder(value, order);
  std::memcpy(to, &value, sizeof value);
}

template <class T>
void Append(T value, Bytes* out, std::endian order) {
  value = ToOrder(value, order);
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
bool Read(BytesView* in, T* value, std::endian order) {
  if (in->size() < sizeof(T)) return false;
  *value = Load<T>(in->data(), order);
  in->remove_prefix(sizeof(T));
  return true;
}

}  // namespace internal

inline void AppendU8(uint8_t value, Bytes* out) { out->push_back(static_cast<char>(value)); }
[[nodiscard]] inline bool ReadU8(BytesView* in, uint8_t* value) {
  return internal::Read(in, value, std::endian::native);
}

// Fixed widths: AppendLittle32(v, &out), ReadBig64(&in, &v), StoreLittle64(v, p), LoadBig16(p).
// Store and Load do no bounds check.
#define TM_FIXED_WIDTH(Name, Type, Order)                            \
  inline void Append##Name(Type value, Bytes* out) {                 \
    internal::Append<Type>(value, out, std::endian::Order);          \
  }                                                                  \
  [[nodiscard]] inline bool Read##Name(BytesView* in, Type* value) { \
    return internal::Read<Type>(in, value, std::endian::Order);      \
  }                                                                  \
  inline void Store##Name(Type value, char* to) {                    \
    internal::Store<Type>(value, to, std::endian::Order);            \
  }                                                                  \
  inline Type Load##Name(const char* from) {                         \
    return internal::Load<Type>(from, std::endian::Order);           \
  }
TM_FIXED_WIDTH(Little16, uint16_t, little)
TM_FIXED_WIDTH(Little32, uint32_t, little)
TM_FIXED_WIDTH(Little64, uint64_t, little)
TM_FIXED_WIDTH(Big16, uint16_t, big)
TM_FIXED_WIDTH(Big32, uint32_t, big)
TM_FIXED_WIDTH(Big64, uint64_t, big)
#undef TM_FIXED_WIDTH

}  // namespace tidemark::codec
