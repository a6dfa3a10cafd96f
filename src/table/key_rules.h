// What the service demands of key attributes and of items, with its texts. Pure.
#pragma once
#include <cstdint>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "item/attribute_value.h"
#include "item/row_key.h"

namespace tidemark::table {

// The detail of a fault that the service tells of the whole request, also where it lies in one
// action of a transaction; others are why that action is refused.
struct RequestFault : ErrorDetail {};

template <class... Args>
Unexpected FailRequest(fmt::format_string<Args...> format, Args&&... args) {
  Error error = MakeError(ErrorKind::kValidation, format, std::forward<Args>(args)...);
  error.detail = std::make_shared<RequestFault>();
  return Fail(std::move(error));
}

// Of an item that is to be put: it has the key attributes, of the right types and sizes.
Result<void> CheckItemKey(const item::KeySchema& schema, const item::Item& item);

// The same of an item in a batch, where the service words it as for a Key parameter.
Result<void> CheckBatchItemKey(const item::KeySchema& schema, const item::Item& item);

// Of a Key parameter: exactly the key attributes.
Result<void> CheckKey(const item::KeySchema& schema, const item::Item& key);

// A key value of the right type: not empty (else a RequestFault), not too long.
Result<void> CheckKeyValue(const item::KeyAttribute& attribute, const item::AttributeValue& value,
                           bool is_partition);

// The size of an item that is put, or that an update has made: the texts differ.
Result<void> CheckPutSize(uint64_t size);
Result<void> CheckUpdatedSize(uint64_t size);

// Key of the item's primary row. The key attributes must have passed a check above.
Bytes PrimaryRow(const item::KeySchema& schema, const item::Item& item);

}  // namespace tidemark::table
