#include "codec/varint.h"

#include <algorithm>
#include <limits>

namespace tidemark::codec {

namespace {

constexpr size_t kVarintBytesMax = 10;

}  // namespace

void AppendVarint(uint64_t value, Bytes* out) {
  if (value < 0x80) {  // most are
    out->push_back(static_cast<char>(value));
    return;
  }
  char bytes[kVarintBytesMax];
  size_t size = 0;
  while (value >= 0x80) {
    bytes[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[size++] = static_cast<char>(value);
  out->append(bytes, size);
}

bool ReadVarint(BytesView* in, uint64_t* value) {
  if (!in->empty() && static_cast<uint8_t>(in->front()) < 0x80) {  // most are
    *value = static_cast<uint8_t>(in->front());
    in->remove_prefix(1);
    return true;
  }
  size_t size_max = std::min(in->size(), kVarintBytesMax);
  uint64_t result = 0;
  for (size_t i = 0; i < size_max; ++i) {
    auto byte = static_cast<uint8_t>((*in)[i]);
    result |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte & 0x80) continue;
    if (byte == 0 && i > 0) return false;                    // not minimal
    if (i == kVarintBytesMax - 1 && byte > 1) return false;  // above 64 bits
    in->remove_prefix(i + 1);
    *value = result;
    return true;
  }
  return false;
}

bool ReadVarint32(BytesView* in, uint32_t* value) {
  BytesView rest = *in;
  uint64_t wide;
  if (!ReadVarint(&rest, &wide) || wide > std::numeric_limits<uint32_t>::max()) return false;
  *in = rest;
  *value = static_cast<uint32_t>(wide);
  return true;
}

size_t VarintSize(uint64_t value) { return static_cast<size_t>(std::bit_width(value | 1) + 6) / 7; }

void AppendSized(BytesView bytes, Bytes* out) {
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

bool ReadSized(BytesView* in, BytesView* bytes) {
  BytesView rest = *in;
  uint64_t size;
  if (!ReadVarint(&rest, &size) || size > rest.size()) return false;
  *bytes = BytesView(rest.data(), size);
  // WHY not a copy of `rest`: it was just written in two parts, which a processor waits for when it
  // reads them as one.
  *in = BytesView(rest.data() + size, rest.size() - size);
  return true;
}

bool ReadBytes(BytesView* in, size_t size, BytesView* bytes) {
  if (size > in->size()) return false;
  *bytes = in->substr(0, size);
  in->remove_prefix(size);
  return true;
}

}  // namespace tidemark::codec
