#include "table/expiry.h"

#include <chrono>

#include "codec/varint.h"
#include "table/key_rules.h"

namespace tidemark::table {
namespace {

constexpr size_t kHeadBytes = 4;
constexpr char kExpiryVersion = '\1';  // a row's value
constexpr std::chrono::days kLeftAloneAfter{5 * 365};

// `hash`: where other rows have one these have 0.
Bytes Head(uint16_t hash = 0) {
  Bytes head;
  codec::AppendBig16(kExpiryIndex, &head);
  codec::AppendBig16(hash, &head);
  return head;
}

// Where rows begin that expire at `seconds` since 1970, or later.
Bytes RowsFrom(int64_t seconds) {
  Bytes row = Head();
  item::Number::FromInt(seconds).AppendOrdered(&row);
  return row;
}

int64_t WholeSeconds(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

Result<BytesView> WithoutHead(BytesView row) {
  if (row.size() < kHeadBytes)
    return Fail(ErrorKind::kCorruption, "expiry row of {} bytes", row.size());
  return row.substr(kHeadBytes);
}

}  // namespace

std::optional<Bytes> ExpiryRow(const catalog::TableRecord& table, const item::Item& item) {
  const auto* value = item.Find(table.ttl.attribute);
  const auto* number = value ? value->As<item::Number>() : nullptr;
  if (!number) return std::nullopt;
  Bytes row = Head();
  number->AppendOrdered(&row);
  row += PrimaryRow(table.keys, item);
  return row;
}

shard::RowImage MakeExpiryRow(Bytes key) { return {std::move(key), Bytes(1, kExpiryVersion)}; }

item::KeyRange AllExpiryRows() { return {.begin = Head(), .end = Head(1)}; }

item::KeyRange DueRows(Timestamp now) {
  return {.begin = RowsFrom(WholeSeconds(now - kLeftAloneAfter)),
          .end = RowsFrom(WholeSeconds(now) + 1)};
}

item::KeyRange LaterRows(Timestamp now) {
  return {.begin = RowsFrom(WholeSeconds(now) + 1), .end = Head(1)};
}

bool IsDue(const item::Number& expiry, Timestamp now) {
  return expiry <= item::Number::FromInt(WholeSeconds(now));
}

Result<item::Number> ExpiryOf(BytesView expiry_row) {
  TM_TRY(BytesView rest, WithoutHead(expiry_row));
  return item::Number::ReadOrdered(&rest);
}

Result<Bytes> PrimaryRowOf(BytesView expiry_row) {
  TM_TRY(BytesView rest, WithoutHead(expiry_row));
  TM_TRYV(item::Number::ReadOrdered(&rest));
  return Bytes(rest);
}

}  // namespace tidemark::table
