#include "faults/shape.h"

#include "base/assert.h"

namespace tidemark::faults {
namespace {

using Role = table::KeyElement::Role;

constexpr int kRowsOfPartition = 5;

item::AttributeValue PartitionOf(int row) {
  return item::AttributeValue("partition-" + std::to_string(row / kRowsOfPartition));
}
item::AttributeValue SortOf(int row) {
  return item::AttributeValue(item::Number::FromInt(row % kRowsOfPartition));
}

}  // namespace

table::CreateTableRequest ShapedTable(std::string name, bool stream) {
  table::CreateTableRequest request;
  request.table = std::move(name);
  request.attributes = {{"pk", item::Type::kString},
                        {"sk", item::Type::kNumber},
                        {"n", item::Type::kNumber},
                        {"kind", item::Type::kString},
                        {"colour", item::Type::kString}};
  request.key_schema = {{.name = "pk"}, {.name = "sk", .role = Role::kRange}};
  request.local_indexes.emplace().push_back(
      {.name = "local",
       .key_schema = {{.name = "pk"}, {.name = "n", .role = Role::kRange}},
       .projection = index::Projection::kKeysOnly});
  auto& global = request.global_indexes.emplace();
  global.push_back(
      {.name = "number", .key_schema = {{.name = "n"}}, .projection = index::Projection::kAll});
  global.push_back(
      {.name = "composite",
       .key_schema = {{.name = "kind"}, {.name = "colour"}, {.name = "n", .role = Role::kRange}},
       .projection = index::Projection::kInclude,
       .included = std::vector<std::string>{"text"}});
  request.billing = catalog::BillingMode::kPayPerRequest;
  if (stream) request.stream = table::StreamRequest{true, catalog::StreamView::kNewAndOldImages};
  return request;
}

Bytes KeyOfRow(int row) {
  const auto sort = SortOf(row);
  return item::RowKey(item::kPrimaryIndex, PartitionOf(row), &sort);
}

Bytes MakeValue(int row, int64_t number, std::mt19937_64& random) {
  const uint64_t size = random() % 50 == 0 ? random() % 20'000 : random() % 400;
  item::Item item;
  item.Set("pk", PartitionOf(row));
  item.Set("sk", SortOf(row));
  item.Set("n", item::AttributeValue(item::Number::FromInt(number)));
  if (random() % 3) item.Set("kind", item::AttributeValue(random() % 2 ? "odd" : "even"));
  if (random() % 3) item.Set("colour", item::AttributeValue(random() % 2 ? "red" : "blue"));
  item.Set("text", item::AttributeValue(std::string(size, static_cast<char>('a' + random() % 26))));
  return item::EncodeItem(item);
}

int64_t NumberIn(const std::optional<Bytes>& row) {
  if (!row) return 0;
  const auto item = item::DecodeItem(*row);
  TM_ASSERT(item.has_value());
  return std::stoll(item->Find("n")->As<item::Number>()->ToString());
}

}  // namespace tidemark::faults
