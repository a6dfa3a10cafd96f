// An item on its way into an answer: in its stored form wherever nothing had to change it, because
// the stored form prints without being decoded, else as a decoded item (projections, UPDATED_NEW
// ...). A value.
#pragma once
#include <string>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "item/attribute_value.h"

namespace tidemark::table {

class AnswerItem {
 public:
  explicit AnswerItem(Bytes stored) : form_(std::move(stored)) {}
  explicit AnswerItem(item::Item item) : form_(std::move(item)) {}

  // Appends the item as a DynamoDB JSON object. kCorruption for stored bytes that do not decode.
  Result<void> AppendJson(std::string* json) const;
  // The item itself; decodes a stored form. kCorruption.
  Result<item::Item> Decode() const;

  const Bytes* stored() const { return std::get_if<Bytes>(&form_); }  // null: decoded already

 private:
  std::variant<Bytes, item::Item> form_;
};

}  // namespace tidemark::table
