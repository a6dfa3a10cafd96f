#include "oracle/protocol.h"

#include "item/item_codec.h"
#include "item/row_key.h"

namespace tidemark::oracle {
namespace {

std::string KeyName(uint32_t key) { return "key-" + std::to_string(key); }

}  // namespace

std::string TableName(int table) {
  return table == kPassing ? "Passing" : "Ledger-" + std::to_string(table);
}

item::Item MakeItem(uint32_t key, uint64_t seed) {
  item::Item item;
  item.Set("pk", item::AttributeValue(KeyName(key)));
  item.Set("seed", item::AttributeValue(std::to_string(seed)));
  item.Set("n", item::AttributeValue(item::Number::FromInt(static_cast<int64_t>(seed % 1000))));
  if (seed % 2) item.Set("kind", item::AttributeValue(seed % 4 == 1 ? "one" : "three"));
  item.Set("text", item::AttributeValue(std::string(seed % 120, 'x')));
  return item;
}

Bytes RowKeyOf(uint32_t key) {
  return item::RowKey(item::kPrimaryIndex, item::AttributeValue(KeyName(key)), nullptr);
}

std::optional<uint64_t> SeedOf(BytesView row) {
  const auto item = item::DecodeItem(row);
  if (!item) return std::nullopt;
  const auto* seed = item->Find("seed");
  if (seed == nullptr) return std::nullopt;
  return std::stoull(seed->As<std::string>()->c_str());
}

}  // namespace tidemark::oracle
