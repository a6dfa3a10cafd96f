#include "table/answer_item.h"

#include "item/item_codec.h"
#include "item/item_json.h"

namespace tidemark::table {

Result<void> AnswerItem::AppendJson(std::string* json) const {
  if (const Bytes* bytes = stored()) return item::AppendEncodedItemJson(*bytes, json);
  item::AppendJson(std::get<item::Item>(form_), json);
  return {};
}

Result<item::Item> AnswerItem::Decode() const {
  if (const Bytes* bytes = stored()) return item::DecodeItem(*bytes);
  return std::get<item::Item>(form_);
}

}  // namespace tidemark::table
