#include "item/row_key.h"

#include <xxhash.h>

#include "base/assert.h"
#include "codec/varint.h"

namespace tidemark::item {
namespace {

constexpr char kEscapedZero = '\xFF';  // after 0x00: a zero byte of the value
constexpr char kTerminator = '\x01';   // after 0x00: the end; sorts before any longer value

// The bytes of an S or B, nullptr of anything else.
const Bytes* StringBytes(const AttributeValue& value) {
  if (const auto* text = value.As<std::string>()) return text;
  if (const auto* binary = value.As<Binary>()) return &binary->bytes;
  return nullptr;
}

void AppendEscaped(BytesView bytes, Bytes* out) {
  for (;;) {
    const size_t zero = bytes.find('\0');
    out->append(bytes.substr(0, zero));
    if (zero == BytesView::npos) return;
    out->push_back('\0');
    out->push_back(kEscapedZero);
    bytes.remove_prefix(zero + 1);
  }
}

Result<Bytes> ReadEscaped(BytesView* in) {
  const auto corrupt = [] { return Fail(ErrorKind::kCorruption, "row key: broken string"); };
  Bytes bytes;
  for (BytesView rest = *in;;) {
    const size_t zero = rest.find('\0');
    if (zero == BytesView::npos || zero + 1 >= rest.size()) return corrupt();
    bytes.append(rest.substr(0, zero));
    const char mark = rest[zero + 1];
    rest.remove_prefix(zero + 2);
    if (mark == kTerminator) {
      *in = rest;
      return bytes;
    }
    if (mark != kEscapedZero) return corrupt();
    bytes.push_back('\0');
  }
}

Result<AttributeValue> ReadOrdered(Type type, BytesView* in) {
  if (type == Type::kNumber) {
    TM_TRY(const Number number, Number::ReadOrdered(in));
    return AttributeValue(number);
  }
  TM_TRY(Bytes bytes, ReadEscaped(in));
  if (type == Type::kBinary) return AttributeValue(Binary{std::move(bytes)});
  return AttributeValue(std::move(bytes));
}

void AppendHead(uint16_t index, uint16_t hash, Bytes* out) {
  codec::AppendBig16(index, out);
  codec::AppendBig16(hash, out);
}

}  // namespace

void AppendOrdered(const AttributeValue& value, Bytes* out) {
  if (const auto* number = value.As<Number>()) return number->AppendOrdered(out);
  const Bytes* bytes = StringBytes(value);
  TM_ASSERT(bytes != nullptr);
  AppendEscaped(*bytes, out);
  out->push_back('\0');
  out->push_back(kTerminator);
}

void AppendOrderedPrefix(const AttributeValue& value, Bytes* out) {
  const Bytes* bytes = StringBytes(value);
  TM_ASSERT(bytes != nullptr);
  AppendEscaped(*bytes, out);
}

Bytes PartitionPrefix(uint16_t index, const AttributeValue& partition) {
  const AttributeValue* const values[] = {&partition};
  return PartitionPrefix(index, values);
}

Bytes PartitionPrefix(uint16_t index, std::span<const AttributeValue* const> partition) {
  Bytes key;
  size_t size = 24;
  for (const AttributeValue* value : partition) {
    const Bytes* bytes = StringBytes(*value);
    size += bytes != nullptr ? bytes->size() + 2 : 24;
  }
  key.reserve(size);
  AppendHead(index, 0, &key);
  for (const AttributeValue* value : partition) AppendOrdered(*value, &key);
  const uint64_t hash = XXH3_64bits(key.data() + 4, key.size() - 4);
  codec::StoreBig16(static_cast<uint16_t>(hash >> 48), key.data() + 2);
  return key;
}

Bytes RowKey(uint16_t index, const AttributeValue& partition, const AttributeValue* sort) {
  Bytes key = PartitionPrefix(index, partition);
  if (sort != nullptr) AppendOrdered(*sort, &key);
  return key;
}

Bytes PrefixEnd(BytesView prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.remove_suffix(1);
  Bytes end(prefix);
  if (!end.empty()) ++end.back();
  return end;
}

KeyRange SegmentRange(uint16_t index, uint32_t segment, uint32_t segments) {
  TM_ASSERT(segment < segments);
  // With more segments than hashes some get an empty range; none overlap and none are missed.
  const auto bound = [&](uint64_t number) {
    Bytes key;
    const uint64_t hash = number * 0x10000 / segments;
    if (hash < 0x10000) {
      AppendHead(index, static_cast<uint16_t>(hash), &key);
      return key;
    }
    codec::AppendBig16(index, &key);
    return PrefixEnd(key);
  };
  return {.begin = bound(segment), .end = bound(uint64_t{segment} + 1)};
}

KeyRange IndexRange(uint16_t first, uint16_t last) {
  KeyRange range;
  codec::AppendBig16(first, &range.begin);
  codec::AppendBig16(last, &range.end);
  range.end = PrefixEnd(range.end);
  return range;
}

uint16_t IndexOf(BytesView row_key) {
  return row_key.size() < 2 ? kOwnIndex : codec::LoadBig16(row_key.data());
}

Result<Item> KeyFromRow(const KeySchema& schema, BytesView row_key) {
  if (!schema.sort) return KeyFromRow({&schema.partition, 1}, row_key);
  const KeyAttribute attributes[] = {schema.partition, *schema.sort};
  return KeyFromRow(attributes, row_key);
}

Result<Item> KeyFromRow(std::span<const KeyAttribute> attributes, BytesView row_key) {
  if (row_key.size() < 4)
    return Fail(ErrorKind::kCorruption, "row key of {} bytes", row_key.size());
  row_key.remove_prefix(4);
  Item key;
  for (const KeyAttribute& attribute : attributes) {
    TM_TRY(AttributeValue value, ReadOrdered(attribute.type, &row_key));
    key.Set(attribute.name, std::move(value));
  }
  if (!row_key.empty()) {
    return Fail(ErrorKind::kCorruption, "row key: {} bytes too many", row_key.size());
  }
  return key;
}

}  // namespace tidemark::item
