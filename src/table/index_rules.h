// What the service demands of attributes that are keys of secondary indexes, with its texts. Pure.
#pragma once
#include "base/result.h"
#include "catalog/table_record.h"
#include "item/attribute_value.h"

namespace tidemark::table {

// Of an item that is put. Attributes that are not there are no fault: the item is not in the index.
Result<void> CheckIndexKeys(const catalog::TableRecord& table, const item::Item& item);

// Of the item an update has made; what it did not change is not looked at, since it may be older
// than the index. `before`: null where there was no item.
Result<void> CheckUpdatedIndexKeys(const catalog::TableRecord& table, const item::Item* before,
                                   const item::Item& after);

}  // namespace tidemark::table
