// Rows that lead from a time to the items that expire then, in the items' own table. Pure. Layout:
// docs/formats/row_key.md.
#pragma once
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "catalog/table_record.h"
#include "item/attribute_value.h"
#include "item/number.h"
#include "item/row_key.h"
#include "shard/change.h"

namespace tidemark::table {

constexpr uint16_t kExpiryIndex = 0xFFFF;  // of the rows; no secondary index gets this number

// Key of an item's expiry row; none: it never expires, for want of the attribute or because that is
// no number.
std::optional<Bytes> ExpiryRow(const catalog::TableRecord& table, const item::Item& item);
shard::RowImage MakeExpiryRow(Bytes key);

item::KeyRange AllExpiryRows();
// The expiry rows of what is due at `now`. Items that should have gone more than five years ago are
// left alone, as the service does.
item::KeyRange DueRows(Timestamp now);
// The rows of what is due later.
item::KeyRange LaterRows(Timestamp now);

bool IsDue(const item::Number& expiry, Timestamp now);

// Errors of both: kCorruption.
Result<item::Number> ExpiryOf(BytesView expiry_row);
Result<Bytes> PrimaryRowOf(BytesView expiry_row);

}  // namespace tidemark::table
