#include "api/dynamodb/request_facts.h"

#include <algorithm>
#include <set>

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

  // Whatever attributes items have.
  void AddAllAttributes() { attributes_.insert(kUnknown.front()); }

  // The names in all of a request's expressions and older parameters. False: they do not parse.
  template <class Input>
  bool AddExpressions(const Input& input) {
    const expr::NameList* names = nullptr;
    if (input.expression_attribute_names) names = &*input.expression_attribute_names;
    const item::Map* values = nullptr;
    if constexpr (requires { input.expression_attribute_values; }) {
      if (input.expression_attribute_values) values = &*input.expression_attribute_values;
    }
    expr::Placeholders placeholders(names, values);
    bool parsed = true;
    if constexpr (requires { input.condition_expression; })
      parsed = parsed && AddCondition(input.condition_expression, placeholders);
    if constexpr (requires { input.filter_expression; })
      parsed = parsed && AddCondition(input.filter_expression, placeholders);
    if constexpr (requires { input.projection_expression; })
      parsed = parsed && AddProjection(input.projection_expression, placeholders);
    if constexpr (requires { input.update_expression; })
      parsed = parsed && AddUpdate(input.update_expression, placeholders);
    if constexpr (requires { input.key_condition_expression; })
      parsed = parsed && AddKeyCondition(input.key_condition_expression, placeholders);
    AddOlder(input);
    return parsed;
  }

  RequestFacts Take() {
    return {{leading_keys_.begin(), leading_keys_.end()}, {attributes_.begin(), attributes_.end()}};
  }

 private:
  using Text = std::optional<std::string>;

  void AddNames(const std::vector<std::string>& names) {
    attributes_.insert(names.begin(), names.end());
  }

  bool AddCondition(const Text& text, expr::Placeholders& placeholders) {
    if (!text) return true;
    const auto parsed = expr::Condition::Parse(*text, placeholders, "ConditionExpression");
    if (parsed) AddNames(parsed->names());
    return parsed.has_value();
  }

  bool AddProjection(const Text& text, expr::Placeholders& placeholders) {
    if (!text) return true;
    const auto parsed = expr::Projection::Parse(*text, placeholders);
    if (parsed) AddNames(parsed->names());
    return parsed.has_value();
  }

  bool AddUpdate(const Text& text, expr::Placeholders& placeholders) {
    if (!text) return true;
    const auto parsed = expr::Update::Parse(*text, placeholders);
    if (parsed) AddNames(parsed->all_names());
    return parsed.has_value();
  }

  bool AddKeyCondition(const Text& text, expr::Placeholders& placeholders) {
    if (!text) return true;
    if (!AddCondition(text, placeholders)) return false;  // it is the same language
    if (!keys_) return true;
    const auto parsed = expr::KeyCondition::Parse(*text, placeholders, *keys_);
    if (parsed) leading_keys_.insert(TextOf(parsed->partition));
    return parsed.has_value();
  }

  // Of parameters that are maps, the keys are names of attributes.
  template <class Map>
  void AddKeys(const std::optional<Map>& map) {
    if (!map) return;
    for (const auto& [name, value] : *map) attributes_.insert(name);
  }

  template <class Input>
  void AddOlder(const Input& input) {
    if constexpr (requires { input.attributes_to_get; }) {
      if (input.attributes_to_get) AddNames(*input.attributes_to_get);
    }
    if constexpr (requires { input.expected; }) AddKeys(input.expected);
    if constexpr (requires { input.attribute_updates; }) AddKeys(input.attribute_updates);
    if constexpr (requires { input.query_filter; }) AddKeys(input.query_filter);
    if constexpr (requires { input.scan_filter; }) AddKeys(input.scan_filter);
    if constexpr (requires { input.key_conditions; }) {
      AddKeys(input.key_conditions);
      if (!keys_ || !input.key_conditions) return;
      for (const auto& [name, condition] : *input.key_conditions) {
        if (name != keys_->partition.front().name || !condition.attribute_value_list) continue;
        for (const auto& value : *condition.attribute_value_list)
          leading_keys_.insert(TextOf(value));
      }
    }
  }

  const std::optional<expr::KeyShape> keys_;
  std::set<std::string> leading_keys_;
  std::set<std::string> attributes_;
};

// A shape with a key or an item, and expressions.
template <class Input>
bool Add(const Result<Input>& input, Collector* to) {
  if (!input) return false;
  if constexpr (requires { input->key; }) to->AddItem(input->key);
  if constexpr (requires { input->item; }) to->AddItem(input->item);
  if constexpr (requires { input->return_values_on_condition_check_failure; }) {
    if (input->return_values_on_condition_check_failure ==
        ReturnValuesOnConditionCheckFailure::kAllOld)
      to->AddAllAttributes();
  }
  return to->AddExpressions(*input);
}

bool AddBatchGet(const RequestPart& part, Collector* to) {
  const auto input = ParseBatchGetItem(part.body);
  if (!input) return false;
  for (const auto& [table, keys] : *input->request_items) {
    if (table != part.table) continue;
    for (const item::Item& key : *keys.keys) to->AddItem(key);
    if (!to->AddExpressions(keys)) return false;
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

// What our own operations look at are whole items, of partitions that the request names or of all.
bool AddPast(const std::vector<std::optional<item::Item>>& partitions, Collector* to) {
  for (const auto& partition : partitions) to->AddItem(partition);
  to->AddAllAttributes();
  return std::ranges::any_of(partitions, [](const auto& one) { return one.has_value(); });
}

bool AddRestoreItems(const RequestPart& part, Collector* to) {
  const auto input = ParseRestoreItems(part.body);
  if (!input) return false;
  std::vector<std::optional<item::Item>> partitions = {input->partition_key};
  if (input->keys) partitions.insert(partitions.end(), input->keys->begin(), input->keys->end());
  return AddPast(partitions, to);
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
  if (operation == "RestoreItems") return AddRestoreItems(part, to);
  if (operation == "GetItemHistory") {
    const auto input = ParseGetItemHistory(part.body);
    return input && AddPast({input->key}, to);
  }
  if (operation == "DiffTable") {
    const auto input = ParseDiffTable(part.body);
    return input && AddPast({input->partition_key}, to);
  }
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

bool IsUnknown(const policy::Values& facts) { return facts == kUnknown; }

}  // namespace tidemark::api::dynamodb
