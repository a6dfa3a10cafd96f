#include "api/dynamodb/request_facts.h"

#include <set>

#include "api/dynamodb/item_parameters.h"
#include "api/dynamodb/shapes_gen.h"
#include "codec/base64.h"
#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/projection.h"
#include "expr/update.h"

namespace tidemark::api::dynamodb {

namespace {

// What no policy can name: so that a request whose facts nobody knows is not let through by a
// condition on "all of them".
const policy::Values kUnknown = {std::string(1, '\0')};

std::string TextOf(const item::AttributeValue& value) {
  if (const auto* text = value.As<std::string>()) return *text;
  if (const auto* number = value.As<item::Number>()) return number->ToString();
  if (const auto* binary = value.As<item::Binary>()) return codec::EncodeBase64(binary->bytes);
  return "";
}

class Collector {
 public:
  explicit Collector(std::optional<expr::KeyShape> keys) : keys_(keys) {}

  // A key or a whole item.
  void AddItem(const std::optional<item::Item>& item) {
    if (!item) return;
    for (const auto& [name, value] : *item) attributes_.insert(name);
    const auto* key = keys_ ? item->Find(keys_->partition.front().name) : nullptr;
    if (key) leading_keys_.insert(TextOf(*key));
  }

  // False: they do not parse.
  bool AddExpressions(const table::Expressions& e) {
    expr::Placeholders placeholders(&e.names, &e.values);
    const auto condition = [&](const std::optional<std::string>& text) {
      if (!text) return true;
      const auto parsed = expr::Condition::Parse(*text, placeholders, "ConditionExpression");
      if (parsed) attributes_.insert(parsed->names().begin(), parsed->names().end());
      return parsed.has_value();
    };
    if (!condition(e.condition) || !condition(e.filter) || !condition(e.key_condition))
      return false;
    if (e.projection) {
      const auto projection = expr::Projection::Parse(*e.projection, placeholders);
      if (!projection) return false;
      const auto names = projection->names();
      attributes_.insert(names.begin(), names.end());
    }
    if (e.update) {
      const auto update = expr::Update::Parse(*e.update, placeholders);
      if (!update) return false;
      const auto names = update->all_names();
      attributes_.insert(names.begin(), names.end());
    }
    if (e.key_condition && keys_) {
      const auto key = expr::KeyCondition::Parse(*e.key_condition, placeholders, *keys_);
      if (!key) return false;
      leading_keys_.insert(TextOf(key->partition));
    }
    return true;
  }

  RequestFacts Take() {
    return {{leading_keys_.begin(), leading_keys_.end()}, {attributes_.begin(), attributes_.end()}};
  }

 private:
  const std::optional<expr::KeyShape> keys_;
  std::set<std::string> leading_keys_;
  std::set<std::string> attributes_;
};

// A shape with a key or an item, and expressions.
template <class Input>
bool Add(Result<Input> input, Collector* to) {
  if (!input) return false;
  if constexpr (requires { input->key; }) to->AddItem(input->key);
  if constexpr (requires { input->item; }) to->AddItem(input->item);
  const auto expressions = TakeExpressions(*input);
  return expressions && to->AddExpressions(*expressions);
}

bool AddBatchGet(const RequestPart& part, Collector* to) {
  auto input = ParseBatchGetItem(part.body);
  if (!input) return false;
  for (auto& [table, keys] : *input->request_items) {
    if (table != part.table) continue;
    for (const item::Item& key : *keys.keys) to->AddItem(key);
    const auto expressions = TakeExpressions(keys);
    if (!expressions || !to->AddExpressions(*expressions)) return false;
  }
  return true;
}

bool AddBatchWrite(const RequestPart& part, Collector* to) {
  const auto input = ParseBatchWriteItem(part.body);
  if (!input) return false;
  for (const auto& [table, writes] : *input->request_items) {
    if (table != part.table) continue;
    for (const WriteRequest& write : writes) {
      if (write.put_request) to->AddItem(write.put_request->item);
      if (write.delete_request) to->AddItem(write.delete_request->key);
    }
  }
  return true;
}

bool Collect(std::string_view operation, const RequestPart& part, Collector* to) {
  if (operation == "GetItem") return Add(ParseGetItem(part.body), to);
  if (operation == "PutItem") return Add(ParsePutItem(part.body), to);
  if (operation == "UpdateItem") return Add(ParseUpdateItem(part.body), to);
  if (operation == "DeleteItem" || operation == "ConditionCheckItem")
    return Add(ParseDeleteItem(part.body), to);
  if (operation == "Query") return Add(ParseQuery(part.body), to);
  if (operation == "Scan") return Add(ParseScan(part.body), to);
  if (operation == "BatchGetItem") return AddBatchGet(part, to);
  if (operation == "BatchWriteItem") return AddBatchWrite(part, to);
  return false;
}

// Of the table, or of the index that is read. Nothing: there is none of that name.
std::optional<expr::KeyShape> KeysOf(const catalog::TableRecord* table, std::string_view index) {
  if (!table) return std::nullopt;
  if (!index.empty()) {
    const catalog::IndexRecord* found = table->FindIndex(index);
    if (!found) return std::nullopt;
    return expr::KeyShape{found->definition.partition, found->definition.sort};
  }
  expr::KeyShape keys{{&table->keys.partition, 1}, {}};
  if (table->keys.sort) keys.sort = {&*table->keys.sort, 1};
  return keys;
}

}  // namespace

RequestFacts FactsOf(std::string_view operation, const RequestPart& part,
                     const catalog::TableRecord* table) {
  const auto keys = KeysOf(table, part.index);
  Collector collector(keys);
  const bool complete = Collect(operation, part, &collector);
  RequestFacts facts = complete ? collector.Take() : RequestFacts{kUnknown, kUnknown};
  if (!keys) facts.leading_keys = kUnknown;
  return facts;
}

}  // namespace tidemark::api::dynamodb
