// Fixed-width integers in the log's files: little endian, no padding.
#pragma once
#include <bit>
#include <cstring>
#include <type_traits>

namespace tidemark::log {

static_assert(std::endian::native == std::endian::little, "the log's files are little endian");

template <class T>
void StoreAt(char* base, size_t offset, std::type_identity_t<T> value) {
  std::memcpy(base + offset, &value, sizeof(T));
}

template <class T>
T LoadAt(const char* base, size_t offset) {
  T value;
  std::memcpy(&value, base + offset, sizeof(T));
  return value;
}

}  // namespace tidemark::log
