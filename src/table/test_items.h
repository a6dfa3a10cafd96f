// Short spellings of items for this module's tests.
#pragma once
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "item/attribute_value.h"
#include "item/item_codec.h"
#include "item/row_key.h"
#include "table/answer_item.h"

namespace tidemark::table {

inline item::AttributeValue S(std::string text) { return item::AttributeValue(std::move(text)); }
inline item::AttributeValue N(int64_t number) {
  return item::AttributeValue(item::Number::FromInt(number));
}
inline item::Item Make(std::vector<item::Map::Entry> entries) {
  return item::Map::FromEntries(std::move(entries));
}
inline std::string Json(const AnswerItem& item) {
  std::string json;
  EXPECT_TRUE(item.AppendJson(&json));
  return json;
}
inline const item::KeySchema kHashOnly{{"pk", item::Type::kString}, std::nullopt};
inline const item::KeySchema kHashAndRange{{"pk", item::Type::kString},
                                           item::KeyAttribute{"sk", item::Type::kNumber}};

}  // namespace tidemark::table
